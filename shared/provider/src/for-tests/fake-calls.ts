// For tests: what fakes of other services are made of, which are called through the contracts.

import { now } from '@gatehouse/clock/clock'
import { CallRefused } from '@gatehouse/contracts/calls'
import type { ServiceName } from '@gatehouse/contracts/services'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'

export interface TriesPolicy {
  mostTries: number
  lockMs: number
}

/** Counts wrong codes of an owner as the services do that judge codes: after the last try comes a lock-out. */
export class FakeTries {
  readonly #service: ServiceName
  readonly #policy: TriesPolicy
  readonly #tries = new Map<string, { count: number; lockedUntil: number }>()

  constructor(service: ServiceName, policy: TriesPolicy) {
    this.#service = service
    this.#policy = policy
  }

  /** @throws CallRefused for a wrong code, and for any while the owner is locked out */
  judge(owner: string, isRight: boolean): void {
    this.refuseLocked(owner)
    if (isRight) {
      this.forget(owner)
    } else {
      const triesLeft = this.count(owner)
      this.refuseLocked(owner)
      throw refusal(this.#service, 'code_not_accepted', 409, { triesLeft })
    }
  }

  /** How many tries are left after one more wrong one. */
  count(owner: string): number {
    const { mostTries, lockMs } = this.#policy
    const count = (this.#tries.get(owner)?.count ?? 0) + 1
    const isLast = count >= mostTries
    this.#tries.set(owner, isLast ? { count: 0, lockedUntil: now() + lockMs } : { count, lockedUntil: 0 })
    return mostTries - count
  }

  forget(owner: string): void {
    this.#tries.delete(owner)
  }

  of(owner: string): { triesLeft: number; lockedUntil?: number } {
    const { count = 0, lockedUntil = 0 } = this.#tries.get(owner) ?? {}
    return lockedUntil > now() ? { triesLeft: 0, lockedUntil } : { triesLeft: this.#policy.mostTries - count }
  }

  refuseLocked(owner: string): void {
    const { lockedUntil: retryAt } = this.of(owner)
    if (retryAt !== undefined) throw refusal(this.#service, 'locked_out', 429, { retryAt })
  }
}

/** What fits the contract. */
export function checked<T>(schema: TSchema, body: unknown): T {
  const problems = Value.Errors(schema, body).map(({ instancePath, message }) => `${instancePath} ${message}`)
  if (problems.length > 0) throw new Error(`the contract does not allow this: ${problems.join('; ')}`)
  return body as T
}

export function refusal(
  service: ServiceName,
  code: string,
  status: number,
  extensions: object = {},
): CallRefused {
  return new CallRefused(service, { type: 'about:blank', title: code, status, code, ...extensions })
}
