// What follows once a revocation is stored: its rule is published, those who listen are told, what it ended is cleared away.
// Each may fail and is then repeated, by this process or by the next.

import { now } from '@gatehouse/clock/clock'
import type { Revocation, RevocationRule } from '@gatehouse/contracts/revocations'
import type { FastifyBaseLogger } from 'fastify'
import type { Kysely } from 'kysely'
import type { RuleLog } from '../revocation-stream/rule-log.ts'
import { createClearing } from './clearing.ts'
import type { Ended, EndedListener } from './ended.ts'
import { present } from './presentation.ts'
import { endsSessions, LONGEST_ACCESS_MS, signInsOf, type Tables } from './selection.ts'
import type { RevocationRow, RevocationStore } from './store.ts'

interface Options {
  database: Kysely<Tables>
  store: RevocationStore
  ruleLog: Pick<RuleLog, 'publish'>
  log: FastifyBaseLogger
}

/** How often is looked for what was left undone, and how old it must be to be no work in progress. */
const RETRY_MS = 2_000
/** After this nothing of a logout is left that its row would have to refuse. */
const FORGET_MS = LONGEST_ACCESS_MS + 60 * 60 * 1_000

export function createCarryingOut({ database, store, ruleLog, log }: Options) {
  const clearing = createClearing(database)
  const listeners: EndedListener[] = []
  const reinstatedListeners: ((revocation: Revocation) => Promise<void>)[] = []
  const clearings = new Map<string, Promise<void>>()

  /**
   * By which claims tokens in flight are matched. Read after the revocation is committed: a session that is tied to its
   * sign-in only later gets no token any more.
   */
  async function matchesOf({ kind, value, orderedAt }: RevocationRow): Promise<RevocationRule['matches']> {
    if (kind !== 'account' && kind !== 'credential') return [{ by: kind, value }]
    const sessions = await signInsOf(database, { kind, value }, orderedAt - LONGEST_ACCESS_MS)
      .select('signIns.sessionUid')
      .distinct()
      .where('signIns.sessionUid', 'is not', null)
      .execute()
    return sessions.map(({ sessionUid }) => ({ by: 'session', value: String(sessionUid) }))
  }

  /** The second step; whoever repeats it gets the same rule. */
  async function publish(row: RevocationRow): Promise<RevocationRow> {
    if (row.instant !== null) return row
    const { revocationId } = row
    const { instant, sequence } = await ruleLog.publish({ revocationId, matches: await matchesOf(row) })
    await store.keepRule(revocationId, { instant, sequence })
    return { ...row, instant, sequence }
  }

  function endedOf(row: RevocationRow, sessions: Ended['sessions']): Ended {
    const { revocationId: id, kind, value, reason, origin, orderedBy: by } = row
    return {
      revocation: {
        id,
        kind,
        value,
        reason,
        origin,
        by,
        instant: row.instant ?? 0,
        lasting: row.lasting === 1,
      },
      sessionsEnded: endsSessions(row),
      sessions,
      accounts: [...new Set(sessions.map(({ accountId }) => accountId))],
      clients: [...new Set(sessions.flatMap(({ clients }) => clients))],
    }
  }

  async function clearAway(row: RevocationRow): Promise<void> {
    const tell = async (sessions: Ended['sessions']) => {
      for (const listener of listeners) await listener(endedOf(row, sessions))
    }
    let isTold = false
    for await (const batch of clearing.batches(row)) {
      if (batch.sessions.length > 0) {
        await tell(batch.sessions)
        isTold = true
      }
      await batch.clear()
    }
    // Whoever was not signed in may be locked out all the same.
    if (!isTold) await tell([])
    await clearing.done(row.revocationId)
  }

  async function tellReinstated(row: RevocationRow): Promise<void> {
    const [revocation] = await present(store, [row])
    if (!revocation) return
    for (const listener of reinstatedListeners) await listener(revocation)
    await store.keepTold(row.revocationId)
  }

  /** Once at a time for each revocation; what fails is tried again. */
  function clear(row: RevocationRow): Promise<void> {
    const { revocationId } = row
    const running =
      clearings.get(revocationId) ??
      clearAway(row)
        .catch((error: unknown) => log.error({ err: error, revocationId }, 'not cleared away yet'))
        .finally(() => clearings.delete(revocationId))
    clearings.set(revocationId, running)
    return running
  }

  /** @param orderedUpTo what is newer may be in the hands of another process */
  async function finish(orderedUpTo: number): Promise<void> {
    for (const row of await store.unfinished(orderedUpTo)) {
      if (row.instant === null) log.warn({ revocationId: row.revocationId }, 'revocation without a rule')
      void clear(await publish(row))
    }
    for (const row of await store.untold()) await tellReinstated(row)
    await store.forget(now() - FORGET_MS)
  }

  let retrying: Promise<void> | undefined
  const retry = setInterval(() => {
    retrying ??= finish(now() - RETRY_MS)
      .catch((error: unknown) => log.error({ err: error }, 'revocations could not be finished'))
      .finally(() => {
        retrying = undefined
      })
  }, RETRY_MS)
  retry.unref()

  return {
    publish,
    clear,
    tellReinstated,
    onRevoked: (listener: EndedListener) => void listeners.push(listener),
    onReinstated: (listener: (revocation: Revocation) => Promise<void>) =>
      void reinstatedListeners.push(listener),
    start: () => finish(now()),
    async close(): Promise<void> {
      clearInterval(retry)
      await retrying
      await Promise.all(clearings.values())
    },
  }
}
