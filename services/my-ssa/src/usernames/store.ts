// Who has which username, and which person has which account. A person is an SSN; at most one account belongs to it.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { NewAccount } from '@gatehouse/provider/accounts/account'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely, Transaction } from 'kysely'
import { type PeopleTable, ssnDigest } from './people-table.ts'
import { canonicalUsername } from './username.ts'

/** An account with everything that my Social Security wants of one. */
export type NewMySsaAccount = Pick<NewAccount, 'rulesAcceptedAt'> & {
  /** In lower case, and confirmed. */
  email: string
  profile: NonNullable<NewAccount['profile']> & { socialSecurityNumber: string }
  username: string
}

export type AddOutcome =
  | { outcome: 'added'; accountId: string }
  /** Nothing was added. */
  | { outcome: 'username_taken' | 'has_account' | 'blocked' | 'email_taken' }

export interface Usernames {
  /** The username as its person wrote it first. */
  of(accountId: string): Promise<string | undefined>
  /** The account of a username, written in any case. */
  accountOf(username: string): Promise<string | undefined>
  /** The account of the person with this SSN. */
  accountOfPerson(ssn: string): Promise<string | undefined>
  /**
   * Adds username, person and account, or nothing: of two that want the same username, SSN or address at once one wins.
   *
   * @param passwordHash of `hashPassword`
   */
  add(account: NewMySsaAccount, passwordHash: string): Promise<AddOutcome>
}

interface Tables {
  usernames: { key: string; chosen: string; accountId: string }
  people: PeopleTable
}

/** Ends the transaction with nothing done. */
class NotAdded extends Error {
  readonly outcome: Exclude<AddOutcome['outcome'], 'added'>
  constructor(outcome: NotAdded['outcome']) {
    super(outcome)
    this.outcome = outcome
  }
}

export function sqlUsernames(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal' | 'digest'>,
): Usernames {
  const database = anyDatabase as unknown as Kysely<Tables>

  async function addPerson(transaction: Transaction<Tables>, ssn: string, accountId: string) {
    const key = ssnDigest(secrets, ssn)
    const taken = await transaction
      .insertInto('people')
      .values({ ssnDigest: key, accountId, blockedAt: null, suspendedByBlock: 0 })
      .onConflict((conflict) =>
        conflict
          .column('ssnDigest')
          .doUpdateSet({ accountId })
          .where('people.accountId', 'is', null)
          .where('people.blockedAt', 'is', null),
      )
      .returning('ssnDigest')
      .executeTakeFirst()
    if (taken) return
    const { blockedAt } = await transaction
      .selectFrom('people')
      .select('blockedAt')
      .where('ssnDigest', '=', key)
      .executeTakeFirstOrThrow()
    throw new NotAdded(blockedAt === null ? 'has_account' : 'blocked')
  }

  return {
    async of(accountId) {
      const row = await database
        .selectFrom('usernames')
        .select('chosen')
        .where('accountId', '=', accountId)
        .executeTakeFirst()
      return row?.chosen
    },
    async accountOf(username) {
      const row = await database
        .selectFrom('usernames')
        .select('accountId')
        .where('key', '=', canonicalUsername(username))
        .executeTakeFirst()
      return row?.accountId
    },
    async accountOfPerson(ssn) {
      const row = await database
        .selectFrom('people')
        .select('accountId')
        .where('ssnDigest', '=', ssnDigest(secrets, ssn))
        .executeTakeFirst()
      return row?.accountId ?? undefined
    },
    async add({ username, ...account }, passwordHash) {
      const id = randomUUID()
      try {
        await database.transaction().execute(async (transaction) => {
          const named = await transaction
            .insertInto('usernames')
            .values({ key: canonicalUsername(username), chosen: username, accountId: id })
            .onConflict((conflict) => conflict.column('key').doNothing())
            .executeTakeFirst()
          if ((named.numInsertedOrUpdatedRows ?? 0n) === 0n) throw new NotAdded('username_taken')
          await addPerson(transaction, account.profile.socialSecurityNumber, id)
          const store = sqlAccountStore(transaction as unknown as Kysely<unknown>, secrets)
          if (!(await store.add({ ...account, id }, passwordHash, now()))) throw new NotAdded('email_taken')
        })
      } catch (error) {
        if (error instanceof NotAdded) return { outcome: error.outcome }
        throw error
      }
      return { outcome: 'added', accountId: id }
    },
  }
}
