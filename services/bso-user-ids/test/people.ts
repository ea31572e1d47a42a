import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssociationRequest } from '@gatehouse/contracts/bso-user-ids'
import type { PersonasFile } from '@gatehouse/contracts/personas'

/** The companies and personas of these tests. */
export const file: PersonasFile = {
  companies: [
    {
      ein: '960001012',
      name: 'Example Payroll Company',
      address: { street: '1 Payroll Plaza', city: 'Baltimore', state: 'MD', zipCode: '21201' },
    },
    {
      ein: '960002037',
      name: 'Example Mortgage Company',
      address: { street: '1 Payroll Plaza', city: 'Baltimore', state: 'MD', zipCode: '21201' },
    },
  ],
  personas: [
    persona('maria', 'Maria', 'Example', '1984-03-12', '987654325', [
      { bsoUserId: 'MARIA7K2', ein: '960001012', services: ['CBSV'] },
    ]),
    persona('james', 'James', 'Sample', '1975-11-30', '987654326', [
      { bsoUserId: 'JAMES8W3', ein: '960002037', services: [] },
      { bsoUserId: 'JAMES4Q9', ein: '960001012', services: ['SSNVS', 'CBSV'] },
    ]),
    persona('nadia', 'Nadia', 'Specimen', '1991-07-04', '987654327', []),
  ],
}

function persona(
  id: string,
  firstName: string,
  lastName: string,
  dateOfBirth: string,
  ssn: string,
  userIds: PersonasFile['personas'][number]['userIds'],
): PersonasFile['personas'][number] {
  return {
    id,
    about: 'a person of these tests',
    firstName,
    lastName,
    email: `${id}@example.com`,
    phoneNumber: '+12025550142',
    dateOfBirth,
    ssn,
    address: { street: '100 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
    proofing: 'proofed',
    userIds,
    password: 'a password of these tests',
  }
}

/** What a provider says of a persona. */
export function personOf(id: 'maria' | 'james' | 'nadia'): AssociationRequest['person'] & { ssn: string } {
  const found = file.personas.find((persona) => persona.id === id)
  if (!found) throw new Error(`there is no persona ${id}`)
  const { ssn = '', firstName, lastName, dateOfBirth } = found
  return { ssn, firstName, lastName, dateOfBirth }
}

/** Writes `content` where PERSONAS_FILE can point to; remove the directory when done. */
export function personasFile(content: string = JSON.stringify(file)): { directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bso-user-ids-'))
  const path = join(directory, 'personas.json')
  writeFileSync(path, content)
  return { directory, path }
}
