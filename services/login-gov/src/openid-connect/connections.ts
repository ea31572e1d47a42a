// Which relying services a person is connected to: those they have agreed to share with, and been handed over to since.
// Spans the tables of consents and grants, which each have a store of their own for everything else.

import type { Kysely } from 'kysely'

export interface Connections {
  /** The ids of the clients. One whose consent was revoked is none of them. */
  of(accountId: string): Promise<string[]>
  /** Makes every code and access token of the account worthless, or those of one client; the connections stay. */
  voidTokens(accountId: string, clientId?: string): Promise<void>
  /** Forgets all connections, with the subjects by which the clients know the person. */
  remove(accountId: string): Promise<void>
}

interface Tables {
  consents: { accountId: string; clientId: string }
  grants: { accountId: string; clientId: string; codeDigest: string | null; tokenDigest: string | null }
  sharedEmails: { accountId: string }
  subjects: { accountId: string }
}

export function sqlConnections(anyDatabase: Kysely<never> | Kysely<unknown>): Connections {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async of(accountId) {
      const rows = await database
        .selectFrom('grants')
        .innerJoin('consents', (join) =>
          join
            .onRef('consents.accountId', '=', 'grants.accountId')
            .onRef('consents.clientId', '=', 'grants.clientId'),
        )
        .select('grants.clientId')
        .where('grants.accountId', '=', accountId)
        .orderBy('grants.clientId')
        .execute()
      return rows.map(({ clientId }) => clientId)
    },
    async voidTokens(accountId, clientId) {
      const worthless = database
        .updateTable('grants')
        .set({ codeDigest: null, tokenDigest: null })
        .where('accountId', '=', accountId)
      await (clientId === undefined ? worthless : worthless.where('clientId', '=', clientId)).execute()
    },
    async remove(accountId) {
      await database.transaction().execute(async (transaction) => {
        for (const table of ['consents', 'sharedEmails', 'grants', 'subjects'] as const) {
          await transaction.deleteFrom(table).where('accountId', '=', accountId).execute()
        }
      })
    },
  }
}
