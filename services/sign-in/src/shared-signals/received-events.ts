// What identity providers told us, and what is still to be done about it. Kept before the provider is answered, as it does
// not say twice what was accepted; and until the token has expired, so that none is acted upon a second time.

import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'
import type { ProviderEventToken } from './provider-event-token.ts'
import type { SharedSignalsTables } from './tables.ts'

export interface ReceivedEvent {
  idp: string
  jti: string
  eventType: string
  subject: string | null
  /** Epoch seconds, by the clock of the provider. */
  issuedAt: number
  attempts: number
}

/** Milliseconds after its expiry for which a token might still be accepted, by clocks that differ. */
const TOLERANCE = 60_000

export function createReceivedEvents(database: Kysely<SharedSignalsTables>) {
  const row = ({ idp, jti, eventType }: ReceivedEvent) =>
    database
      .updateTable('providerEvents')
      .where('idp', '=', idp)
      .where('jti', '=', jti)
      .where('eventType', '=', eventType)

  /** What came of nothing here. Of the others an enabling or a deletion of later asks. */
  const forget = () =>
    database
      .deleteFrom('providerEvents')
      .where('state', '=', 'done')
      .where('expiresAt', '<', now() - TOLERANCE)
      .where('revocationId', 'is', null)
      .execute()

  return {
    /** @returns how many of its events are new: none when the token was received before */
    async put(idp: string, { jti, iat, exp, events }: ProviderEventToken): Promise<number> {
      const at = now()
      const added = await database
        .insertInto('providerEvents')
        .values(
          events.map(({ type, subject }) => ({
            idp,
            jti,
            eventType: type,
            subject: subject ?? null,
            issuedAt: iat,
            receivedAt: at,
            expiresAt: exp * 1000,
            state: 'received' as const,
            dueAt: at,
            attempts: 0,
            revocationId: null,
          })),
        )
        .onConflict((conflict) => conflict.columns(['idp', 'jti', 'eventType']).doNothing())
        .returning('jti')
        .execute()
      await forget()
      return added.length
    },

    async dueProviders(at: number): Promise<string[]> {
      const rows = await database
        .selectFrom('providerEvents')
        .select('idp')
        .distinct()
        .where('state', '=', 'received')
        .where('dueAt', '<=', at)
        .execute()
      return rows.map(({ idp }) => idp)
    },

    /**
     * Takes the oldest, if it is due, so that nobody else does before `until`. One waits for the one before it: an account
     * that is enabled again was disabled first.
     */
    async take(idp: string, at: number, until: number): Promise<ReceivedEvent | undefined> {
      const found = await database
        .selectFrom('providerEvents')
        .select(['idp', 'jti', 'eventType', 'subject', 'issuedAt', 'attempts'])
        .where('idp', '=', idp)
        .where('state', '=', 'received')
        .orderBy('receivedAt')
        .orderBy('jti')
        .limit(1)
        .executeTakeFirst()
      if (!found) return undefined
      const taken = await row(found)
        .set({ dueAt: until, attempts: found.attempts + 1 })
        .where('state', '=', 'received')
        .where('dueAt', '<=', at)
        .returning('attempts')
        .executeTakeFirst()
      return taken && { ...found, attempts: taken.attempts }
    },

    async giveBack(event: ReceivedEvent, dueAt: number): Promise<void> {
      await row(event).set({ dueAt }).where('state', '=', 'received').execute()
    },

    /** @param revocationId what came of it */
    async done(event: ReceivedEvent, revocationId: string | undefined): Promise<void> {
      await row(event)
        .set({ state: 'done', revocationId: revocationId ?? null })
        .execute()
    },

    /** Events of a type about a person that were told up to `issuedAt`, and their revocations. */
    about(idp: string, subject: string, eventType: string) {
      return database
        .selectFrom('providerEvents')
        .select(['revocationId', 'issuedAt'])
        .where('idp', '=', idp)
        .where('subject', '=', subject)
        .where('eventType', '=', eventType)
        .execute()
    },
  }
}

export type ReceivedEvents = ReturnType<typeof createReceivedEvents>
