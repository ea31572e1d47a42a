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
 * In this many maps: a map is written anew as a whole when it grows or shrinks, which takes milliseconds per hundred
 * thousand values, and nothing is answered meanwhile.
 */
const PARTS = 256

export function createInstants(): Instants {
  const parts: (Map<string, number> | undefined)[] = new Array(PARTS).fill(undefined)
  let size = 0
  let next = 0

  return {
    put(value, second) {
      const index = partOf(value)
      parts[index] ??= new Map()
      const part = parts[index]
      const known = part.get(value)
      if (known !== undefined && known >= second) return false
      part.set(value, second)
      if (known === undefined) size += 1
      return true
    },
    get: (value) => parts[partOf(value)]?.get(value),
    dropBefore(oldest, most) {
      let looked = 0
      for (let count = 0; count < PARTS && looked < most; count += 1) {
        const part = parts[next]
        if (part) {
          const before = part.size
          for (const [value, second] of part) if (second < oldest) part.delete(value)
          looked += before
          size -= before - part.size
          if (part.size === 0) parts[next] = undefined
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

/** By the last two characters, which in session ids and token ids are random. */
function partOf(value: string): number {
  const { length } = value
  if (length < 2) return 0
  return (value.charCodeAt(length - 1) * 31 + value.charCodeAt(length - 2)) % PARTS
}
