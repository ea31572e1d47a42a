// The ordered stream of revocation rules, as one process of sign-in passes it on. The truth is in the database, where each
// rule has the next number; a broadcast between the processes only says that it is worth looking. What must always hold:
// subscribers get every rule once and in order, or are told that they have to begin anew.

import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  Acknowledgement,
  type GatewayEnforcement,
  HEARTBEAT_MS,
  type RevocationRule,
  type StoredUpTo,
} from '@gatehouse/contracts/revocations'
import type { Broadcast } from '@gatehouse/storage/broadcast'
import type { FastifyBaseLogger } from 'fastify'
import type { Kysely } from 'kysely'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { createGatewayRecords } from './gateway-records.ts'
import { createGateways } from './gateways.ts'
import { createRuleStore, type NewRule } from './rule-store.ts'
import type { RevocationStreamTables } from './tables.ts'

/** How many rules are read at once. */
const BATCH = 1_000
/** After so many rules of its own a process deletes old ones. */
const TIDY_EVERY = 100

/** What another process may say: that there is a rule up to this number, or what a gateway acknowledged there. */
const Hint = Type.Object({
  storedUpTo: Type.Optional(Type.Object({ epoch: Type.String(), sequence: Type.Integer() })),
  acknowledged: Type.Optional(Acknowledgement),
})

export type StreamEvent =
  | { type: 'rule'; rule: RevocationRule }
  /** What came before is another history, or rules in between are gone: only a snapshot helps. */
  | { type: 'reset' }
  /** Nothing is missing at this moment; sent every 250 ms while the database answers. */
  | { type: 'heartbeat' }

export interface RuleLog {
  /**
   * Gives the rule its instant and number, stores it and passes it on. When it returns, no gateway that lets anything
   * through will lack it for longer than a second. Asking again for the same revocation gives the same rule.
   */
  publish(rule: NewRule): Promise<RevocationRule>
  /**
   * The newest number that is stored, read from the database after the call. Whoever subscribed gets what was missing.
   *
   * @param seen what somebody else knows to be stored
   */
  newest(seen?: StoredUpTo): Promise<StoredUpTo>
  /** Up to where subscribers have been told. */
  position(): StoredUpTo
  /** Rules after `sequence` in order, as far as they are still kept. */
  since(sequence: number, limit: number): Promise<RevocationRule[]>
  /** The same without the rules that match no token any more: pages of a snapshot. */
  live(after: number, limit: number): Promise<RevocationRule[]>
  /** Calls `listener` with all that comes after `position()` of now, in order. Returns how to stop. */
  subscribe(listener: (event: StreamEvent) => void): () => void
  /** Keeps what a gateway says that it enforces, and answers what is stored. */
  acknowledge(acknowledgement: Static<typeof Acknowledgement>): Promise<StoredUpTo>
  /**
   * What became of a rule at each gateway: waits until all of them acknowledged it, at most until the deadline. A
   * gateway that was silent for a second is not waited for: it refuses everything.
   *
   * @param publishedAt when `publish` returned, by `performance.now()`
   * @param deadlineMs counted from `publishedAt`; with 1,000 or more, `refusing-everything` is certain
   */
  enforcement(sequence: number, publishedAt: number, deadlineMs: number): Promise<GatewayEnforcement[]>
  close(): void
}

interface Options {
  // biome-ignore lint/suspicious/noExplicitAny: the service's database; narrowed here
  database: Kysely<any>
  broadcast: Broadcast
  log: FastifyBaseLogger
}

