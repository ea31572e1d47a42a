// How often something may be done within a time, counted for whoever or whatever it is done to.

import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'

export interface Allowance {
  /**
   * Counts one.
   *
   * @param of kept as a digest only
   * @returns milliseconds: when the next one is allowed; nothing while this one is
   */
  take(of: string): Promise<number | undefined>
}

export interface AllowanceRules {
  /** Names the count. */
  name: string
  most: number
  /** Milliseconds from the first one on. */
  windowMs: number
}

export function createAllowance(
  keyValue: KeyValue,
  digest: (text: string) => string,
  { name, most, windowMs }: AllowanceRules,
): Allowance {
  return {
    async take(of) {
      const key = `${name}/${digest(of)}`
      const until = now() + windowMs
      const count = await keyValue.increment(key, until)
      if (count === 1) await keyValue.put(`${key}/until`, until, until)
      if (count <= most) return undefined
      return (await keyValue.get<number>(`${key}/until`)) ?? until
    },
  }
}
