// What keeps a User ID or a company disabled. Its owner knows; the orders there carry the ids of the acts that they came of.

import { CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { RevocationTarget } from '@gatehouse/contracts/revocations'
import { DisablementOrder, userIdAdministration } from '@gatehouse/contracts/user-id-administration'
import { type Static, Type } from 'typebox'
import { hasOwner } from '../acts/act.ts'
import { gather, PartOf } from '../people/part.ts'

/** In an answer about one target. */
export const Disablements = Type.Object(PartOf(DisablementOrder).properties, {
  description:
    'of a User ID or a company: the orders that keep it disabled at present, each under the id of the act that it came of',
})
export type Disablements = Static<typeof Disablements>

export function createDisablements(calls: ServiceCalls) {
  const owner = userIdAdministration(calls)

  async function orders({ kind, value }: RevocationTarget): Promise<DisablementOrder[]> {
    try {
      const { disabled } = kind === 'ein' ? await owner.findCompany(value) : await owner.find(value)
      return disabled?.orders ?? []
    } catch (error) {
      // What there is not is not disabled either.
      if (error instanceof CallRefused && error.code === 'not_found') return []
      throw error
    }
  }

  /** Undefined of what cannot be disabled. */
  return async (target: RevocationTarget): Promise<Disablements | undefined> => {
    if (!hasOwner(target.kind)) return undefined
    return gather([{ service: 'bso-user-ids', ask: async () => ({ rows: await orders(target) }) }])
  }
}

/** Whether the owner says that the order of this act stands. */
export function keepsDisabled(
  act: { actId: string } | undefined,
  disablements: Disablements | undefined,
): boolean {
  return act !== undefined && disablements?.rows?.some(({ order }) => order === act.actId) === true
}