/** Begins where the stream is now: whoever subscribes reads what was before by `live` or `since`. */
export async function createRuleLog({ database, broadcast, log }: Options): Promise<RuleLog> {
  const tables: Kysely<RevocationStreamTables> = database
  const store = createRuleStore(tables)
  const gateways = createGateways()
  const records = createGatewayRecords(tables, log)
  const listeners = new Set<(event: StreamEvent) => void>()
  let position = await store.newest()
  let published = 0
  let heartbeat: NodeJS.Timeout | undefined
  let isBeating = false
  let isCatchingUp: Promise<void> | undefined

  function tell(event: StreamEvent): void {
    for (const listener of [...listeners]) listener(event)
  }

  /** Passes a committed rule on if it is the next; otherwise the database knows what is. */
  function offer(epoch: string, rule: RevocationRule): boolean {
    if (epoch !== position.epoch || rule.sequence !== position.sequence + 1) return false
    position = { epoch, sequence: rule.sequence }
    tell({ type: 'rule', rule })
    return true
  }

  function startAnewAt(stored: StoredUpTo): void {
    position = stored
    tell({ type: 'reset' })
  }

  /** Passes on all that is stored up to `stored`, which was read from the database. */
  async function catchUpTo(stored: StoredUpTo): Promise<void> {
    // Asked again: what was read may be of the history before this one.
    if (stored.epoch !== position.epoch) return startAnewAt(await store.newest())
    while (position.sequence < stored.sequence) {
      const rules = await store.after(position.sequence, BATCH)
      const isComplete = rules.every(
        (rule) => rule.sequence <= position.sequence || offer(stored.epoch, rule),
      )
      if (isComplete && rules.length > 0) continue
      // Rules in between were so old that they are deleted.
      if (position.sequence < stored.sequence) startAnewAt(stored)
    }
  }

  /** One after the other: two at once would read everything twice. */
  async function catchUp(stored: StoredUpTo): Promise<void> {
    while (isCatchingUp) await isCatchingUp
    if (stored.epoch === position.epoch && stored.sequence <= position.sequence) return
    isCatchingUp = catchUpTo(stored).finally(() => {
      isCatchingUp = undefined
    })
    await isCatchingUp
  }

  /**
   * A database that was put back to an earlier state gives numbers out again that others know for other rules. Whoever
   * notices begins another history, in which no number means what it meant.
   */
  async function noticeRestoredDatabase(seen: StoredUpTo, stored: StoredUpTo): Promise<StoredUpTo> {
    if (seen.epoch !== stored.epoch || seen.sequence <= stored.sequence) return stored
    log.warn({ seen: seen.sequence, stored: stored.sequence }, 'the database knows less than it did')
    await store.replaceEpoch(stored.epoch, randomUUID())
    return store.newest()
  }

  async function newest(seen?: StoredUpTo): Promise<StoredUpTo> {
    // Before the question: what is told while it is under way may be newer than the answer.
    const told = position
    let stored = await noticeRestoredDatabase(told, await store.newest())
    if (seen) stored = await noticeRestoredDatabase(seen, stored)
    await catchUp(stored)
    return stored
  }

  async function beat(): Promise<void> {
    if (isBeating) return
    isBeating = true
    try {
      await newest()
      tell({ type: 'heartbeat' })
    } catch (error) {
      // No heartbeat: gateways go blind until the database answers again.
      log.error({ err: error }, 'the newest revocation cannot be read')
    } finally {
      isBeating = false
    }
  }

  const stopListening = broadcast.subscribe((message) => {
    if (!Value.Check(Hint, message)) return
    const { storedUpTo, acknowledged } = message
    if (acknowledged) gateways.heard(acknowledged, performance.now())
    const isNews =
      storedUpTo && (storedUpTo.epoch !== position.epoch || storedUpTo.sequence > position.sequence)
    if (isNews) newest().catch((error) => log.error({ err: error }, 'the newest revocation cannot be read'))
  })

  return {
    newest,
    position: () => position,
    since: store.after,
    live: store.liveAfter,

    async publish(order) {
      const { epoch, rule } = await store.add(order)
      const stored = { epoch, sequence: rule.sequence }
      broadcast.publish({ storedUpTo: stored })
      try {
        // A rule before this one was committed by somebody else, and its turn is first.
        if (!offer(epoch, rule)) await catchUp(stored)
        published += 1
        if (published % TIDY_EVERY === 0) await store.tidy()
      } catch (error) {
        // The rule is stored: the next heartbeat finds it, and until then none says that nothing is missing.
        log.error({ err: error }, 'a revocation is stored and could not be passed on yet')
      }
      return rule
    },

    subscribe(listener) {
      listeners.add(listener)
      heartbeat ??= setInterval(() => void beat(), HEARTBEAT_MS)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(heartbeat)
        heartbeat = undefined
      }
    },

    async acknowledge(acknowledgement) {
      gateways.heard(acknowledgement, performance.now())
      broadcast.publish({ acknowledged: acknowledgement })
      records.keep(acknowledgement)
      return newest(acknowledgement)
    },

    async enforcement(sequence, publishedAt, deadlineMs) {
      const following = records.follow(gateways.heard)
      const left = Math.max(0, publishedAt + deadlineMs - performance.now())
      try {
        await Promise.race([following.first, pause(left, undefined, { ref: false })])
        return await gateways.enforcement({ epoch: position.epoch, sequence }, publishedAt, deadlineMs)
      } finally {
        following.stop()
      }
    },

    close() {
      stopListening()
      clearInterval(heartbeat)
      listeners.clear()
      gateways.close()
    },
  }
}
