import { readFileSync } from 'node:fs'
import { PersonasFile } from '@gatehouse/contracts/personas'
import { Value } from 'typebox/value'

/**
 * Reads the companies and personas of the test profile.
 *
 * @throws Error that names every field that breaks its rule, never a value
 */
export function readPersonas(path: string): PersonasFile {
  let file: unknown
  try {
    file = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    // A parser's message quotes the file, which holds SSNs and passwords.
    if (error instanceof SyntaxError) throw new Error('PERSONAS_FILE does not hold JSON')
    throw error
  }
  if (Value.Check(PersonasFile, file)) return file
  const fields = Value.Errors(PersonasFile, file).map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  )
  throw new Error(`PERSONAS_FILE cannot be used: ${fields.join('; ')}`)
}
