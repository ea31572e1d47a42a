import { readFileSync } from 'node:fs'
import { PersonasFile } from '@gatehouse/contracts/personas'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { Value } from 'typebox/value'

export interface Personas {
  all: PersonasFile['personas']
  companies: PersonasFile['companies']
  /** The names of those whose phone has this number (E.164). */
  namesAt(number: string): string[]
}

/**
 * Reads the persona file; without one there are no personas.
 *
 * @throws ConfigurationError when the file cannot be used
 */
export function readPersonas(path: string | undefined): Personas {
  const { personas, companies } = path ? read(path) : { personas: [], companies: [] }
  return {
    all: personas,
    companies,
    namesAt: (number) =>
      personas
        .filter(({ phoneNumber }) => phoneNumber === number)
        .map(({ firstName, lastName }) => `${firstName} ${lastName}`),
  }
}

function read(path: string): PersonasFile {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new ConfigurationError('PERSONAS_FILE cannot be read as JSON')
  }
  if (!Value.Check(PersonasFile, content)) throw new ConfigurationError('PERSONAS_FILE is not a persona file')
  return content
}
