// Dates of people are calendar dates; today is the date in Eastern Time, in which Social Security's hours are given (assumed).

const EASTERN = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

/** @returns YYYY-MM-DD, which compares like a date */
export function easternDate(at: number): string {
  const part = Object.fromEntries(EASTERN.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${part.year}-${part.month}-${part.day}`
}

/**
 * Whether somebody born on `birthdate` is so old at the instant `at`. One is a year older from midnight of the birthday;
 * whoever was born on 29 February, in common years, from 1 March (assumed).
 *
 * @param birthdate YYYY-MM-DD
 */
export function isAtLeast(years: number, birthdate: string, at: number): boolean {
  const [year = '', monthAndDay] = [birthdate.slice(0, 4), birthdate.slice(4)]
  // Where there is no 29 February, the text stands between the 28th and 1 March.
  return `${Number(year) + years}${monthAndDay}` <= easternDate(at)
}

/** Whether it is a day of the calendar: JavaScript takes 2023-02-30 for a day in March. */
export function isCalendarDate(text: string): boolean {
  const instant = Date.parse(`${text}T00:00:00Z`)
  return (
    /^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(text) &&
    Number.isFinite(instant) &&
    new Date(instant).toISOString().startsWith(text)
  )
}
