// What stands of the orders to disable: neither lifted nor over by the clock. Whatever is asked, this file has the answer.

import { now } from '@gatehouse/clock/clock'
import type { Disablement } from '@gatehouse/contracts/user-id-administration'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../tables.ts'

/** For queries over `user_ids` and `companies`: neither about the User ID nor about its company an order stands. */
export function isActive(): RawBuilder<boolean> {
  return sql`not exists (
    select 1 from disablement_orders as orders
    where orders.target in (user_ids.bso_user_id, companies.ein) and orders.lifted_at is null
      and (orders.until is null or orders.until > ${now()}))`
}

/** How each of `targets`, User IDs and EINs, is disabled at present; what is enabled is not in it. */
export async function disablementsOf(
  database: Kysely<Tables>,
  targets: readonly string[],
): Promise<Map<string, Disablement>> {
  const found = new Map<string, Disablement>()
  if (targets.length === 0) return found
  const rows = await database
    .selectFrom('disablementOrders')
    .select(['target', 'orderId', 'at', 'by', 'reason', 'until'])
    .where('target', 'in', targets)
    .where('liftedAt', 'is', null)
    .where((row) => row.or([row('until', 'is', null), row('until', '>', now())]))
    .orderBy(sql`until is null`, 'desc')
    .orderBy('until', 'desc')
    // Of those that end together the first counts, also if two came in one millisecond.
    .orderBy('at')
    .orderBy('orderId')
    .execute()
  for (const { target, orderId, until, ...rest } of rows) {
    const one = { ...rest, ...(until === null ? {} : { until }) }
    const known = found.get(target) ?? { ...one, orders: [] }
    known.orders.push({ order: orderId, ...one })
    found.set(target, known)
  }
  return found
}
