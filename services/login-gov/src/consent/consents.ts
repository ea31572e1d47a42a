// Whether a person has agreed to give a relying service what it asks for, and which e-mail address it gets.

import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'

/** A relying service to which somebody is connected. */
export interface Connection {
  clientId: string
  /** Names of what it was agreed to be given. */
  attributes: string[]
  /** Milliseconds. */
  givenAt: number
}

export interface Consents {
  /**
   * Whether consent to all of `attributes` is on record, not too old and not revoked.
   *
   * @param verifiedAt milliseconds: when the identity was verified last, if ever; consent counts for what was known then
   */
  cover(
    accountId: string,
    clientId: string,
    attributes: readonly string[],
    verifiedAt?: number,
  ): Promise<boolean>
  /** Keeps the consent, over an earlier one. */
  give(accountId: string, clientId: string, attributes: readonly string[]): Promise<void>
  /** Takes the consent away with the choice of address; false when there was none. */
  revoke(accountId: string, clientId: string): Promise<boolean>
  /** The latest first. */
  of(accountId: string): Promise<Connection[]>
  /** The address that the person chose for a relying service, if one was chosen. */
  sharedEmail(accountId: string, clientId: string): Promise<string | undefined>
  shareEmail(accountId: string, clientId: string, email: string): Promise<void>
}

interface Tables {
  consents: { accountId: string; clientId: string; attributes: string; givenAt: number }
  sharedEmails: { accountId: string; clientId: string; email: string }
}

/** @param lastsMs milliseconds after which consent is asked for again */
export function sqlConsents(anyDatabase: Kysely<never> | Kysely<unknown>, lastsMs: number): Consents {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async cover(accountId, clientId, attributes, verifiedAt = 0) {
      const given = await database
        .selectFrom('consents')
        .select('attributes')
        .where('accountId', '=', accountId)
        .where('clientId', '=', clientId)
        .where('givenAt', '>', now() - lastsMs)
        // Of one instant the verification came first: it is a step on the way to the consent.
        .where('givenAt', '>=', verifiedAt)
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
    async revoke(accountId, clientId) {
      return database.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('sharedEmails')
          .where('accountId', '=', accountId)
          .where('clientId', '=', clientId)
          .execute()
        const revoked = await transaction
          .deleteFrom('consents')
          .where('accountId', '=', accountId)
          .where('clientId', '=', clientId)
          .executeTakeFirst()
        return revoked.numDeletedRows > 0n
      })
    },
    async of(accountId) {
      const rows = await database
        .selectFrom('consents')
        .select(['clientId', 'attributes', 'givenAt'])
        .where('accountId', '=', accountId)
        .orderBy('givenAt', 'desc')
        .orderBy('clientId')
        .execute()
      return rows.map((row) => ({ ...row, attributes: JSON.parse(row.attributes) }))
    },
    async sharedEmail(accountId, clientId) {
      const chosen = await database
        .selectFrom('sharedEmails')
        .select('email')
        .where('accountId', '=', accountId)
        .where('clientId', '=', clientId)
        .executeTakeFirst()
      return chosen?.email
    },
    async shareEmail(accountId, clientId, email) {
      await database
        .insertInto('sharedEmails')
        .values({ accountId, clientId, email })
        .onConflict((conflict) => conflict.columns(['accountId', 'clientId']).doUpdateSet({ email }))
        .execute()
    },
  }
}
