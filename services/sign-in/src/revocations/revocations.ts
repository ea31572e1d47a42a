// Ends access before its time, in two steps. First the revocation is stored, with its entry in the audit trail: from its
// commit on nothing is issued by what it names. Then its rule gets the next instant and number and goes to the gateways: all
// that was issued before has an `iat` at or before that instant. What is left in the tables refuses by then and is cleared
// away. A crash between the steps is made good at the next start, and meanwhile by every other process.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import {
  LONGEST_SILENCE_MS,
  type Reach,
  type Reinstatement,
  type Revocation,
  type RevocationOrder,
  type RevocationTarget,
} from '@gatehouse/contracts/revocations'
import { Refusal } from '@gatehouse/http/refusal'
import type { FastifyBaseLogger } from 'fastify'
import type { Kysely } from 'kysely'
import { createNotedInstants } from '../revocation-stream/noted-instants.ts'
import type { RuleLog } from '../revocation-stream/rule-log.ts'
import { createAccess, grantName } from './access.ts'
import { createCarryingOut } from './carrying-out.ts'
import { createLabels } from './labels.ts'
import { present } from './presentation.ts'
import { createPreview, type Directory } from './preview.ts'
import type { Tables } from './selection.ts'
import { createRevocationStore, type ListFilter, type NewRevocation } from './store.ts'
import { type Asked, orderEntry, reinstatementEntry } from './trail.ts'

interface Options {
  database: Kysely<Tables>
  ruleLog: Pick<RuleLog, 'publish' | 'enforcement'>
  directory: Directory
  audit: Audit
  log: FastifyBaseLogger
}

/** Kinds that can last here. User IDs and companies are ended for longer by their owner. */
const CAN_LAST = new Set<RevocationTarget['kind']>(['account', 'credential', 'client', 'provider'])

export function createRevocations({ database, ruleLog, directory, audit, log }: Options) {
  const store = createRevocationStore(database, audit)
  const access = createAccess(database as never)
  const carryingOut = createCarryingOut({ database, store, ruleLog, log })
  const { publish, clear } = carryingOut
  const { label, preview } = createPreview(database, directory)

  async function find(revocationId: string): Promise<Revocation> {
    const row = await store.find(revocationId)
    const [revocation] = row?.origin === 'order' ? await present(store, [row]) : []
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
    const row = await store.add({ ...order, origin: 'sign-in', by: 'sign-in' })
    void clear(await publish(row))
  }

  return {
    ...access,
    /** To be asked before anything comes of an authentication, a choice or an `iat`, in milliseconds: see `NoteInstant`. */
    note: createNotedInstants(database as never),
    preview,
    labels: createLabels(database, directory),
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
      try {
        // Whoever repeats an order hears what came of it, although by now it could not be given.
        if (!(await store.findByReference(reference))) await check(order)
      } catch (error) {
        if (error instanceof Refusal) {
          const refused = { event: 'revocation.refused', outcome: 'refusal' } as const
          await audit.record(orderEntry(refused, order, asked, { because: error.code }))
        }
        throw error
      }
      const row = await store.add(
        { kind, value, origin: 'order', reason, by, ticket, lasting, endsAt, reference },
        ({ revocationId }) =>
          orderEntry({ event: 'revocation.ordered', outcome: 'success' }, order, asked, { revocationId }),
      )
      const { revocationId } = row
      const isSame =
        row.kind === kind &&
        row.value === value &&
        row.lasting === (lasting ? 1 : 0) &&
        row.endsAt === (endsAt ?? null)
      if (!isSame) throw new Refusal('reference_used')
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
    async reinstate(revocationId: string, order: Reinstatement, asked: Asked = {}): Promise<Revocation> {
      const { target } = await find(revocationId)
      const entry = (outcome: 'success' | 'refusal') =>
        reinstatementEntry(outcome, target, revocationId, order, asked)
      const row = await store.reinstate(revocationId, order, entry('success'))
      if (!row) {
        await audit.record(entry('refusal'))
        throw new Refusal('not_standing')
      }
      await carryingOut
        .tellReinstated(row)
        .catch((error: unknown) =>
          log.error({ err: error, revocationId }, 'a reinstatement was not passed on yet'),
        )
      return find(revocationId)
    },

    /** A page of what was ordered, newest first; one row more than asked for, to tell whether there is a next page. */
    async list(filter: ListFilter): Promise<Revocation[]> {
      return present(store, await store.list({ ...filter, limit: filter.limit + 1 }))
    },

    /** Ends the tokens of a session that is over: somebody logged out. */
    endSession: (sid: string, reason: string) => endOwn({ kind: 'session', value: sid, reason }),
    /** Ends what came of a grant that is over. */
    endGrant: (clientId: string, sid: string, reason: string) =>
      endOwn({ kind: 'grant', value: grantName(clientId, sid), reason }),
    /** Ends one access token. */
    endToken: (tokenId: string, reason: string) => endOwn({ kind: 'token', value: tokenId, reason }),

    /** `listener` is told at least once what each revocation ended, after its rule is published; see `Ended`. */
    onRevoked: carryingOut.onRevoked,
    /** `listener` is told of each reinstatement once it is stored, and again if it failed. */
    onReinstated: carryingOut.onReinstated,
    /** Keeps how a relying service heard of a revocation; the last word about a service and channel counts. */
    recordReach: (revocationId: string, reach: Reach) => store.keepReach(revocationId, reach),

    /** Finishes what an earlier process left undone. Call it once all listeners are there. */
    start: carryingOut.start,
    close: carryingOut.close,
  }
}

export type Revocations = ReturnType<typeof createRevocations>
