import type { Lang } from '@gatehouse/pages/site'
import type { Kysely, Selectable } from 'kysely'

export interface AccountReset {
  accountId: string
  requestId: string
  /** Of the letters. */
  language: Lang
  /** Milliseconds. */
  requestedAt: number
  /** Milliseconds: when the letter with the link was sent. */
  grantedAt: number | undefined
}

/** One request for each account at most. */
export interface AccountResetStore {
  /** Keeps a request, in the place of an earlier one. */
  put(reset: Omit<AccountReset, 'grantedAt'> & { cancelDigest: string; grantDigest: string }): Promise<void>
  find(accountId: string): Promise<AccountReset | undefined>
  findByCancel(cancelDigest: string): Promise<AccountReset | undefined>
  findByGrant(grantDigest: string): Promise<AccountReset | undefined>
  /** Requests made at `until` or before whose link was not sent yet. */
  due(until: number): Promise<AccountReset[]>
  grant(accountId: string, requestId: string, at: number): Promise<void>
  remove(accountId: string): Promise<boolean>
  /** Removes requests whose link was sent at `until` or before. */
  removeGranted(until: number): Promise<void>
}

interface AccountResetsTable {
  accountId: string
  requestId: string
  language: string
  requestedAt: number
  cancelDigest: string
  grantDigest: string
  grantedAt: number | null
}

export function sqlAccountResets(anyDatabase: Kysely<never> | Kysely<unknown>): AccountResetStore {
  const database = anyDatabase as unknown as Kysely<{ accountResets: AccountResetsTable }>
  const findBy = async (column: 'accountId' | 'cancelDigest' | 'grantDigest', value: string) => {
    const row = await database
      .selectFrom('accountResets')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst()
    return row && opened(row)
  }
  return {
    async put(reset) {
      const row = { ...reset, grantedAt: null }
      await database
        .insertInto('accountResets')
        .values(row)
        .onConflict((conflict) => conflict.column('accountId').doUpdateSet(row))
        .execute()
    },
    find: (accountId) => findBy('accountId', accountId),
    findByCancel: (digest) => findBy('cancelDigest', digest),
    findByGrant: (digest) => findBy('grantDigest', digest),
    async due(until) {
      const rows = await database
        .selectFrom('accountResets')
        .selectAll()
        .where('grantedAt', 'is', null)
        .where('requestedAt', '<=', until)
        .orderBy('requestedAt')
        .execute()
      return rows.map(opened)
    },
    async grant(accountId, requestId, at) {
      await database
        .updateTable('accountResets')
        .set({ grantedAt: at })
        .where('accountId', '=', accountId)
        .where('requestId', '=', requestId)
        .where('grantedAt', 'is', null)
        .execute()
    },
    async remove(accountId) {
      const removed = await database
        .deleteFrom('accountResets')
        .where('accountId', '=', accountId)
        .executeTakeFirst()
      return removed.numDeletedRows > 0n
    },
    async removeGranted(until) {
      await database.deleteFrom('accountResets').where('grantedAt', '<=', until).execute()
    },
  }
}

function opened(row: Selectable<AccountResetsTable>): AccountReset {
  const { accountId, requestId, language, requestedAt, grantedAt } = row
  return {
    accountId,
    requestId,
    language: language === 'es' ? 'es' : 'en',
    requestedAt,
    grantedAt: grantedAt ?? undefined,
  }
}
