// Browsers in which the second factor is not asked for again. Whoever holds the secret is the browser; only its digest
// is kept. How long a browser may be remembered is for the provider to say, from the instant given.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'

export interface RememberedBrowsers {
  /** @returns the secret, for a cookie */
  remember(accountId: string): Promise<string>
  /** When (milliseconds) the browser with this secret was remembered for this account, if it was. */
  rememberedAt(secret: string, accountId: string): Promise<number | undefined>
  /** Forgets every browser of the account. */
  forget(accountId: string): Promise<void>
}

interface Tables {
  rememberedBrowsers: { key: string; accountId: string; rememberedAt: number }
}

/** @param digest turns a secret into the key under which it is kept */
export function sqlRememberedBrowsers(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  digest: (secret: string) => string,
): RememberedBrowsers {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async remember(accountId) {
      const secret = randomBytes(32).toString('base64url')
      await database
        .insertInto('rememberedBrowsers')
        .values({ key: digest(secret), accountId, rememberedAt: now() })
        .execute()
      return secret
    },
    async rememberedAt(secret, accountId) {
      const row = await database
        .selectFrom('rememberedBrowsers')
        .select('rememberedAt')
        .where('key', '=', digest(secret))
        .where('accountId', '=', accountId)
        .executeTakeFirst()
      return row?.rememberedAt
    },
    async forget(accountId) {
      await database.deleteFrom('rememberedBrowsers').where('accountId', '=', accountId).execute()
    },
  }
}
