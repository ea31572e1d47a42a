// Instants as administrators read them: Eastern Time with its zone, as Social Security works in Baltimore.

import { html } from 'ghtml'

const ZONE = 'America/New_York'
const full = new Intl.DateTimeFormat('en-US', {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  timeZone: ZONE,
  timeZoneName: 'short',
})
const offset = new Intl.DateTimeFormat('en-US', { timeZone: ZONE, timeZoneName: 'longOffset' })

/** `Nov 22, 2026, 1:46:05 AM EST` of an instant in milliseconds. */
export function timeText(instant: number): string {
  return full.format(instant)
}

/** The same as HTML. */
export function timeTag(instant: number): string {
  return html`<time datetime="${new Date(instant).toISOString()}">${timeText(instant)}</time>`
}

/**
 * The instant at which a day is over in Eastern Time.
 *
 * @param day `YYYY-MM-DD`
 * @returns milliseconds; undefined where it is no day of the calendar
 */
export function endOfEasternDay(day: string): number | undefined {
  const next = startOfNextDay(day)
  return next === undefined ? undefined : next + offsetAt(next + offsetAt(next))
}

/** The instant at which a day begins in Eastern Time; as above. */
export function startOfEasternDay(day: string): number | undefined {
  const next = startOfNextDay(day)
  if (next === undefined) return undefined
  const start = next - 24 * 60 * 60 * 1000
  return start + offsetAt(start + offsetAt(start))
}

/** Midnight after the day, as if it were UTC. */
function startOfNextDay(day: string): number | undefined {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(start) || !new Date(start).toISOString().startsWith(day)) return undefined
  return start + 24 * 60 * 60 * 1000
}

/** By how many milliseconds Eastern Time is behind UTC. */
function offsetAt(instant: number): number {
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(offset.format(instant)) ?? []
  const milliseconds = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
  return sign === '-' ? milliseconds : -milliseconds
}

/** To a tenth; a dash for what is not known. */
export function millisecondsText(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return '–'
  return (Math.round(milliseconds * 10) / 10).toLocaleString('en-US')
}
