import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ParseArgsOptionsConfig } from 'node:util'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import { SERVICE_NAMES, type ServiceUrls } from '@gatehouse/contracts/services'
import { DEFAULT_PORT_BASE, portsFrom, readPortBase, urlsAt } from '@gatehouse/launcher/addresses'
import { CommandFailure, text, UsageError, type Values } from './command.ts'

/** Which suite a command is for. */
export const suiteOptions = {
  'port-base': { type: 'string' },
  urls: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsOptionsConfig

export const suiteHelp = `  --port-base N   the suite that was started with this (default ${DEFAULT_PORT_BASE})
  --urls JSON     the suite at these addresses, as npm start -- --json prints them; also GATEHOUSE_URLS
  --data DIR      its data directory (default var)
  --json          one line of JSON instead of plain words
  --help          this text
`

type Persona = PersonasFile['personas'][number]
type Company = PersonasFile['companies'][number]

/** A suite that is running somewhere else. */
export interface RunningSuite {
  urls: ServiceUrls
  /** @throws CommandFailure when there is no such persona, or nobody's passwords can be read */
  persona(id: string): Promise<Persona>
  /** An employer, by its EIN. @throws CommandFailure as `persona` does */
  company(ein: string): Promise<Company>
  /** What lets an operator register clients and rotate keys. @throws CommandFailure when it cannot be read */
  operatorToken(): Promise<string>
}

/**
 * Finds the suite that the options name.
 *
 * @throws UsageError when they cannot be understood; CommandFailure when no suite answers there
 */
export async function findSuite(values: Values): Promise<RunningSuite> {
  const urls = urlsOf(values)
  const directory = text(values, 'data') ?? 'var'
  await expectAnswer(urls['sign-in'])
  const people = async () => JSON.parse(await contentOf(join(directory, 'personas.json'))) as PersonasFile
  return {
    urls,
    async persona(id) {
      const { personas } = await people()
      const found = personas.find((persona) => persona.id === id)
      if (found) return found
      throw new CommandFailure(
        `There is no persona ${id}. There are: ${personas.map((persona) => persona.id).join(', ')}`,
      )
    },
    async company(ein) {
      const { companies } = await people()
      const found = companies.find((company) => company.ein === ein)
      if (found) return found
      throw new CommandFailure(
        `There is no employer ${ein}. There are: ${companies.map((company) => company.ein).join(', ')}`,
      )
    },
    operatorToken: async () => (await contentOf(join(directory, 'sign-in', 'operator-token'))).trim(),
  }
}

function urlsOf(values: Values): ServiceUrls {
  const base = text(values, 'port-base')
  const given = text(values, 'urls') ?? (base === undefined ? process.env.GATEHOUSE_URLS : undefined)
  if (given) return readUrls(given)
  try {
    return urlsAt(portsFrom(base === undefined ? DEFAULT_PORT_BASE : readPortBase(base)))
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function readUrls(json: string): ServiceUrls {
  try {
    const urls = JSON.parse(json) as ServiceUrls
    for (const name of SERVICE_NAMES) new URL(urls[name])
    return urls
  } catch {
    throw new UsageError(
      `--urls takes a JSON object with an address for each of: ${SERVICE_NAMES.join(', ')}`,
    )
  }
}

async function expectAnswer(url: string): Promise<void> {
  try {
    const { ok } = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(5_000) })
    if (ok) return
  } catch {
    // Refused, no such name, too slow: nobody there.
  }
  throw new CommandFailure(
    `No Gatehouse suite answers at ${url}. Start one with npm start, or say where it is with --port-base.`,
  )
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw new CommandFailure(`${path} cannot be read. Say with --data which folder the suite was started on.`)
  }
}
