import { now } from '@gatehouse/clock/clock'
import type { Disablement } from '@gatehouse/contracts/bso-user-ids'
import { type RawBuilder, sql } from 'kysely'
import type { DisabledColumns } from '../tables.ts'

/** Of nothing that is disabled. */
export const ENABLED: DisabledColumns = {
  disabledAt: null,
  disabledUntil: null,
  disabledBy: null,
  disabledReason: null,
}

/** How something is disabled at present; what is over by the clock counts as enabled. */
export function disablementOf(columns: DisabledColumns): Disablement | undefined {
  const { disabledAt: at, disabledUntil: until, disabledBy: by, disabledReason: reason } = columns
  if (at === null || (until !== null && until <= now())) return undefined
  return { at, by: by ?? '', reason: reason ?? '', ...(until === null ? {} : { until }) }
}

/** For queries over `user_ids` and `companies`: neither the User ID nor its company is disabled at present. */
export function isActive(): RawBuilder<boolean> {
  const at = now()
  return sql`(user_ids.disabled_at is null or user_ids.disabled_until <= ${at})
    and (companies.disabled_at is null or companies.disabled_until <= ${at})`
}
