import { hashOf } from './value-hash.ts'

/** For each value of one claim the newest second at which it was revoked. */
export interface Instants {
  /** @returns whether that was news */
  put(value: string, second: number): boolean
  get(value: string): number | undefined
  /**
   * Drops what lies before `oldest`, going on where the last call ended, and stops once it has looked at `most` values,
   * after the part that it is in.
   *
   * @returns how many were looked at
   */
  dropBefore(oldest: number, most: number): number
  readonly size: number
}

/**
 * Values as hashes of 64 bits, outside of the heap: a million takes a quarter of the memory that it takes as strings. Two
 * values with the same hash count as one, so that both are refused for some minutes: with a million rules this happens to
 * one token in 18 million million.
 */
interface Part {
  /** Three numbers for each place: the halves of the hash, and the second, which is 0 where the place is free. */
  places: Uint32Array
  size: number
}

/** In this many parts: one that grows or shrinks is written anew as a whole, and nothing is answered meanwhile. */
const PARTS = 32
const FEWEST_PLACES = 64
/** A part with more of its places taken is slow to search. */
const FULL = 0.75

export function createInstants(): Instants {
  const parts: (Part | undefined)[] = new Array(PARTS).fill(undefined)
  let size = 0
  let next = 0

  return {
    put(value, second) {
      const { 0: first, 1: last } = hashOf(value)
      const index = last % PARTS
      let part = parts[index] ?? emptyPart(FEWEST_PLACES)
      if (part.size + 1 > capacityOf(part) * FULL) part = copyOf(part, 2 * capacityOf(part))
      parts[index] = part
      const place = placeOf(part, first, last)
      const known = part.places[place + 2] as number
      if (known >= second) return false
      fill(part, place, first, last, second)
      if (known === 0) {
        part.size += 1
        size += 1
      }
      return true
    },
    get(value) {
      if (size === 0) return undefined
      const { 0: first, 1: last } = hashOf(value)
      const part = parts[last % PARTS]
      return part && (part.places[placeOf(part, first, last) + 2] || undefined)
    },
    dropBefore(oldest, most) {
      let looked = 0
      for (let count = 0; count < PARTS && looked < most; count += 1) {
        const part = parts[next]
        if (part) {
          const left = countFrom(part, oldest)
          looked += part.size
          size -= part.size - left
          if (left === 0) parts[next] = undefined
          else if (left < part.size) parts[next] = copyOf(part, capacityFor(left), oldest)
        }
        next = (next + 1) % PARTS
      }
      return looked
    },
    get size() {
      return size
    },
  }
}

/**
 * Memory that is resizable comes straight from the system and goes back there when it is let go of; any other is kept by the
 * process for later.
 */
function emptyPart(capacity: number): Part {
  const maxByteLength = 3 * capacity * Uint32Array.BYTES_PER_ELEMENT
  return { places: new Uint32Array(new ArrayBuffer(maxByteLength, { maxByteLength })), size: 0 }
}

const capacityOf = ({ places }: Part) => places.length / 3

function capacityFor(size: number): number {
  let capacity = FEWEST_PLACES
  while (size > capacity * FULL) capacity *= 2
  return capacity
}

/** Where in `places` a hash is, or would be put. */
function placeOf({ places }: Part, first: number, last: number): number {
  let place = (first % (places.length / 3)) * 3
  while (places[place + 2] !== 0 && (places[place] !== first || places[place + 1] !== last)) {
    place += 3
    if (place === places.length) place = 0
  }
  return place
}

function fill({ places }: Part, place: number, first: number, last: number, second: number): void {
  places[place] = first
  places[place + 1] = last
  places[place + 2] = second
}

function countFrom({ places }: Part, oldest: number): number {
  let count = 0
  for (let place = 2; place < places.length; place += 3) if ((places[place] as number) >= oldest) count += 1
  return count
}

/** What is free has a second of 0, and so is before any. */
function copyOf({ places }: Part, capacity: number, oldest = 1): Part {
  const copy = emptyPart(capacity)
  for (let from = 0; from < places.length; from += 3) {
    const [first, last, second] = [places[from], places[from + 1], places[from + 2]] as [
      number,
      number,
      number,
    ]
    if (second < oldest) continue
    fill(copy, placeOf(copy, first, last), first, last, second)
    copy.size += 1
  }
  return copy
}
