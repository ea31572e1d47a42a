import { randomBytes } from 'node:crypto'

const seeds = randomBytes(8)
const FIRST_SEED = seeds.readInt32LE(0)
const LAST_SEED = seeds.readInt32LE(4)

const halves = new Uint32Array(2)

/**
 * Both halves of a hash of 64 bits, for tables in memory: not for secrets. The seeds are of this process, so that nobody can
 * look for values that fall together. The first half is FNV-1a, the last a sum that is shifted and multiplied; each mixes
 * its upper bits into its lower ones at the end.
 *
 * @returns the same numbers each time, of the last call: to be read at once
 */
export function hashOf(value: string): readonly [first: number, last: number] {
  let first = FIRST_SEED
  let last = LAST_SEED
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index)
    first = Math.imul(first ^ unit, 0x01000193)
    last = Math.imul(last + unit, 0x5bd1e995)
    last ^= last >>> 15
  }
  first = Math.imul(first ^ (first >>> 16), 0x85ebca6b)
  last = Math.imul(last ^ (last >>> 13), 0xc2b2ae35)
  halves[0] = first ^ (first >>> 13)
  halves[1] = last ^ (last >>> 16)
  return halves as unknown as readonly [number, number]
}
