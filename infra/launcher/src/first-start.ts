// What a suite needs before its services start, made when it is not there yet: secrets that two services share, the
// personas' passwords, the number holders. What holds addresses is written anew when they change.

import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import { writeNumberHolders } from '@gatehouse/numident/number-holder-file'
import { prepareFederation } from './federation.ts'
import { jsonText, keptIn, textOf, writePrivateFile } from './private-files.ts'

const PERSONAS_SOURCE = new URL('../../personas/personas.json', import.meta.url)

export interface FirstStart {
  personas: PersonasFile['personas']
  /** What the lab's carrier knows `one-time-codes` by. */
  carrierAccount: { accountSid: string; authToken: string }
  files: {
    personas: string
    numident: string
    providers: string
    loginGovClients: string
    idMeClients: string
    mySsaClients: string
  }
}

export interface FirstStartOptions {
  dataDirectory: string
  urls: ServiceUrls
  /** How many number holders the Numident gets. */
  numberHolders: number
  /** One password for every persona that has none yet, instead of one made for each. */
  personaPassword?: string | undefined
}

/** Brings the data directory to what the services need. Doing it again changes nothing. */
export async function prepareFirstStart(options: FirstStartOptions): Promise<FirstStart> {
  const inside = (...path: string[]) => join(options.dataDirectory, ...path)
  const files = {
    personas: inside('personas.json'),
    numident: inside('numident.ndjson'),
    providers: inside('sign-in', 'providers.json'),
    loginGovClients: inside('login-gov', 'clients.json'),
    idMeClients: inside('id-me', 'clients.json'),
    mySsaClients: inside('my-ssa', 'clients.json'),
  }
  const [carrierAccount, personas] = await Promise.all([
    prepareCarrierAccount(inside('lab', 'carrier-account.json')),
    preparePersonas(files.personas, options.personaPassword),
    prepareFederation(
      {
        loginGovKey: inside('sign-in', 'login-gov-key.json'),
        idMeSecret: inside('sign-in', 'id-me-secret'),
        mySsaKey: inside('sign-in', 'my-ssa-key.json'),
      },
      files,
      options.urls,
    ),
    prepareNumident(files.numident, options.numberHolders),
  ])
  return { personas, carrierAccount, files }
}

async function prepareCarrierAccount(path: string): Promise<FirstStart['carrierAccount']> {
  const hexadecimal = () => randomBytes(16).toString('hex')
  return JSON.parse(
    await keptIn(path, () => jsonText({ accountSid: `AC${hexadecimal()}`, authToken: hexadecimal() })),
  )
}

async function preparePersonas(path: string, password: string | undefined) {
  const source: PersonasFile = JSON.parse(await readFile(PERSONAS_SOURCE, 'utf8'))
  const kept: PersonasFile = JSON.parse((await textOf(path)) ?? '{"companies":[],"personas":[]}')
  const passwords = new Map(kept.personas.map((persona) => [persona.id, persona.password]))
  const personas = source.personas.map((persona) => ({
    ...persona,
    // Once the mock provider has an account, its password stays what it was then.
    password: passwords.get(persona.id) ?? password ?? createPassword(),
  }))
  await writePrivateFile(path, jsonText({ companies: source.companies, personas }))
  return personas
}

// Crockford's letters and digits: none of them is easily taken for another.
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'

/** Twenty letters and digits in groups of five: 100 bits, and still read out loud. */
function createPassword(): string {
  const letters = Array.from(randomBytes(20), (byte) => LETTERS[byte % LETTERS.length])
  return letters.join('').replace(/.{5}(?!$)/g, '$&-')
}

/** The generator gives the same number holders every time, so a file that is there is the right one. */
async function prepareNumident(path: string, count: number): Promise<void> {
  const present = await stat(path).catch(() => undefined)
  if (!present) await writeNumberHolders(path, { count })
}
