// The audit trails as they lie in the databases, read without the services: what checks a record must not need the
// goodwill of who keeps it. It works while the suite runs, and when it does not.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ParseArgsOptionsConfig } from 'node:util'
import { auditKey } from '@gatehouse/audit/chain'
import { type AuditTrail, sqlAuditTrail } from '@gatehouse/audit/trail'
import { SERVICE_NAMES, type ServiceName } from '@gatehouse/contracts/services'
import { openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { CommandFailure, text, UsageError, type Values } from '../command.ts'

export const trailOptions = {
  service: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsOptionsConfig

export const trailHelp = `  --service NAME  this service only
  --data DIR      the data directory (default var)
  --json          one line of JSON instead of plain words
  --help          this text

Reads the databases themselves, whether the suite runs or not: the files under the data directory, or with
DATABASE_URL=postgres://… that database. The keys are in the data directory; SERVICE_SECRET is for one --service.
`

/** What a service has of an audit trail. */
export type KeptTrail = { service: ServiceName } & (
  | { trail: AuditTrail; close(): Promise<void> }
  /** Never started here, or not since there is a chain; or its database is gone although its key is there. */
  | { absent: 'never started' | 'not chained yet' | 'database missing' }
)

/** Opens the trails that the options name. @throws UsageError; CommandFailure when there is nothing to read */
export async function* keptTrails(values: Values): AsyncGenerator<KeptTrail> {
  const directory = text(values, 'data') ?? 'var'
  const chosen = serviceOf(values)
  if (!existsSync(directory)) {
    throw new CommandFailure(
      `There is no folder ${directory}. Say with --data which one the suite keeps its data in.`,
    )
  }
  if (process.env.SERVICE_SECRET && !chosen) throw new UsageError('SERVICE_SECRET is for one --service')
  for (const service of chosen ? [chosen] : SERVICE_NAMES) {
    const secret = await secretOf(service, directory)
    yield secret === undefined ? { service, absent: 'never started' } : await open(service, directory, secret)
  }
}

function serviceOf(values: Values): ServiceName | undefined {
  const name = text(values, 'service')
  if (name === undefined) return undefined
  const found = SERVICE_NAMES.find((service) => service === name)
  if (found) return found
  throw new UsageError(`--service takes one of: ${SERVICE_NAMES.join(', ')}`)
}

async function secretOf(service: ServiceName, directory: string): Promise<string | undefined> {
  if (process.env.SERVICE_SECRET) return process.env.SERVICE_SECRET
  const path = join(directory, service, 'secret')
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandFailure(`${path} cannot be read`)
  }
}

async function open(service: ServiceName, directory: string, secret: string): Promise<KeptTrail> {
  const url = process.env.DATABASE_URL
  const file = url?.startsWith('sqlite:')
    ? url.slice('sqlite:'.length)
    : join(directory, service, `${service}.sqlite`)
  const isFile = url === undefined || url.startsWith('sqlite:')
  // Opening would make an empty one.
  if (isFile && !existsSync(file)) return { service, absent: 'database missing' }
  const ownSchema = service.replaceAll('-', '_')
  const database = await openDatabase<unknown>(isFile ? `sqlite:${file}` : url, ownSchema)
  const trail = sqlAuditTrail(database, auditKey(deriveSecrets(Buffer.from(secret, 'base64url')), service))
  const close = () => database.destroy()
  try {
    const tables = await database.introspection.getTables()
    const isChained = tables.some(
      ({ name, schema }) => /^audit_?head$/i.test(name) && (isFile || schema === ownSchema),
    )
    if (isChained) return { service, trail, close }
  } catch (error) {
    await close()
    throw error
  }
  await close()
  return { service, absent: 'not chained yet' }
}
