// "You can block electronic access to your information at any time, for any reason." A block is of a person, with or without
// an account, and no page takes it away: that is for the operator, whom people call.

import { now } from '@gatehouse/clock/clock'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { type PeopleTable, ssnDigest } from '../usernames/people-table.ts'

export interface ElectronicAccess {
  /** Whether the person of this account is blocked. */
  isBlocked(accountId: string): Promise<boolean>
  isPersonBlocked(ssn: string): Promise<boolean>
  /**
   * Blocks the person with this SSN. In the same step the account, if there is one, is suspended and signed out of every
   * browser, so that nothing is left open however this ends.
   *
   * @returns the account, if there is one; nothing is new when the person was blocked before
   */
  block(ssn: string): Promise<{ isNew: boolean; accountId: string | undefined }>
  /** @returns what was unblocked; nothing where no block was */
  unblock(ssn: string): Promise<{ accountId: string | undefined } | undefined>
}

/** Kind of the notice that signed-out sessions show. */
export const ACCESS_BLOCKED = 'access_blocked'

interface Tables {
  people: PeopleTable
  accounts: { id: string; suspended: number }
}

export function createElectronicAccess({
  database: anyDatabase,
  secrets,
}: {
  database: Kysely<never> | Kysely<unknown>
  secrets: Pick<Secrets, 'digest'>
}): ElectronicAccess {
  const database = anyDatabase as unknown as Kysely<Tables>

  const isBlockedWhere = async (column: 'accountId' | 'ssnDigest', value: string) => {
    const row = await database
      .selectFrom('people')
      .select('blockedAt')
      .where(column, '=', value)
      .executeTakeFirst()
    return (row?.blockedAt ?? null) !== null
  }

  return {
    isBlocked: (accountId) => isBlockedWhere('accountId', accountId),
    isPersonBlocked: (ssn) => isBlockedWhere('ssnDigest', ssnDigest(secrets, ssn)),
    async block(ssn) {
      const key = ssnDigest(secrets, ssn)
      const done = await database.transaction().execute(async (transaction) => {
        const blocked = await transaction
          .insertInto('people')
          .values({ ssnDigest: key, accountId: null, blockedAt: now(), suspendedByBlock: 0 })
          .onConflict((conflict) =>
            conflict
              .column('ssnDigest')
              .doUpdateSet({ blockedAt: now() })
              .where('people.blockedAt', 'is', null),
          )
          .returning('accountId')
          .executeTakeFirst()
        const accountId = blocked?.accountId ?? undefined
        if (accountId === undefined) return { isNew: blocked !== undefined, accountId }
        const suspended = await transaction
          .updateTable('accounts')
          .set({ suspended: 1 })
          .where('id', '=', accountId)
          .where('suspended', '=', 0)
          .executeTakeFirst()
        if (suspended.numUpdatedRows > 0n) {
          await transaction
            .updateTable('people')
            .set({ suspendedByBlock: 1 })
            .where('ssnDigest', '=', key)
            .execute()
        }
        const sessions = sqlSessionStore(transaction as unknown as Kysely<unknown>)
        await sessions.signOutOthers(accountId, undefined, { kind: ACCESS_BLOCKED })
        return { isNew: true, accountId }
      })
      // Once more now that everybody sees the suspension: a sign-in may have been on its way past it.
      if (done.accountId !== undefined) {
        await sqlSessionStore(anyDatabase).signOutOthers(done.accountId, undefined, { kind: ACCESS_BLOCKED })
      }
      return done
    },
    unblock(ssn) {
      const key = ssnDigest(secrets, ssn)
      return database.transaction().execute(async (transaction) => {
        const person = await transaction
          .updateTable('people')
          .set({ blockedAt: null })
          .where('ssnDigest', '=', key)
          .where('blockedAt', 'is not', null)
          .returning(['accountId', 'suspendedByBlock'])
          .executeTakeFirst()
        if (!person) return undefined
        const accountId = person.accountId ?? undefined
        if (accountId !== undefined && person.suspendedByBlock === 1) {
          await transaction
            .updateTable('accounts')
            .set({ suspended: 0 })
            .where('id', '=', accountId)
            .execute()
          await transaction
            .updateTable('people')
            .set({ suspendedByBlock: 0 })
            .where('ssnDigest', '=', key)
            .execute()
        }
        return { accountId }
      })
    },
  }
}
