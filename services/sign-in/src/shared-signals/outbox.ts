// Security events that receivers are still to be told of, and what came of those they were told of. Kept before what they
// tell of is answered, and taken out for a time only while they are sent: a process that is killed in the middle loses
// nothing. What an event says is sealed, and forgotten once it was taken or given up.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import type { EventState, SharedSignalsTables } from './tables.ts'

/** What a security event token says beside who issued it, when, and to whom. */
export interface EventClaims {
  sub_id: { format: 'iss_sub'; iss: string; sub: string } | { format: 'opaque'; id: string }
  /** Exactly one. */
  events: Record<string, Record<string, unknown>>
  /** The revocation, of which several events may tell (RFC 8417 §2.2). */
  txn?: string
}

export interface NewEvent {
  streamId: string
  /** Of two with the same cause in one stream one is kept. */
  cause: string
  revocationId?: string | undefined
  eventType: string
  claims: EventClaims
}

export interface WaitingEvent {
  /** The token's `jti`, the same however often it is sent. */
  eventId: string
  streamId: string
  revocationId: string | undefined
  claims: EventClaims
  /** Milliseconds. */
  madeAt: number
  attempts: number
}

/** How the events of one revocation fared in one stream. */
interface Fate {
  waiting: number
  failed: number
}

const PURPOSE = 'security event'
/** What a receiver did not fetch in a week has nothing left to end; what was told is kept as long, to look into. */
const KEPT_MS = 7 * 86_400_000
/** Of a stream that is paused, or whose receiver does not come. Then the oldest go. */
const MOST_WAITING = 10_000
const INSERTED_AT_ONCE = 100

export function createOutbox(
  database: Kysely<SharedSignalsTables>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
) {
  /** Across what is put in at one instant. */
  let places = 0
  type Row = {
    eventId: string
    streamId: string
    revocationId: string | null
    sealedClaims: string | null
    madeAt: number
    attempts: number
  }
  const COLUMNS = ['eventId', 'streamId', 'revocationId', 'sealedClaims', 'madeAt', 'attempts'] as const
  const eventOf = ({ sealedClaims, revocationId, ...row }: Row): WaitingEvent => ({
    ...row,
    revocationId: revocationId ?? undefined,
    claims: JSON.parse(secrets.unseal(PURPOSE, sealedClaims ?? '')),
  })

  const waitingIn = (streamId: string) =>
    database
      .selectFrom('ssfEvents')
      .select(COLUMNS)
      .where('streamId', '=', streamId)
      .where('state', '=', 'waiting')
      .orderBy('madeAt')
      .orderBy('place')
      .orderBy('eventId')

  async function tidy(streamIds: Iterable<string>): Promise<void> {
    await database
      .deleteFrom('ssfEvents')
      .where('madeAt', '<', now() - KEPT_MS)
      .execute()
    for (const streamId of streamIds) {
      await database
        .deleteFrom('ssfEvents')
        .where('eventId', 'in', (events) =>
          events
            .selectFrom('ssfEvents as older')
            .select('older.eventId')
            .where('older.streamId', '=', streamId)
            .where('older.state', '=', 'waiting')
            .orderBy('older.madeAt', 'desc')
            .orderBy('older.place', 'desc')
            // SQLite takes an offset only after a limit.
            .limit(1_000_000)
            .offset(MOST_WAITING),
        )
        .execute()
    }
  }

  return {
    /** Keeps those that are not there yet. */
    async put(events: NewEvent[]): Promise<void> {
      const at = now()
      for (let first = 0; first < events.length; first += INSERTED_AT_ONCE) {
        const rows = events.slice(first, first + INSERTED_AT_ONCE).map(({ claims, ...event }) => ({
          eventId: randomUUID(),
          ...event,
          revocationId: event.revocationId ?? null,
          sealedClaims: secrets.seal(PURPOSE, JSON.stringify(claims)),
          madeAt: at,
          place: places++,
          state: 'waiting' as const,
          dueAt: at,
          attempts: 0,
          error: null,
          endedAt: null,
        }))
        await database
          .insertInto('ssfEvents')
          .values(rows)
          .onConflict((conflict) => conflict.columns(['streamId', 'cause']).doNothing())
          .execute()
      }
      if (events.length > 0) await tidy(new Set(events.map(({ streamId }) => streamId)))
    },

    /** The streams to which something should be pushed at `at`. */
    async duePushes(at: number): Promise<string[]> {
      const rows = await database
        .selectFrom('ssfEvents')
        .innerJoin('ssfStreams', 'ssfStreams.streamId', 'ssfEvents.streamId')
        .select('ssfEvents.streamId')
        .distinct()
        .where('ssfEvents.state', '=', 'waiting')
        .where('ssfEvents.dueAt', '<=', at)
        .where('ssfStreams.status', '=', 'enabled')
        .where('ssfStreams.deliveryMethod', '=', 'push')
        .execute()
      return rows.map(({ streamId }) => streamId)
    },

    /** Takes the oldest of a stream, if it is due, so that nobody else does before `until`. */
    async take(streamId: string, at: number, until: number): Promise<WaitingEvent | undefined> {
      const oldest = await waitingIn(streamId).limit(1).executeTakeFirst()
      if (!oldest) return undefined
      const row = await database
        .updateTable('ssfEvents')
        .set({ dueAt: until })
        .where('eventId', '=', oldest.eventId)
        .where('state', '=', 'waiting')
        .where('dueAt', '<=', at)
        .returning(COLUMNS)
        .executeTakeFirst()
      return row && eventOf(row)
    },

    /** Gives back what was taken, to be taken again from `dueAt` on. */
    async giveBack(eventId: string, dueAt: number, attempts: number, error: string | null): Promise<void> {
      await database
        .updateTable('ssfEvents')
        .set({ dueAt, attempts, error })
        .where('eventId', '=', eventId)
        .where('state', '=', 'waiting')
        .execute()
    },

    /** The oldest that wait in a stream. */
    async waiting(streamId: string, most: number): Promise<WaitingEvent[]> {
      const rows = await waitingIn(streamId).limit(most).execute()
      return rows.map(eventOf)
    },

    /**
     * Notes what came of events, once.
     *
     * @returns the revocations that they told of
     */
    async end(
      streamId: string,
      eventIds: readonly string[],
      state: Exclude<EventState, 'waiting'>,
      error: string | null = null,
    ): Promise<string[]> {
      if (eventIds.length === 0) return []
      const rows = await database
        .updateTable('ssfEvents')
        .set({ state, error, sealedClaims: null, endedAt: now() })
        .where('streamId', '=', streamId)
        .where('eventId', 'in', eventIds)
        .where('state', '=', 'waiting')
        .returning('revocationId')
        .execute()
      return [...new Set(rows.flatMap(({ revocationId }) => revocationId ?? []))]
    },

    async fateOf(revocationId: string, streamId: string): Promise<Fate> {
      const rows = await database
        .selectFrom('ssfEvents')
        .select(({ fn }) => ['state', fn.countAll<number | bigint>().as('count')])
        .where('revocationId', '=', revocationId)
        .where('streamId', '=', streamId)
        .groupBy('state')
        .execute()
      const count = (...states: EventState[]) =>
        rows.reduce((sum, row) => sum + (states.includes(row.state) ? Number(row.count) : 0), 0)
      return { waiting: count('waiting'), failed: count('refused', 'given-up') }
    },
  }
}

export type Outbox = ReturnType<typeof createOutbox>
