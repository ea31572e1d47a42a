import { advanceClock, clockOffset, setClockOffset } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'

test('every way of asking for the time follows the moved clock', () => {
  const before = now()
  advanceClock(86_400_000)
  assert.ok(now() - before >= 86_400_000)
  assert.ok(new Date().getTime() - before >= 86_400_000)
  assert.equal(new Date(Date()).getUTCDate(), new Date().getUTCDate())
  assert.equal(epochSeconds(), Math.floor(Date.now() / 1000))
})

test('a date given by its value is not shifted', () => {
  assert.equal(new Date(0).toISOString(), '1970-01-01T00:00:00.000Z')
  assert.equal(new Date('2014-08-18T00:00:00Z').getTime(), 1_408_320_000_000)
  assert.ok(new Date() instanceof Date)
})

test('the clock never moves backwards', () => {
  const offset = clockOffset()
  assert.throws(() => advanceClock(-1), RangeError)
  assert.throws(() => setClockOffset(offset - 1), RangeError)
  assert.throws(() => setClockOffset(Number.NaN), RangeError)
  assert.equal(clockOffset(), offset)
})
