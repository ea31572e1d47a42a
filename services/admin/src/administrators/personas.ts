import { readFile } from 'node:fs/promises'
import { PersonasFile } from '@gatehouse/contracts/personas'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { Value } from 'typebox/value'
import type { Administrators } from './administrators.ts'

/**
 * Makes administrators of the people of the test profile who are said to be, once: who was removed stays removed over
 * a restart.
 *
 * @param path the file that `PERSONAS_FILE` names
 * @throws ConfigurationError that quotes nothing: the file holds SSNs and passwords
 */
export async function addPersonas(path: string, administrators: Administrators): Promise<void> {
  let file: unknown
  try {
    file = JSON.parse(await readFile(path, 'utf8'))
  } catch {
    throw new ConfigurationError('PERSONAS_FILE cannot be read as JSON')
  }
  if (!Value.Check(PersonasFile, file)) throw new ConfigurationError('PERSONAS_FILE is not a persona file')
  for (const { id, email, firstName, lastName, administrator } of file.personas) {
    if (!administrator) continue
    const standing = { roles: administrator.roles, name: `${firstName} ${lastName}` }
    await administrators.addOnce(`persona-${id}`, email, standing)
  }
}
