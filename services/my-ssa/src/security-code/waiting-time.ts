import { now } from '@gatehouse/clock/clock'

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** How long it is until an instant (milliseconds), in words: of the largest unit that it is two of, and never less. */
export function waitingTime(until: number): string {
  const seconds = Math.max(1, Math.ceil((until - now()) / 1000))
  const [size, unit] = UNITS.find(([one]) => seconds >= 2 * one) ?? [1, 'second']
  const value = Math.ceil(seconds / size)
  return `${value} ${unit}${value === 1 ? '' : 's'}`
}
