import { randomUUID } from 'node:crypto'
import type { Audit, AuditEvent } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { GatewayEnforcement, Reach, Reinstatement } from '@gatehouse/contracts/revocations'
import type { Kysely, Selectable } from 'kysely'
import { standingAt } from './access.ts'
import type { Tables, Target } from './selection.ts'
import type { RevocationTables } from './tables.ts'

export type RevocationRow = Selectable<RevocationTables['revocations']>

export interface NewRevocation extends Target {
  origin: RevocationRow['origin']
  reason: string
  by: string
  ticket?: string | undefined
  lasting?: boolean
  endsAt?: number | undefined
  /** Of two with the same reference one is stored. */
  reference?: string
}

/** Where a page of the list ended. */
export type ListPosition = readonly [orderedAt: number, revocationId: string]

export interface ListFilter {
  kind?: RevocationRow['kind'] | undefined
  value?: string | undefined
  standing?: boolean | undefined
  after?: ListPosition | undefined
  limit: number
}

/** @param audit what is ordered here and its entry there are one commit */
export function createRevocationStore(database: Kysely<Tables>, audit: Pick<Audit, 'recordIn'>) {
  const find = (revocationId: string) =>
    database.selectFrom('revocations').selectAll().where('revocationId', '=', revocationId).executeTakeFirst()

  const findByReference = (reference: string) =>
    database.selectFrom('revocations').selectAll().where('reference', '=', reference).executeTakeFirst()

  return {
    find,
    findByReference,

    /**
     * Stores a revocation: from here on it refuses. With a reference that was used it gives the earlier one.
     *
     * @param entryOf what the audit trail says of a new one
     */
    async add(order: NewRevocation, entryOf?: (row: RevocationRow) => AuditEvent): Promise<RevocationRow> {
      const row = await (entryOf
        ? database.transaction().execute(async (transaction) => {
            const added = await insert(transaction, order)
            if (added) await audit.recordIn(transaction, entryOf(added))
            return added
          })
        : insert(database, order))
      if (row) return row
      const earlier = await findByReference(order.reference ?? '')
      if (!earlier) throw new Error('a revocation was neither stored nor found')
      return earlier
    },

    /** Keeps the instant and the number of its rule; the first stays. */
    async keepRule(revocationId: string, rule: { instant: number; sequence: number }): Promise<void> {
      await database
        .updateTable('revocations')
        .set({ instant: rule.instant, sequence: rule.sequence })
        .where('revocationId', '=', revocationId)
        .where('instant', 'is', null)
        .execute()
    },

    async keepEnforcement(revocationId: string, enforcement: GatewayEnforcement[]): Promise<void> {
      await database
        .updateTable('revocations')
        .set({ enforcement: JSON.stringify(enforcement) })
        .where('revocationId', '=', revocationId)
        .where('enforcement', 'is', null)
        .execute()
    },

    /** What a crash or a failure left undone, oldest first: without a rule, or not cleared away. */
    unfinished(orderedUpTo: number): Promise<RevocationRow[]> {
      return database
        .selectFrom('revocations')
        .selectAll()
        .where((row) => row.or([row('instant', 'is', null), row('clearedAt', 'is', null)]))
        .where('orderedAt', '<=', orderedUpTo)
        .orderBy('orderedAt')
        .execute()
    },

    /**
     * @param entry what the audit trail says of it
     * @returns the revocation, if it stood until now; of two calls at once one gets it
     */
    reinstate(revocationId: string, order: Reinstatement, entry: AuditEvent) {
      const at = now()
      return database.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('revocations')
          .set({
            reinstatedAt: at,
            reinstatedBy: order.by,
            reinstatementReason: order.reason,
            reinstatementTicket: order.ticket ?? null,
          })
          .where('revocationId', '=', revocationId)
          .where(standingAt(at))
          .returningAll()
          .executeTakeFirst()
        if (row) await audit.recordIn(transaction, entry)
        return row
      })
    },

    /** Reinstatements of which nobody was told yet. */
    untold(): Promise<RevocationRow[]> {
      return database
        .selectFrom('revocations')
        .selectAll()
        .where('reinstatedAt', 'is not', null)
        .where('reinstatementToldAt', 'is', null)
        .execute()
    },

    async keepTold(revocationId: string): Promise<void> {
      await database
        .updateTable('revocations')
        .set({ reinstatementToldAt: now() })
        .where('revocationId', '=', revocationId)
        .execute()
    },

    /** Those that were ordered, newest first. */
    list({ kind, value, standing, after, limit }: ListFilter): Promise<RevocationRow[]> {
      let query = database.selectFrom('revocations').selectAll().where('origin', '=', 'order')
      if (kind !== undefined) query = query.where('kind', '=', kind)
      if (value !== undefined) query = query.where('value', '=', value)
      if (standing !== undefined) {
        const stands = standingAt(now())
        query = query.where((row) => (standing ? stands(row) : row.not(stands(row))))
      }
      if (after) {
        const [orderedAt, revocationId] = after
        query = query.where((row) =>
          row.or([
            row('orderedAt', '<', orderedAt),
            row.and([row('orderedAt', '=', orderedAt), row('revocationId', '<', revocationId)]),
          ]),
        )
      }
      return query.orderBy('orderedAt', 'desc').orderBy('revocationId', 'desc').limit(limit).execute()
    },

    /** Forgets those of sign-in's own, such as logouts, of which nothing can be left. */
    async forget(orderedUpTo: number): Promise<void> {
      await database
        .deleteFrom('revocations')
        .where('origin', '=', 'sign-in')
        .where('orderedAt', '<=', orderedUpTo)
        .where('clearedAt', 'is not', null)
        .execute()
    },

    async keepReach(revocationId: string, reach: Reach): Promise<void> {
      const { service, channel, state, milliseconds } = reach
      await database
        .insertInto('revocationReach')
        .values({ revocationId, service, channel, state, milliseconds })
        .onConflict((conflict) =>
          conflict.columns(['revocationId', 'service', 'channel']).doUpdateSet({ state, milliseconds }),
        )
        .execute()
    },

    reachOf(revocationIds: readonly string[]) {
      return database
        .selectFrom('revocationReach')
        .selectAll()
        .where('revocationId', 'in', revocationIds)
        .orderBy('service')
        .orderBy('channel')
        .execute()
    },
  }
}

export type RevocationStore = ReturnType<typeof createRevocationStore>

/** Nothing, where one with this reference is stored already. */
function insert(into: Kysely<Tables>, order: NewRevocation): Promise<RevocationRow | undefined> {
  const { kind, value, origin, reason, by, ticket, lasting = false, endsAt, reference } = order
  return into
    .insertInto('revocations')
    .values({
      revocationId: randomUUID(),
      kind,
      value,
      origin,
      reason,
      ticket: ticket ?? null,
      orderedBy: by,
      reference: reference ?? null,
      orderedAt: now(),
      lasting: lasting ? 1 : 0,
      endsAt: endsAt ?? null,
      endedSessions: 0,
      endedGrants: 0,
      endedRefreshTokens: 0,
    })
    .onConflict((conflict) => conflict.column('reference').doNothing())
    .returningAll()
    .executeTakeFirst()
}
