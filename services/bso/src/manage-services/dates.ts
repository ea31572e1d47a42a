// Dates as Social Security writes them, in Eastern Time: it is in Baltimore, and so is the last day of a code.

const DAY = { month: 'long', day: 'numeric', year: 'numeric' } as const
const easternDay = new Intl.DateTimeFormat('en-US', { ...DAY, timeZone: 'America/New_York' })
const calendarDay = new Intl.DateTimeFormat('en-US', { ...DAY, timeZone: 'UTC' })
const easternTime = new Intl.DateTimeFormat('en-US', {
  ...DAY,
  hour: 'numeric',
  minute: '2-digit',
  timeZone: 'America/New_York',
})

/** `November 21, 2026` of an instant in milliseconds. */
export function dayOf(instant: number): string {
  return easternDay.format(instant)
}

/** `November 21, 2026 at 10:30 AM Eastern Time` of an instant in milliseconds; later than it by less than a minute. */
export function timeOf(instant: number): string {
  return `${easternTime.format(Math.ceil(instant / 60_000) * 60_000)} Eastern Time`
}

/** `November 21, 2026` of `2026-11-21`. */
export function dateInWords(date: string): string {
  return calendarDay.format(Date.parse(`${date}T00:00:00Z`))
}
