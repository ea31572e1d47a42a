import { writeFile } from 'node:fs/promises'
import type { NumberHolder } from '../src/verifications/matching.ts'

/** Three number holders, the last one deceased, and what a Numident file holds of them beside what is matched. */
export const specimens: NumberHolder[] = [
  {
    ssn: '987654320',
    firstName: 'Avery',
    lastName: 'Sample',
    dateOfBirth: '04121975',
    sex: 'F',
    deceased: false,
  },
  {
    ssn: '987654321',
    firstName: 'Marlow',
    lastName: 'De La Exemplar',
    dateOfBirth: '11301988',
    sex: 'U',
    deceased: false,
  },
  {
    ssn: '987654322',
    firstName: 'Jordan',
    lastName: 'Specimen',
    dateOfBirth: '07041931',
    sex: 'M',
    deceased: true,
  },
]

/** The specimens and as many more, each with a name of their own, as make up `count`. */
export function numberHolders(count: number): NumberHolder[] {
  const letter = (place: number) => String.fromCharCode(65 + (place % 26))
  const more = Array.from({ length: Math.max(0, count - specimens.length) }, (_, index) => ({
    ...(specimens[0] as NumberHolder),
    ssn: String(900_010_001 + index),
    lastName: `${letter(index)}${letter(index / 26)}${letter(index / 676)} Holder`,
  }))
  return [...specimens, ...more].slice(0, count)
}

/** Writes a file as the generator does: one JSON object a line, with fields that this service does not need. */
export async function writeNumident(path: string, holders: readonly NumberHolder[]): Promise<void> {
  const lines = holders.map((holder) => JSON.stringify({ ...holder, middleName: '', suffix: '' }))
  await writeFile(path, `${lines.join('\n')}\n`)
}
