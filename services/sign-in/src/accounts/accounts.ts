import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { searchKeysOf } from '../people/search-keys.ts'
import { type Authentication, createRecognition } from './recognition.ts'
import { createSignIns } from './sign-ins.ts'
import type { AccountTables } from './tables.ts'

export interface Account {
  accountId: string
  givenName: string | null
  familyName: string | null
  email: string | null
}

/**
 * The accounts behind credentials, their sign-ins, and what tokens say of them. An account is never found by an e-mail
 * address: addresses change hands.
 *
 * @param digest makes the keyed digests by which people are matched
 */
export function createAccounts(database: Kysely<AccountTables>, digest: Secrets['digest']) {
  return {
    ...createRecognition(database, digest),
    ...createSignIns(database),

    /**
     * Name and address follow what the provider says now; what it leaves out is gone. Of an account that a provider has
     * proofed, nothing follows the person's own word.
     */
    async describe(
      accountId: string,
      person: Pick<Authentication, 'isProofed' | 'givenName' | 'familyName' | 'email'>,
    ): Promise<void> {
      const { isProofed, givenName = null, familyName = null, email = null } = person
      const update = database
        .updateTable('accounts')
        .set({ givenName, familyName, email, ...searchKeysOf(person) })
        .where('accountId', '=', accountId)
      await (isProofed
        ? update
        : update.where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('credentials')
                  .select('credentials.subject')
                  .whereRef('credentials.accountId', '=', 'accounts.accountId')
                  .where('credentials.proofedAt', 'is not', null),
              ),
            ),
          )
      ).execute()
    },

    async find(accountId: string): Promise<Account | undefined> {
      return database
        .selectFrom('accounts')
        .select(['accountId', 'givenName', 'familyName', 'email'])
        .where('accountId', '=', accountId)
        .executeTakeFirst()
    },
  }
}

export type Accounts = ReturnType<typeof createAccounts>
