// Whether a person has agreed to give a relying service what it asks for.

import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'

/** Fact sheet 6.1: consent is asked for again after a year. */
const LASTS = 365 * 86_400_000

export interface Consents {
  /** Whether consent to all of `attributes` is on record and not too old. */
  cover(accountId: string, clientId: string, attributes: readonly string[]): Promise<boolean>
  /** Keeps the consent, over an earlier one. */
  give(accountId: string, clientId: string, attributes: readonly string[]): Promise<void>
}

interface Tables {
  consents: { accountId: string; clientId: string; attributes: string; givenAt: number }
}

export function sqlConsents(anyDatabase: Kysely<never> | Kysely<unknown>): Consents {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async cover(accountId, clientId, attributes) {
      const given = await database
        .selectFrom('consents')
        .select('attributes')
        .where('accountId', '=', accountId)
        .where('clientId', '=', clientId)
        .where('givenAt', '>', now() - LASTS)
        .executeTakeFirst()
      if (!given) return false
      const agreed = new Set<string>(JSON.parse(given.attributes))
      return attributes.every((attribute) => agreed.has(attribute))
    },
    async give(accountId, clientId, attributes) {
      const consent = { attributes: JSON.stringify(attributes), givenAt: now() }
      await database
        .insertInto('consents')
        .values({ accountId, clientId, ...consent })
        .onConflict((conflict) => conflict.columns(['accountId', 'clientId']).doUpdateSet(consent))
        .execute()
    },
  }
}
