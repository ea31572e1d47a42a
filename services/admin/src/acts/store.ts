import { now } from '@gatehouse/clock/clock'
import type { Kysely, Transaction } from 'kysely'
import { type Act, type ActState, type Order, type Step, TIME_TO_DECIDE } from './act.ts'
import { causesOf } from './causes.ts'
import { type ActRow, type ActTable, actOf } from './table.ts'

/** Where a list goes on: behind this act. */
export interface ActPosition {
  askedAt: number
  actId: string
}

export interface ActFilter {
  state?: ActState | undefined
  kind?: string | undefined
  value?: string | undefined
  needsApproval?: boolean | undefined
}

export interface Decision {
  by: string
  to: 'under-way' | 'refused' | 'withdrawn'
  reason: string
}

/** What the audit trail is told of an act, in the commit of what is told. */
type Tell = (transaction: Transaction<ActTable>) => Promise<void>

export function createActStore(database: Kysely<ActTable>) {
  async function find(actId: string): Promise<Act | undefined> {
    const row = await database.selectFrom('acts').selectAll().where('actId', '=', actId).executeTakeFirst()
    return row && actOf(row)
  }

  return {
    find,
    /** The acts that revocations at sign-in came of, by the ids of these. */
    causesOf: (revocationIds: readonly string[]) => causesOf(database, revocationIds),
    /** Stores an act under `actId`, once: of two with the same id, both get the first. */
    async keep(
      actId: string,
      order: Order,
      askedBy: string,
      needsApproval: boolean,
      tell: Tell = silent,
    ): Promise<Act> {
      const askedAt = now()
      const steps: Step[] = order.steps.map((step) => ({ step, state: 'to-do' }))
      const row: ActRow = {
        actId,
        operation: order.operation,
        kind: order.kind,
        value: order.value,
        reason: order.reason,
        ticket: order.ticket ?? null,
        lasting: order.lasting ? 1 : 0,
        endsAt: order.endsAt ?? null,
        askedBy,
        askedAt,
        needsApproval: needsApproval ? 1 : 0,
        decideBy: needsApproval ? askedAt + TIME_TO_DECIDE : null,
        decidedBy: null,
        decidedAt: null,
        decisionReason: null,
        state: needsApproval ? 'awaiting-approval' : 'under-way',
        steps: JSON.stringify(steps),
        revocationId: order.revocationId ?? null,
        lifts: order.lifts ?? null,
        failure: null,
        triedAt: null,
        doneAt: null,
      }
      await database.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows = 0n } = await transaction
          .insertInto('acts')
          .values(row)
          .onConflict((conflict) => conflict.column('actId').doNothing())
          .executeTakeFirst()
        if (numInsertedOrUpdatedRows > 0n) await tell(transaction)
      })
      return (await find(actId)) ?? actOf(row)
    },

    /** Decides about a request that waits, in its time: of any number at once, one does. */
    async decide(actId: string, { by, to, reason }: Decision, tell: Tell = silent): Promise<boolean> {
      const at = now()
      return database.transaction().execute(async (transaction) => {
        const decided = transaction
          .updateTable('acts')
          .set({ state: to, decidedBy: by, decidedAt: at, decisionReason: reason })
          .where('actId', '=', actId)
          .where('state', '=', 'awaiting-approval')
          .where('decideBy', '>', at)
          // Said again here, so that no way leads round it: who asked only withdraws, and nobody else does.
          .where('askedBy', to === 'withdrawn' ? '=' : '<>', by)
        const { numUpdatedRows } = await decided.executeTakeFirst()
        if (numUpdatedRows > 0n) await tell(transaction)
        return numUpdatedRows > 0n
      })
    },

    /** Takes the turn at an act that is under way and that nobody has tried since `before`. */
    async takeTurn(actId: string, before: number): Promise<boolean> {
      const { numUpdatedRows } = await database
        .updateTable('acts')
        .set({ triedAt: now() })
        .where('actId', '=', actId)
        .where('state', '=', 'under-way')
        .where((row) => row.or([row('triedAt', 'is', null), row('triedAt', '<=', before)]))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    /** Gives the turn back: the act counts as tried at `triedAt`. */
    async pause(actId: string, triedAt: number): Promise<void> {
      await database.updateTable('acts').set({ triedAt }).where('actId', '=', actId).execute()
    },

    async note(actId: string, steps: Step[], revocationId?: string): Promise<void> {
      await database
        .updateTable('acts')
        .set({ steps: JSON.stringify(steps), ...(revocationId === undefined ? {} : { revocationId }) })
        .where('actId', '=', actId)
        .where('state', '=', 'under-way')
        .execute()
    },

    /** Says who ended it: of two that carry out the same act, one. */
    async end(
      actId: string,
      { to, failure }: { to: 'done' | 'failed'; failure?: string },
      tell: Tell = silent,
    ): Promise<boolean> {
      return database.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('acts')
          .set({ state: to, failure: failure ?? null, doneAt: now() })
          .where('actId', '=', actId)
          .where('state', '=', 'under-way')
          .executeTakeFirst()
        if (numUpdatedRows > 0n) await tell(transaction)
        return numUpdatedRows > 0n
      })
    },

    /** Those under way that nobody has tried since `before`. */
    async leftOver(before: number): Promise<string[]> {
      const rows = await database
        .selectFrom('acts')
        .select('actId')
        .where('state', '=', 'under-way')
        .where((row) => row.or([row('triedAt', 'is', null), row('triedAt', '<=', before)]))
        .orderBy('askedAt')
        .limit(100)
        .execute()
      return rows.map(({ actId }) => actId)
    },

    /** Newest first; one row more than `limit` where there are more. */
    async page(filter: ActFilter, limit: number, after?: ActPosition): Promise<Act[]> {
      let query = database.selectFrom('acts').selectAll()
      const { state, kind, value, needsApproval } = filter
      if (state === 'expired' || state === 'awaiting-approval') {
        query = query
          .where('state', '=', 'awaiting-approval')
          .where('decideBy', state === 'expired' ? '<=' : '>', now())
      } else if (state) query = query.where('state', '=', state)
      if (kind) query = query.where('kind', '=', kind as Act['kind'])
      if (value) query = query.where('value', '=', value)
      if (needsApproval !== undefined) query = query.where('needsApproval', '=', needsApproval ? 1 : 0)
      if (after) {
        query = query.where((row) =>
          row.or([
            row('askedAt', '<', after.askedAt),
            row.and([row('askedAt', '=', after.askedAt), row('actId', '<', after.actId)]),
          ]),
        )
      }
      const rows = await query
        .orderBy('askedAt', 'desc')
        .orderBy('actId', 'desc')
        .limit(limit + 1)
        .execute()
      return rows.map(actOf)
    },
  }
}

const silent: Tell = async () => {}

export type ActStore = ReturnType<typeof createActStore>
