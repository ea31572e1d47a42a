// Security events that relying services are still to be told of, and what came of those they were told of. Kept before
// the change they tell of is acknowledged, and taken out for a time only while they are sent: a process that is killed
// in the middle loses nothing. What an event says is sealed, and forgotten once it was delivered or given up.

import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'

export interface NewDelivery {
  /** The token's own id, the same at every attempt: receivers know a repeated one by it. */
  jti: string
  clientId: string
  url: string
  eventType: string
  claims: { aud: string; events: Record<string, unknown> }
}

export interface Delivery extends NewDelivery {
  /** Attempts so far that got no answer at all. */
  failures: number
}

/** `unreachable`: no answer, and not tried again. */
export type Outcome = { failures: number } & (
  | { state: 'accepted' | 'refused'; status: number }
  | { state: 'unreachable' }
)

export interface DeliveryReport {
  jti: string
  clientId: string
  url: string
  eventType: string
  state: 'waiting' | Outcome['state']
  status: number | undefined
  failures: number
  /** Milliseconds. */
  madeAt: number
  attemptedAt: number | undefined
}

export interface Outbox {
  /** Keeps all of them or none. */
  put(deliveries: NewDelivery[], at: number): Promise<void>
  /** Where something should be sent to at `at`. */
  dueUrls(at: number): Promise<string[]>
  /**
   * Takes the oldest that is due for a URL, so that nobody else does before `until`.
   *
   * @returns nothing when none is due, or when `rate.most` were attempted for the URL after `rate.since`
   */
  take(
    url: string,
    at: number,
    until: number,
    rate: { most: number; since: number },
  ): Promise<Delivery | undefined>
  /** Gives back what was taken, to be taken again from `dueAt` on. */
  giveBack(jti: string, dueAt: number, failures: number): Promise<void>
  end(jti: string, outcome: Outcome): Promise<void>
  /** Whether anything is still to be sent, now or later. */
  isWaiting(): Promise<boolean>
  /** The newest first. */
  latest(count: number): Promise<DeliveryReport[]>
}

interface Tables {
  securityEventDeliveries: {
    jti: string
    clientId: string
    url: string
    eventType: string
    sealedClaims: string | null
    state: DeliveryReport['state']
    status: number | null
    failures: number
    madeAt: number
    /** Decides the order of what was made in one instant. */
    place: number
    dueAt: number
    attemptedAt: number | null
  }
}

const PURPOSE = 'security event'
/** Long enough to look into what happened. */
const REPORTED_FOR = 7 * 86_400_000

export function sqlOutbox(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): Outbox {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async put(deliveries, at) {
      if (deliveries.length === 0) return
      const rows = deliveries.map(({ claims, ...delivery }, place) => ({
        ...delivery,
        sealedClaims: secrets.seal(PURPOSE, JSON.stringify(claims)),
        state: 'waiting' as const,
        status: null,
        failures: 0,
        madeAt: at,
        place,
        dueAt: at,
        attemptedAt: null,
      }))
      await database.insertInto('securityEventDeliveries').values(rows).execute()
      await database
        .deleteFrom('securityEventDeliveries')
        .where('state', '!=', 'waiting')
        .where('madeAt', '<', at - REPORTED_FOR)
        .execute()
    },
    async dueUrls(at) {
      const rows = await database
        .selectFrom('securityEventDeliveries')
        .select('url')
        .distinct()
        .where('state', '=', 'waiting')
        .where('dueAt', '<=', at)
        .execute()
      return rows.map(({ url }) => url)
    },
    async take(url, at, until, { most, since }) {
      const row = await database
        .updateTable('securityEventDeliveries')
        .set({ dueAt: until, attemptedAt: at })
        .where('jti', '=', ({ selectFrom }) =>
          selectFrom('securityEventDeliveries as oldest')
            .select('oldest.jti')
            .where('oldest.url', '=', url)
            .where('oldest.state', '=', 'waiting')
            .where('oldest.dueAt', '<=', at)
            .orderBy('oldest.madeAt')
            .orderBy('oldest.place')
            .limit(1),
        )
        // Again for the row itself: another process may have taken it since it was found.
        .where('state', '=', 'waiting')
        .where('dueAt', '<=', at)
        .where(
          ({ selectFrom, fn }) =>
            selectFrom('securityEventDeliveries as attempted')
              .select(fn.countAll<number>().as('count'))
              .where('attempted.url', '=', url)
              .where('attempted.attemptedAt', '>', since),
          '<',
          most,
        )
        .returningAll()
        .executeTakeFirst()
      if (!row?.sealedClaims) return undefined
      const { jti, clientId, eventType, failures, sealedClaims } = row
      return {
        jti,
        clientId,
        url,
        eventType,
        failures,
        claims: JSON.parse(secrets.unseal(PURPOSE, sealedClaims)),
      }
    },
    async giveBack(jti, dueAt, failures) {
      await database
        .updateTable('securityEventDeliveries')
        .set({ dueAt, failures })
        .where('jti', '=', jti)
        .where('state', '=', 'waiting')
        .execute()
    },
    async end(jti, outcome) {
      const status = outcome.state === 'unreachable' ? null : outcome.status
      await database
        .updateTable('securityEventDeliveries')
        .set({ state: outcome.state, status, failures: outcome.failures, sealedClaims: null })
        .where('jti', '=', jti)
        .execute()
    },
    async isWaiting() {
      const row = await database
        .selectFrom('securityEventDeliveries')
        .select('jti')
        .where('state', '=', 'waiting')
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },
    async latest(count) {
      const rows = await database
        .selectFrom('securityEventDeliveries')
        .selectAll()
        .orderBy('madeAt', 'desc')
        .orderBy('place', 'desc')
        .limit(count)
        .execute()
      return rows.map(
        ({ sealedClaims: _claims, place: _place, dueAt: _due, status, attemptedAt, ...row }) => ({
          ...row,
          status: status ?? undefined,
          attemptedAt: attemptedAt ?? undefined,
        }),
      )
    },
  }
}
