import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { daysAfter, easternDate, endOfEasternDay, longDate } from '../src/letters/eastern-date.ts'

test('the date is that of Eastern Time, in winter and in summer', () => {
  assert.equal(easternDate(Date.parse('2026-01-15T04:59:59Z')), '2026-01-14')
  assert.equal(easternDate(Date.parse('2026-01-15T05:00:00Z')), '2026-01-15')
  assert.equal(easternDate(Date.parse('2026-07-15T03:59:59Z')), '2026-07-14')
  assert.equal(easternDate(Date.parse('2026-07-15T04:00:00Z')), '2026-07-15')
})

test('a day ends at midnight in Eastern Time, also on the days when the clocks change', () => {
  for (const [date, end] of [
    ['2026-01-15', '2026-01-16T05:00:00Z'],
    ['2026-07-15', '2026-07-16T04:00:00Z'],
    // 23 hours long: daylight saving time begins at two.
    ['2026-03-07', '2026-03-08T05:00:00Z'],
    ['2026-03-08', '2026-03-09T04:00:00Z'],
    // 25 hours long: it ends at two.
    ['2026-10-31', '2026-11-01T04:00:00Z'],
    ['2026-11-01', '2026-11-02T05:00:00Z'],
    ['2026-12-31', '2027-01-01T05:00:00Z'],
  ] as const) {
    assert.equal(endOfEasternDay(date), Date.parse(end), date)
  }
})

test('every instant lies before the end of its day, and the last millisecond of a day is on it', () => {
  const instants = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2060-01-01') })
  fc.assert(
    fc.property(instants, (at) => {
      const end = endOfEasternDay(easternDate(at))
      assert.ok(end > at && end - at <= 25 * 3_600_000)
      assert.equal(easternDate(end - 1), easternDate(at))
      assert.equal(easternDate(end), daysAfter(easternDate(at), 1))
    }),
    { numRuns: 300 },
  )
})

test('days are counted in the calendar, over leap days, years and changes of the clocks', () => {
  assert.equal(daysAfter('2014-07-19', 30), '2014-08-18')
  assert.equal(daysAfter('2028-02-01', 30), '2028-03-02')
  assert.equal(daysAfter('2026-12-15', 30), '2027-01-14')
  assert.equal(daysAfter('2026-10-20', 30), '2026-11-19')
})

test('a letter has the date as people read it', () => {
  assert.equal(longDate('2014-08-18'), 'August 18, 2014')
  assert.equal(longDate('2026-01-01'), 'January 1, 2026')
})
