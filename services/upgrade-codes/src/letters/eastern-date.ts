// Days on letters are days in Eastern Time: Social Security has its seat in Baltimore and gives its hours in that time.
// That the code is good until the end of the day there is assumed.

const HOUR = 3_600_000

const EASTERN = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

// A date by itself has no time zone; it is held as the midnight of UTC.
const LONG = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'long' })

/** The date in Eastern Time at an instant (milliseconds), YYYY-MM-DD. */
export function easternDate(at: number): string {
  const part = Object.fromEntries(EASTERN.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${part.year}-${part.month}-${part.day}`
}

/** The date so many days after another. */
export function daysAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 24 * HOUR).toISOString().slice(0, 10)
}

/** The first instant (milliseconds) after a day in Eastern Time. */
export function endOfEasternDay(date: string): number {
  const next = daysAfter(date, 1)
  // Midnight there is 04:00 UTC in daylight saving time and 05:00 UTC otherwise. The clocks change at two in the
  // morning, so that every day has one midnight.
  const inDaylightTime = Date.parse(next) + 4 * HOUR
  return easternDate(inDaylightTime) === next ? inDaylightTime : inDaylightTime + HOUR
}

/** As people read it: August 18, 2014. */
export function longDate(date: string): string {
  return LONG.format(Date.parse(date))
}
