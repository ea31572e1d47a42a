// What revocations came of: of a User ID or company sign-in ends only what is open, and the act says how long it lasts.

import type { Kysely } from 'kysely'
import { type Act, type Cause, hasOwner } from './act.ts'
import { type ActTable, actOf } from './table.ts'

/** By the ids of the revocations; those that no act of the console ordered are left out. */
export async function causesOf(
  database: Kysely<ActTable>,
  revocationIds: readonly string[],
): Promise<Map<string, Cause>> {
  if (revocationIds.length === 0) return new Map()
  const rows = await database
    .selectFrom('acts')
    .selectAll()
    .where('revocationId', 'in', [...revocationIds])
    .where('operation', '=', 'revoke')
    .execute()
  const acts = rows.map(actOf)
  const values = acts.filter(({ kind }) => hasOwner(kind)).map(({ value }) => value)
  const reinstatements = values.length === 0 ? [] : await doneAbout(database, values)
  return new Map(acts.map((act) => [act.revocationId ?? '', causeOf(act, reinstatements)] as const))
}

/** Reinstatements, the first that was done first. */
async function doneAbout(database: Kysely<ActTable>, values: readonly string[]): Promise<Act[]> {
  const rows = await database
    .selectFrom('acts')
    .selectAll()
    .where('operation', '=', 'reinstate')
    .where('state', '=', 'done')
    .where('value', 'in', [...values])
    .orderBy('doneAt')
    .execute()
  return rows.map(actOf)
}

function causeOf(act: Act, reinstatements: readonly Act[]): Cause {
  const { actId, kind, value, lasting, endsAt, steps, doneAt = 0 } = act
  const disables = steps.some(({ step, state }) => step === 'disable' && state === 'done')
  // One that names no order lifts all that there are then.
  const lift = reinstatements.find(
    (other) =>
      other.lifts === actId ||
      (other.lifts === undefined &&
        other.kind === kind &&
        other.value === value &&
        other.steps.some(({ step }) => step === 'enable') &&
        (other.doneAt ?? 0) >= doneAt),
  )
  return {
    actId,
    lasting,
    disables,
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(disables && lift?.doneAt ? { liftedAt: lift.doneAt } : {}),
  }
}
