// The register of relying services: kept in the database, read from memory. Every change there has a new version, and
// whoever is about to use the register asks for the version first, so that a change counts at once for each process.
// What an entry says is the provider's own.

import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'

export interface ClientRegister<Entry, Client> {
  /** Brings what is in memory to what is in the database; before each request. */
  refresh(): Promise<void>
  find(clientId: string): Client | undefined
  all(): Client[]
  entry(clientId: string): Entry | undefined
  entries(): Entry[]
  /**
   * Registers, over what is registered under this id.
   *
   * @param make gives the new entry, from the present one if there is one; without a new one nothing changes
   */
  put(
    clientId: string,
    make: (present: Entry | undefined) => Entry | undefined,
  ): Promise<'added' | 'replaced' | 'unchanged'>
  /** False when there is no such client. */
  remove(clientId: string): Promise<boolean>
  /** The file goes before what the database has for the ids that it names; what it no longer names goes. */
  takeFile(entries: readonly Entry[]): Promise<void>
}

interface Tables {
  clients: { clientId: string; entry: string; source: 'file' | 'api' }
  clientRegister: { id: number; version: string }
}

/** @param clientOf what the provider makes of an entry, once for each change */
export function sqlClientRegister<Entry extends { client_id: string }, Client>(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  clientOf: (entry: Entry) => Client,
): ClientRegister<Entry, Client> {
  const database = anyDatabase as unknown as Kysely<Tables>
  let version: string | undefined
  let registered = new Map<string, { entry: Entry; client: Client }>()

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

  async function write(transaction: Kysely<Tables>, entry: Entry, source: 'file' | 'api') {
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
        const entry: Entry = JSON.parse(row.entry)
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
    put: (clientId, make) =>
      change(async (transaction) => {
        const present = await transaction
          .selectFrom('clients')
          .select('entry')
          .where('clientId', '=', clientId)
          .executeTakeFirst()
        const entry = make(present && JSON.parse(present.entry))
        if (!entry) return 'unchanged'
        await write(transaction, entry, 'api')
        return present ? 'replaced' : 'added'
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
