// An owner's tries with methods that this service does not judge (an authenticator app, a backup code, a key …).
// They share one count and one lock-out with codes by text and call, so that nobody gets more tries by changing the
// method. What must always hold: a try is counted before its secret is looked at, and only its own service takes it away.

import { now } from '@gatehouse/clock/clock'
import type { Tries } from '@gatehouse/contracts/one-time-codes'
import type { Policies } from '../policies.ts'
import type { Trail } from '../trail.ts'
import { lockedOut } from './locked-out.ts'
import { type Count, type LockOutStore, ownerSubject } from './store.ts'

interface Dependencies {
  lockOuts: LockOutStore
  policies: Policies
  trail: Trail
}

export type OwnerTries = ReturnType<typeof createOwnerTries>

export function createOwnerTries({ lockOuts, policies, trail }: Dependencies) {
  /** Whoever is not locked out has a try left, also where the policy allows fewer by now than were counted. */
  function view({ tries, lockedUntil }: Count, wrongTries: number): Tries {
    if (lockedUntil > 0) return { triesLeft: 0, lockedUntil }
    return { triesLeft: Math.max(1, wrongTries - tries) }
  }

  return {
    /**
     * Counts one try. The last one locks out at once; `forget` undoes that when it was right.
     *
     * @throws Refusal `locked_out`: the secret may not be looked at
     */
    async count(caller: string, owner: string): Promise<Tries> {
      const at = now()
      const policy = policies(caller)
      const counted = await lockOuts.countTry(ownerSubject(caller, owner), policy, at)
      if (counted.locked) {
        await trail.tryRefused(caller, owner)
        throw lockedOut(counted.until)
      }
      if (counted.lockedUntil > 0) await trail.lockedOut(caller, owner, 'last try')
      return view(counted, policy.wrongTries)
    },

    /** After success by any method, or a finished recovery: all tries are back, and no lock-out holds. */
    async forget(caller: string, owner: string): Promise<void> {
      const forgotten = await lockOuts.forget(ownerSubject(caller, owner), now())
      if (forgotten) await trail.triesForgotten(caller, owner, forgotten.lockedUntil > 0)
    },

    /** Counts nothing. */
    async find(caller: string, owner: string): Promise<Tries> {
      return view(await lockOuts.find(ownerSubject(caller, owner), now()), policies(caller).wrongTries)
    },
  }
}
