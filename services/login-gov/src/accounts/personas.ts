// The made-up people of the test profile get their accounts here.

import { readFile } from 'node:fs/promises'
import { now } from '@gatehouse/clock/clock'
import { PersonasFile } from '@gatehouse/contracts/personas'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { Value } from 'typebox/value'
import type { Accounts } from './accounts.ts'
import type { Profile } from './store.ts'

type Persona = PersonasFile['personas'][number]

/**
 * Gives each persona of the file an account, unless they have one.
 *
 * @param path the file that `PERSONAS_FILE` names
 * @throws ConfigurationError when it cannot be read or does not fit its schema; the message names fields, never values
 */
export async function seedPersonas(path: string, accounts: Accounts): Promise<void> {
  const { personas } = await read(path)
  // At once: hashing runs on several threads.
  await Promise.all(personas.map((persona) => accounts.add(accountOf(persona), persona.password)))
}

function accountOf(persona: Persona) {
  const { email, phoneNumber } = persona
  return { email, phoneNumber, ...(persona.proofed ? { profile: profileOf(persona) } : {}) }
}

function profileOf({ address, ...persona }: Persona): Profile {
  return {
    givenName: persona.firstName,
    familyName: persona.lastName,
    birthdate: persona.dateOfBirth,
    socialSecurityNumber: persona.ssn,
    phoneNumber: persona.phoneNumber,
    address: {
      street: address.street,
      locality: address.city,
      region: address.state,
      postalCode: address.zipCode,
    },
    faceMatched: false,
    verifiedAt: now(),
  }
}

async function read(path: string): Promise<PersonasFile> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new ConfigurationError('PERSONAS_FILE cannot be read')
  })
  const content = json(text)
  if (Value.Check(PersonasFile, content)) return content
  const problems = Value.Errors(PersonasFile, content).map(
    ({ instancePath, message }) => `${instancePath || 'it'} ${message}`,
  )
  throw new ConfigurationError(`PERSONAS_FILE is not usable: ${problems.join('; ')}`)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    return undefined
  }
}
