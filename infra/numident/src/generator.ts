// Makes the number holders of a test Numident. Nobody in it is real: the numbers are never issued and the
// names are put together from syllables. The same seed always gives the same holders in the same order.

import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { documentedNumberHolders, type NumberHolder } from './documented.ts'
import { birthDate, firstName, lastName, middleName, suffix } from './particulars.ts'

/** How many holders a file has when nobody says otherwise. */
export const DEFAULT_COUNT = 10_000
/** The seed used when nobody says otherwise. */
export const DEFAULT_SEED = 1

// Areas 900-999 are never assigned. In them, groups 50-65, 70-88, 90-92 and 94-99 are taxpayer numbers (ITIN)
// and 93 marks adoptions, so only groups 01-49 are left as numbers that nobody can have. Serial 0000 does not exist.
const AREAS = 100
const GROUPS = 49
const SERIALS = 9_999
const NUMBERS = AREAS * GROUPS * SERIALS

/** The largest count: every number that is safe to use, and the documented holders. */
export const MAX_COUNT = NUMBERS + documentedNumberHolders.length

/**
 * Gives `count` number holders one after another, the documented ones first, in constant memory. A larger count
 * with the same seed starts with the same holders.
 * @param options.seed a 32-bit integer, default 1
 * @param options.count how many, 0 to {@link MAX_COUNT}, default 10,000
 * @throws RangeError when the seed or the count is outside these bounds
 */
export function numberHolders(options: { seed?: number; count?: number } = {}): Iterable<NumberHolder> {
  const { seed = DEFAULT_SEED, count = DEFAULT_COUNT } = options
  if (!Number.isInteger(seed) || seed < -(2 ** 31) || seed >= 2 ** 32) {
    throw new RangeError('seed must be a 32-bit integer')
  }
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT) {
    throw new RangeError(`count must be a whole number from 0 to ${MAX_COUNT}`)
  }
  return { [Symbol.iterator]: () => generate(seed, count) }
}

function* generate(seed: number, count: number): Generator<NumberHolder> {
  yield* documentedNumberHolders.slice(0, count)
  const random = xoroshiro128plus(seed)
  const ssnAt = ssnSequence(random)
  for (let index = 0; index < count - documentedNumberHolders.length; index++) {
    yield numberHolder(random, ssnAt(index))
  }
}

function numberHolder(random: RandomGenerator, ssn: string): NumberHolder {
  // One person in fifty has no sex on file; SSA's matching accepts that.
  const sex = uniformInt(random, 1, 50) === 1 ? 'U' : uniformInt(random, 0, 1) === 0 ? 'F' : 'M'
  return {
    ssn,
    firstName: firstName(random),
    middleName: middleName(random),
    lastName: lastName(random),
    suffix: suffix(random),
    dateOfBirth: birthDate(random),
    sex,
    deceased: uniformInt(random, 1, 20) === 1,
  }
}

/**
 * A walk through all usable numbers that meets each of them once: i -> (start + i × step) mod NUMBERS is a
 * permutation when the step has no divisor in common with NUMBERS, so no list of used numbers has to be kept.
 */
function ssnSequence(random: RandomGenerator): (index: number) => string {
  const start = uniformInt(random, 0, NUMBERS - 1)
  let step = uniformInt(random, 1, NUMBERS - 1)
  while (greatestCommonDivisor(step, NUMBERS) !== 1) step = (step % (NUMBERS - 1)) + 1
  return (index) => {
    const position = (start + index * step) % NUMBERS
    const area = 900 + Math.floor(position / (GROUPS * SERIALS))
    const group = 1 + (Math.floor(position / SERIALS) % GROUPS)
    const serial = 1 + (position % SERIALS)
    return `${area}${String(group).padStart(2, '0')}${String(serial).padStart(4, '0')}`
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
