// Whether a person has allowed that a relying service is told what one of its policies asks for.

import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'

export interface Consents {
  /** Whether the person has allowed all of `attributes`. */
  cover(accountId: string, clientId: string, policy: string, attributes: readonly string[]): Promise<boolean>
  /** Keeps what was allowed, over what was before. */
  give(accountId: string, clientId: string, policy: string, attributes: readonly string[]): Promise<void>
}

interface Tables {
  consents: { accountId: string; clientId: string; policy: string; attributes: string; givenAt: number }
}

export function sqlConsents(anyDatabase: Kysely<never> | Kysely<unknown>): Consents {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async cover(accountId, clientId, policy, attributes) {
      const given = await database
        .selectFrom('consents')
        .select('attributes')
        .where('accountId', '=', accountId)
        .where('clientId', '=', clientId)
        .where('policy', '=', policy)
        .executeTakeFirst()
      const agreed = new Set<string>(given ? JSON.parse(given.attributes) : [])
      return given !== undefined && attributes.every((attribute) => agreed.has(attribute))
    },
    async give(accountId, clientId, policy, attributes) {
      const consent = { attributes: JSON.stringify(attributes), givenAt: now() }
      await database
        .insertInto('consents')
        .values({ accountId, clientId, policy, ...consent })
        .onConflict((conflict) => conflict.columns(['accountId', 'clientId', 'policy']).doUpdateSet(consent))
        .execute()
    },
  }
}
