// The made-up people of the test profile get their accounts here.

import { readFile } from 'node:fs/promises'
import { now } from '@gatehouse/clock/clock'
import { PersonasFile } from '@gatehouse/contracts/personas'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { Value } from 'typebox/value'
import type { Authenticators } from '../authenticators/authenticators.ts'
import type { Evidence, NewAccount } from './account.ts'
import type { Accounts } from './accounts.ts'

export type Persona = PersonasFile['personas'][number]
type Provider = NonNullable<Persona['providers']>[number]

/**
 * Gives each persona of the file that has one at this provider an account with a phone, unless they have it already.
 *
 * @param provider as personas name it
 * @param path the file that `PERSONAS_FILE` names
 * @returns the ids of their accounts
 * @throws ConfigurationError when it cannot be read or does not fit its schema; the message names fields, never values
 */
export async function seedPersonas(
  path: string,
  provider: Provider,
  { accounts, authenticators }: { accounts: Accounts; authenticators: Authenticators },
): Promise<string[]> {
  const { personas } = await readPersonas(path)
  const here = personas.filter(({ providers }) => providers?.includes(provider) ?? true)
  // At once: hashing runs on several threads.
  const ids = await Promise.all(
    here.map(async (persona) => {
      const added = await accounts.add(accountOf(persona), persona.password)
      const accountId = added ?? (await accounts.findByEmail(persona.email))?.id
      // An account without any is one whose making was cut short.
      if (!accountId || (await authenticators.of(accountId)).length > 0) return accountId
      const details = { number: persona.phoneNumber, prefers: 'text' as const }
      await authenticators.add({ accountId, kind: 'phone', name: 'Phone', details }, 1)
      return accountId
    }),
  )
  return ids.filter((id) => id !== undefined)
}

function accountOf(persona: Persona): NewAccount {
  const { email, proofing, affiliations = [] } = persona
  const identity = identityOf(persona)
  const isProofed = proofing === 'proofed' || proofing === 'face-matched'
  return {
    email,
    affiliations,
    rulesAcceptedAt: now(),
    evidence: { identity, outcome: proofing === 'fails' ? 'fails' : 'passes' },
    profile: isProofed
      ? { ...identity, faceMatched: proofing === 'face-matched', verifiedAt: now() }
      : undefined,
  }
}

/** What the documents of a persona say. */
export function identityOf({ address, ssn, ...persona }: Persona): Evidence['identity'] {
  return {
    givenName: persona.firstName,
    familyName: persona.lastName,
    birthdate: persona.dateOfBirth,
    ...(ssn ? { socialSecurityNumber: ssn } : {}),
    phoneNumber: persona.phoneNumber,
    address: {
      street: address.street,
      locality: address.city,
      region: address.state,
      postalCode: address.zipCode,
    },
  }
}

/** @throws ConfigurationError when the file cannot be read or does not fit its schema; it names fields, never values */
export async function readPersonas(path: string): Promise<PersonasFile> {
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
