// The register of relying services: kept in the database, read from memory. Every change there has a new version, and
// whoever is about to use the register asks for the version first, so that a change counts at once for each process.

import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Client, Clients } from './client.ts'
import { type ClientEntry, clientOf } from './client-entry.ts'

export interface ClientRegister extends Clients {
  /** Brings what is in memory to what is in the database; before each request. */
  refresh(): Promise<void>
  entry(clientId: string): ClientEntry | undefined
  entries(): ClientEntry[]
  /** Registers, over what is registered under this id; says whether nothing was. */
  put(entry: ClientEntry): Promise<boolean>
  /** False when there is no such client. */
  remove(clientId: string): Promise<boolean>
  /** The file goes before what the database has for the ids that it names; what it no longer names goes. */
  takeFile(entries: readonly ClientEntry[]): Promise<void>
}

interface Tables {
  clients: { clientId: string; entry: string; source: 'file' | 'api' }
  clientRegister: { id: number; version: string }
}

export function sqlClients(anyDatabase: Kysely<never> | Kysely<unknown>): ClientRegister {
  const database = anyDatabase as unknown as Kysely<Tables>
  let version: string | undefined
  let registered = new Map<string, { entry: ClientEntry; client: Client }>()

  async function change<Result>(make: (transaction: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    const result = await database.transaction().execute(async (transaction) => {
      const row = { id: 1, version: randomUUID() }
      // First of all, so that of two changes at once the second waits for the first.
      await transaction
        .insertInto('clientRegister')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
      return make(transaction)
    })
    await refresh()
    return result
  }

  async function write(transaction: Kysely<Tables>, entry: ClientEntry, source: 'file' | 'api') {
    const row = { entry: JSON.stringify(entry), source }
    await transaction
      .insertInto('clients')
      .values({ clientId: entry.client_id, ...row })
      .onConflict((conflict) => conflict.column('clientId').doUpdateSet(row))
      .execute()
  }

  async function refresh() {
    const current = await database.selectFrom('clientRegister').select('version').executeTakeFirst()
    if (current?.version === version) return
    const rows = await database.selectFrom('clients').select('entry').orderBy('clientId').execute()
    registered = new Map(
      rows.map((row) => {
        const entry: ClientEntry = JSON.parse(row.entry)
        return [entry.client_id, { entry, client: clientOf(entry) }]
      }),
    )
    // Read before the rows: what was changed in between is read again next time.
    version = current?.version
  }

  return {
    refresh,
    find: (clientId) => registered.get(clientId)?.client,
    all: () => [...registered.values()].map(({ client }) => client),
    entry: (clientId) => registered.get(clientId)?.entry,
    entries: () => [...registered.values()].map(({ entry }) => entry),
    put: (entry) =>
      change(async (transaction) => {
        const present = await transaction
          .selectFrom('clients')
          .select('clientId')
          .where('clientId', '=', entry.client_id)
          .executeTakeFirst()
        await write(transaction, entry, 'api')
        return present === undefined
      }),
    remove: (clientId) =>
      change(async (transaction) => {
        const removed = await transaction
          .deleteFrom('clients')
          .where('clientId', '=', clientId)
          .returning('clientId')
          .executeTakeFirst()
        return removed !== undefined
      }),
    takeFile: (entries) =>
      change(async (transaction) => {
        await transaction.deleteFrom('clients').where('source', '=', 'file').execute()
        for (const entry of entries) await write(transaction, entry, 'file')
      }),
  }
}
