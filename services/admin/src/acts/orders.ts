// Takes orders: what one administrator may do alone is carried out at once, what reaches far waits for somebody else.

import { randomUUID } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { type Revocation, revocations } from '@gatehouse/contracts/revocations'
import { Refusal } from '@gatehouse/http/refusal'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Actor } from '../access/roles.ts'
import type { Administrators } from '../administrators/administrators.ts'
import { type Act, isSensitive, type Order } from './act.ts'
import type { CarryingOut } from './carrying-out.ts'
import { decidedEvent, takenEvent } from './events.ts'
import type { ActStore, Decision } from './store.ts'

/** An act, and what sign-in says of its revocation, as far as it can be asked. */
export interface ActWithRevocation {
  act: Act
  revocation?: Revocation
}

interface Dependencies {
  store: ActStore
  carryingOut: CarryingOut
  administrators: Pick<Administrators, 'byId'>
  calls: ServiceCalls
  secrets: Secrets
  audit: Audit
}

/** Whether an act that is kept under a key is of this order: another must not pass for done. */
function isSameOrder(kept: Act, order: Order): boolean {
  const said = ['operation', 'kind', 'value', 'reason', 'ticket', 'lasting', 'endsAt'] as const
  // Of a revocation the id comes later; of a reinstatement it says what is taken back.
  const isOfSame = order.operation === 'revoke' || kept.revocationId === order.revocationId
  return isOfSame && said.every((name) => kept[name] === order[name])
}

export function createOrders({ store, carryingOut, administrators, calls, secrets, audit }: Dependencies) {
  async function withRevocation(act: Act): Promise<ActWithRevocation> {
    if (act.revocationId === undefined) return { act }
    try {
      return { act, revocation: await revocations(calls).find(act.revocationId) }
    } catch (error) {
      if (error instanceof CallFailed || error instanceof CallRefused) return { act }
      throw error
    }
  }

  async function find(actId: string): Promise<Act> {
    const act = await store.find(actId)
    if (!act) throw new Refusal('not_found')
    return act
  }

  /** What an owner refused is refused here too, by the same code: nothing came of it. */
  function refuseIfFailed(act: Act): void {
    if (act.state === 'failed')
      throw new Refusal(act.failure ?? 'internal_error', undefined, { act: act.actId })
  }

  async function waiting(actId: string): Promise<Act> {
    const act = await find(actId)
    if (!act.needsApproval) throw new Refusal('not_found')
    if (act.state === 'expired') throw new Refusal('request_expired')
    if (act.state !== 'awaiting-approval') throw new Refusal('already_decided')
    return act
  }

  async function decide(actId: string, decision: Decision): Promise<void> {
    const decided = decidedEvent(actId, decision)
    if (await store.decide(actId, decision, (transaction) => audit.recordIn(transaction, decided))) return
    // Somebody was faster, or the time is over just now.
    await waiting(actId)
    throw new Refusal('already_decided')
  }

  return {
    find,
    withRevocation,

    /**
     * Takes an order, and carries it out unless it needs somebody's approval.
     *
     * @param key of two orders with the same key by one administrator, one counts
     * @throws Refusal `key_reused`; with the code of an owner that refused
     */
    async place(actor: Actor, order: Order, key?: string): Promise<ActWithRevocation> {
      const { administratorId } = actor
      const actId = key === undefined ? randomUUID() : secrets.digest('act', `${administratorId} ${key}`)
      const taken = takenEvent(actId, order, administratorId)
      const kept = await store.keep(actId, order, administratorId, isSensitive(order.kind), (transaction) =>
        audit.recordIn(transaction, taken),
      )
      if (!isSameOrder(kept, order)) throw new Refusal('key_reused')
      refuseIfFailed(kept)
      if (kept.state !== 'under-way') return withRevocation(kept)
      const act = (await carryingOut.now(actId)) ?? kept
      refuseIfFailed(act)
      return withRevocation(act)
    },

    /** @throws Refusal `not_found`, `own_request`, `requester_without_role`, `already_decided`, `request_expired` */
    async approve(actor: Actor, actId: string, reason: string): Promise<ActWithRevocation> {
      const { askedBy } = await waiting(actId)
      if (askedBy === actor.administratorId) throw new Refusal('own_request')
      const requester = await administrators.byId(askedBy)
      if (!requester?.roles.includes('revoker')) throw new Refusal('requester_without_role')
      await decide(actId, { by: actor.administratorId, to: 'under-way', reason })
      const act = (await carryingOut.now(actId)) ?? (await find(actId))
      refuseIfFailed(act)
      return withRevocation(act)
    },

    /** @throws Refusal `not_found`, `own_request`, `already_decided`, `request_expired` */
    async refuse(actor: Actor, actId: string, reason: string): Promise<ActWithRevocation> {
      const { askedBy } = await waiting(actId)
      if (askedBy === actor.administratorId) throw new Refusal('own_request')
      await decide(actId, { by: actor.administratorId, to: 'refused', reason })
      return { act: await find(actId) }
    },

    /** @throws Refusal `not_found`, `not_own_request`, `already_decided`, `request_expired` */
    async withdraw(actor: Actor, actId: string, reason: string): Promise<ActWithRevocation> {
      const { askedBy } = await waiting(actId)
      if (askedBy !== actor.administratorId) throw new Refusal('not_own_request')
      await decide(actId, { by: actor.administratorId, to: 'withdrawn', reason })
      return { act: await find(actId) }
    },

    /** Tries at once what is left of an act. @throws Refusal `not_found`, `act_not_repeatable` */
    async retry(actId: string): Promise<ActWithRevocation> {
      if ((await find(actId)).state !== 'under-way') throw new Refusal('act_not_repeatable')
      const act = (await carryingOut.again(actId)) ?? (await find(actId))
      refuseIfFailed(act)
      return withRevocation(act)
    },
  }
}

export type Orders = ReturnType<typeof createOrders>
