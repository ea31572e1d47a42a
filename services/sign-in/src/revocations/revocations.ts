// Ends access before its time, in two steps. First the revocation is stored: from its commit on nothing is issued by what
// it names. Then its rule gets the next instant and number and goes to the gateways: all that was issued before has an
// `iat` at or before that instant. What is left in the tables refuses by then and is cleared away. A crash between the
// steps is made good at the next start, and meanwhile by every other process.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import {
  LONGEST_SILENCE_MS,
  type Reach,
  type Revocation,
  type RevocationOrder,
  type RevocationRule,
  type RevocationTarget,
} from '@gatehouse/contracts/revocations'
import { Refusal } from '@gatehouse/http/refusal'
import type { FastifyBaseLogger } from 'fastify'
import type { Kysely } from 'kysely'
import type { RuleLog } from '../revocation-stream/rule-log.ts'
import { createAccess, grantName, isStanding } from './access.ts'
import { createClearing } from './clearing.ts'
import type { Ended, EndedListener } from './ended.ts'
import { createPreview, type Directory } from './preview.ts'
import { endsSessions, LONGEST_ACCESS_MS, signInsOf, type Tables } from './selection.ts'
import { createRevocationStore, type ListFilter, type NewRevocation, type RevocationRow } from './store.ts'

interface Options {
  database: Kysely<Tables>
  ruleLog: Pick<RuleLog, 'publish' | 'enforcement'>
  directory: Directory
  audit: Audit
  log: FastifyBaseLogger
}

/** What a caller adds for the audit trail. */
interface Asked {
  requestId?: string
  /** The service that passes the order on, where one does. */
  caller?: string
}

/** Kinds that can last here. User IDs and companies are ended for longer by their owner. */
const CAN_LAST = new Set<RevocationTarget['kind']>(['account', 'credential', 'client', 'provider'])

/** How often is looked for what was left undone, and how old it must be to be no work in progress. */
const RETRY_MS = 2_000
/** After this nothing of a logout is left that its row would have to refuse. */
const FORGET_MS = LONGEST_ACCESS_MS + 60 * 60 * 1_000

