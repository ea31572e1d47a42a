// Logout tokens that relying services are still to be sent (OpenID Connect Back-Channel Logout 1.0 §2.5).

import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'
import type { Standing } from '../shared-signals/reach.ts'
import type { LogoutTables } from './tables.ts'

export interface LogoutDelivery {
  revocationId: string
  clientId: string
  accountId: string
  /** Empty: every session of the person. */
  sid: string
}

/** What came of them is kept as long as a session may have lasted. */
const KEPT_MS = 24 * 60 * 60 * 1000
const INSERTED_AT_ONCE = 200
/** What failed is still tried. */
const OPEN = ['waiting', 'failed'] as const

export function createLogoutDeliveries(database: Kysely<LogoutTables>) {
  const of = ({ revocationId, clientId, accountId, sid }: LogoutDelivery) =>
    [
      ['revocationId', revocationId],
      ['clientId', clientId],
      ['accountId', accountId],
      ['sid', sid],
    ] as const

  async function set(
    delivery: LogoutDelivery,
    values: { state?: 'reached' | 'failed'; dueAt?: number; attempts: number },
  ): Promise<void> {
    let query = database.updateTable('logoutDeliveries').set(values).where('state', 'in', OPEN)
    for (const [column, value] of of(delivery)) query = query.where(column, '=', value)
    await query.execute()
  }

  return {
    /** Keeps those that are not there yet. */
    async put(deliveries: LogoutDelivery[]): Promise<void> {
      const at = now()
      for (let first = 0; first < deliveries.length; first += INSERTED_AT_ONCE) {
        await database
          .insertInto('logoutDeliveries')
          .values(
            deliveries.slice(first, first + INSERTED_AT_ONCE).map((delivery) => ({
              ...delivery,
              state: 'waiting' as const,
              attempts: 0,
              madeAt: at,
              dueAt: at,
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      }
      await database
        .deleteFrom('logoutDeliveries')
        .where('madeAt', '<', at - KEPT_MS)
        .execute()
    },

    async dueClients(at: number): Promise<string[]> {
      const rows = await database
        .selectFrom('logoutDeliveries')
        .select('clientId')
        .distinct()
        .where('state', 'in', OPEN)
        .where('dueAt', '<=', at)
        .execute()
      return rows.map(({ clientId }) => clientId)
    },

    /** Takes one that is due for a client, so that nobody else does before `until`. */
    async take(
      clientId: string,
      at: number,
      until: number,
    ): Promise<(LogoutDelivery & { attempts: number; madeAt: number }) | undefined> {
      for (;;) {
        const found = await database
          .selectFrom('logoutDeliveries')
          .selectAll()
          .where('clientId', '=', clientId)
          .where('state', 'in', OPEN)
          .where('dueAt', '<=', at)
          .orderBy('dueAt')
          .limit(1)
          .executeTakeFirst()
        if (!found) return undefined
        let query = database
          .updateTable('logoutDeliveries')
          .set({ dueAt: until })
          .where('state', 'in', OPEN)
          .where('dueAt', '<=', at)
        for (const [column, value] of of(found)) query = query.where(column, '=', value)
        const taken = await query.returning('attempts').executeTakeFirst()
        if (taken) return { ...found, attempts: taken.attempts }
        // Another worker was quicker: the next one.
      }
    },

    giveBack: (delivery: LogoutDelivery, dueAt: number, attempts: number) =>
      set(delivery, { dueAt, attempts }),
    reached: (delivery: LogoutDelivery, attempts: number) => set(delivery, { state: 'reached', attempts }),
    /** @param dueAt when it is tried again all the same; undefined: never */
    failed: (delivery: LogoutDelivery, dueAt: number | undefined, attempts: number) =>
      set(delivery, { state: 'failed', dueAt: dueAt ?? Number.MAX_SAFE_INTEGER, attempts }),

    async standingOf(revocationId: string, clientId: string): Promise<Standing> {
      const rows = await database
        .selectFrom('logoutDeliveries')
        .select(({ fn }) => ['state', fn.countAll<number | bigint>().as('count')])
        .where('revocationId', '=', revocationId)
        .where('clientId', '=', clientId)
        .groupBy('state')
        .execute()
      const count = (state: string) => Number(rows.find((row) => row.state === state)?.count ?? 0)
      return { waiting: count('waiting'), failed: count('failed') }
    },
  }
}

export type LogoutDeliveries = ReturnType<typeof createLogoutDeliveries>
