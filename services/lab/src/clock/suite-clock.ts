// The suite's clock: one offset ahead of the machine's clock, the same in every service. What must always hold: it only
// moves forwards, and the offset is stored before any service is moved.

import { clockOffset, setClockOffset } from '@gatehouse/clock/shifted-date'
import { now } from '@gatehouse/clock/clock'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { SERVICE_NAMES, type ServiceName } from '@gatehouse/contracts/services'
import { Refusal } from '@gatehouse/http/refusal'
import { Type } from 'typebox'
import type { OffsetStore } from './store.ts'

/** How far the clock may run ahead of the machine's: ten years, in milliseconds. */
export const MAXIMUM_OFFSET = 10 * 365 * 24 * 3_600_000

export interface Moved {
  moved: ServiceName[]
  failed: ServiceName[]
}

export interface SuiteClock {
  /** Instants and offset in milliseconds. */
  read(): { now: number; offset: number }
  /** @throws Refusal `invalid_request` when the clock would pass its maximum */
  advance(milliseconds: number): Promise<Moved>
  /** @throws Refusal `invalid_request` when the instant lies behind the present or beyond the maximum */
  moveTo(instant: number): Promise<Moved>
  /** Tells every service the present offset again, as after a restart. */
  spread(): Promise<Moved>
}

const Offset = Type.Object({ offset: Type.Integer() })

const refuse = (field: string, rule: string) =>
  new Refusal('invalid_request', `${field} ${rule}`, { errors: [{ field, rule }] })

/** Applies the stored offset to this process. To be awaited before the service listens. */
export async function createSuiteClock(store: OffsetStore, calls: ServiceCalls): Promise<SuiteClock> {
  setClockOffset(Math.max(await store.read(), clockOffset()))
  let last: Promise<unknown> = Promise.resolve()

  /** One move after the other, so that two advances at once add up. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  async function tell(service: ServiceName, offset: number): Promise<void> {
    const call = {
      scope: 'clock.write',
      method: 'PUT',
      path: '/clock/offset',
      body: { offset },
      response: Offset,
    } as const
    // A token that the move itself made expire is replaced on the second try.
    await calls.call(service, call).catch(() => calls.call(service, call))
  }

  async function spread(offset: number): Promise<Moved> {
    const outcome = new Map<ServiceName, boolean>([['lab', true]])
    const attempt = async (service: ServiceName) =>
      void outcome.set(
        service,
        await tell(service, offset).then(
          () => true,
          () => false,
        ),
      )
    // Sign-in, which issues the tokens for these calls, and then the lab's own process go last: a token from the
    // future would be refused by whoever is still in the past.
    await Promise.all(SERVICE_NAMES.filter((name) => name !== 'lab' && name !== 'sign-in').map(attempt))
    await attempt('sign-in')
    setClockOffset(Math.max(offset, clockOffset()))
    return {
      moved: SERVICE_NAMES.filter((name) => outcome.get(name)),
      failed: SERVICE_NAMES.filter((name) => !outcome.get(name)),
    }
  }

  async function move(offset: number, field: string): Promise<Moved> {
    if (offset < clockOffset())
      throw refuse(field, 'must not lie behind the present: the clock only moves forwards')
    if (offset > MAXIMUM_OFFSET) throw refuse(field, "must stay within ten years of the machine's clock")
    await store.write(offset)
    return spread(offset)
  }

  return {
    read: () => ({ now: now(), offset: clockOffset() }),
    advance: (milliseconds) => inTurn(() => move(clockOffset() + milliseconds, 'advanceSeconds')),
    moveTo: (instant) => inTurn(() => move(instant - (now() - clockOffset()), 'now')),
    spread: () => inTurn(() => spread(clockOffset())),
  }
}