export function createRevocations({ database, ruleLog, directory, audit, log }: Options) {
  const store = createRevocationStore(database)
  const access = createAccess(database as never)
  const clearing = createClearing(database)
  const { label, preview } = createPreview(database, directory)
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
    const [revocation] = await present([row])
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

  async function present(rows: RevocationRow[]): Promise<Revocation[]> {
    if (rows.length === 0) return []
    const reach = await store.reachOf(rows.map(({ revocationId }) => revocationId))
    const at = now()
    return rows.map((row) => ({
      revocationId: row.revocationId,
      target: { kind: row.kind, value: row.value } as RevocationTarget,
      reason: row.reason,
      ...(row.ticket === null ? {} : { ticket: row.ticket }),
      by: row.orderedBy,
      lasting: row.lasting === 1,
      ...(row.endsAt === null ? {} : { endsAt: row.endsAt }),
      orderedAt: row.orderedAt,
      ...(row.instant === null ? {} : { instant: row.instant }),
      ...(row.sequence === null ? {} : { sequence: row.sequence }),
      ended: {
        sessions: row.endedSessions,
        grants: row.endedGrants,
        refreshTokens: row.endedRefreshTokens,
      },
      standing: isStanding(row, at),
      ...(row.reinstatedAt === null
        ? {}
        : {
            reinstatedAt: row.reinstatedAt,
            reinstatedBy: row.reinstatedBy ?? '',
            reinstatementReason: row.reinstatementReason ?? '',
            ...(row.reinstatementTicket === null ? {} : { reinstatementTicket: row.reinstatementTicket }),
          }),
      enforcement: row.enforcement ? JSON.parse(row.enforcement) : [],
      reach: reach
        .filter(({ revocationId }) => revocationId === row.revocationId)
        .map(({ service, channel, state, milliseconds }) => ({ service, channel, state, milliseconds })),
    }))
  }

  async function find(revocationId: string): Promise<Revocation> {
    const row = await store.find(revocationId)
    const [revocation] = row?.origin === 'order' ? await present([row]) : []
    if (!revocation) throw new Refusal('revocation_unknown')
    return revocation
  }

  /** @throws Refusal `lasting_not_possible`, `end_not_usable`, `target_unknown` */
  async function check({ target, lasting, endsAt }: RevocationOrder): Promise<void> {
    if (lasting && !CAN_LAST.has(target.kind)) throw new Refusal('lasting_not_possible')
    if (endsAt !== undefined && (!lasting || endsAt <= now())) throw new Refusal('end_not_usable')
    await label(target)
  }

  /** Sign-in's own: stored and published when it returns. */
  async function endOwn(order: Omit<NewRevocation, 'origin' | 'by'>): Promise<void> {
    const { row } = await store.add({ ...order, origin: 'sign-in', by: 'sign-in' })
    void clear(await publish(row))
  }

  return {
    ...access,
    preview,
    find,

    /**
     * Revokes. Of orders with the same reference one is carried out, and all get its answer. Answers once every gateway
     * enforces it or refuses everything, a second at most after the rule was published.
     *
     * @throws Refusal `target_unknown`, `lasting_not_possible`, `end_not_usable`, `reference_used`
     */
    async revoke(order: RevocationOrder, asked: Asked = {}): Promise<Revocation> {
      const { target, reason, by, ticket, lasting, endsAt, reference } = order
      const { kind, value } = target
      const record = (event: string, outcome: 'success' | 'refusal', more: Record<string, string | number>) =>
        audit.record({
          event,
          outcome,
          actor: by,
          subject: `${kind} ${value}`,
          details: {
            reason,
            lasting,
            ...(ticket === undefined ? {} : { ticket }),
            ...(endsAt === undefined ? {} : { endsAt }),
            ...(asked.caller === undefined ? {} : { caller: asked.caller }),
            ...more,
          },
          ...(asked.requestId === undefined ? {} : { requestId: asked.requestId }),
        })
      try {
        // Whoever repeats an order hears what came of it, although by now it could not be given.
        if (!(await store.findByReference(reference))) await check(order)
      } catch (error) {
        if (error instanceof Refusal) await record('revocation.refused', 'refusal', { because: error.code })
        throw error
      }
      const { row, isNew } = await store.add({
        kind,
        value,
        origin: 'order',
        reason,
        by,
        ticket,
        lasting,
        endsAt,
        reference,
      })
      const { revocationId } = row
      const isSame =
        row.kind === kind &&
        row.value === value &&
        row.lasting === (lasting ? 1 : 0) &&
        row.endsAt === (endsAt ?? null)
      if (!isSame) throw new Refusal('reference_used')
      if (isNew) await record('revocation.ordered', 'success', { revocationId })
      const published = await publish(row)
      const publishedAt = performance.now()
      const cleared = row.clearedAt === null ? clear(published) : Promise.resolve()
      if (row.enforcement === null) {
        await store.keepEnforcement(
          revocationId,
          await ruleLog.enforcement(published.sequence ?? 0, publishedAt, LONGEST_SILENCE_MS),
        )
      }
      // What it ended is part of the answer as far as that takes no longer than gateways may.
      const left = publishedAt + LONGEST_SILENCE_MS - performance.now()
      await Promise.race([cleared, new Promise((resolve) => setTimeout(resolve, Math.max(0, left)).unref())])
      return find(revocationId)
    },

    /**
     * Lets in again whom a lasting revocation keeps out. What it ended stays ended.
     *
     * @throws Refusal `revocation_unknown`, `not_standing`
     */
    async reinstate(
      revocationId: string,
      order: { by: string; reason: string; ticket?: string | undefined },
      asked: Asked = {},
    ): Promise<Revocation> {
      const before = await find(revocationId)
      const row = await store.reinstate(revocationId, order)
      await audit.record({
        event: 'revocation.reinstated',
        outcome: row ? 'success' : 'refusal',
        actor: order.by,
        subject: `${before.target.kind} ${before.target.value}`,
        details: {
          revocationId,
          reason: order.reason,
          ...(order.ticket === undefined ? {} : { ticket: order.ticket }),
          ...(asked.caller === undefined ? {} : { caller: asked.caller }),
        },
        ...(asked.requestId === undefined ? {} : { requestId: asked.requestId }),
      })
      if (!row) throw new Refusal('not_standing')
      await tellReinstated(row).catch((error: unknown) =>
        log.error({ err: error, revocationId }, 'a reinstatement was not passed on yet'),
      )
      return find(revocationId)
    },

    /** A page of what was ordered, newest first; one row more than asked for, to tell whether there is a next page. */
    async list(filter: ListFilter): Promise<Revocation[]> {
      return present(await store.list({ ...filter, limit: filter.limit + 1 }))
    },

    /** Ends the tokens of a session that is over: somebody logged out. */
    endSession: (sid: string, reason: string) => endOwn({ kind: 'session', value: sid, reason }),
    /** Ends what came of a grant that is over. */
    endGrant: (clientId: string, sid: string, reason: string) =>
      endOwn({ kind: 'grant', value: grantName(clientId, sid), reason }),
    /** Ends one access token. */
    endToken: (tokenId: string, reason: string) => endOwn({ kind: 'token', value: tokenId, reason }),

    /** `listener` is told at least once what each revocation ended, after its rule is published; see `Ended`. */
    onRevoked: (listener: EndedListener) => void listeners.push(listener),
    /** `listener` is told of each reinstatement once it is stored, and again if it failed. */
    onReinstated: (listener: (revocation: Revocation) => Promise<void>) =>
      void reinstatedListeners.push(listener),
    /** Keeps how a relying service heard of a revocation; the last word about a service and channel counts. */
    recordReach: (revocationId: string, reach: Reach) => store.keepReach(revocationId, reach),

    /** Finishes what an earlier process left undone. Call it once all listeners are there. */
    start: () => finish(now()),
    async close(): Promise<void> {
      clearInterval(retry)
      await retrying
      await Promise.all(clearings.values())
    },
  }
}

export type Revocations = ReturnType<typeof createRevocations>
