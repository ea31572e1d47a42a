import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { readLimits } from '../src/limits.ts'

const table = {
  tries: { default: 5, unit: 'tries', minimum: 1, source: 'assumed' },
  waitMs: { default: 60_000, unit: 'milliseconds', source: 'assumed' },
}

test('limits have their defaults where nothing else is said', () => {
  assert.deepEqual(readLimits(table), { tries: 5, waitMs: 60_000 })
  assert.deepEqual(readLimits(table, '{"waitMs": 0}'), { tries: 5, waitMs: 0 })
  assert.deepEqual(readLimits(table, '{"tries": 1, "waitMs": 1}'), { tries: 1, waitMs: 1 })
})

test('a limit that cannot be is refused by its name, with the rule', () => {
  const refused: [string, RegExp][] = [
    ['', /must be JSON/],
    ['{"tries": }', /must be JSON/],
    ['[]', /must be a JSON object/],
    ['null', /must be a JSON object/],
    ['7', /must be a JSON object/],
    ['{"trys": 3}', /no limit "trys"/],
    ['{"constructor": 3}', /no limit "constructor"/],
    ['{"__proto__": 3}', /no limit "__proto__"/],
    ['{"tries": 0}', /tries must be a whole number of at least 1 \(tries\)/],
    ['{"waitMs": -1}', /waitMs must be a whole number of at least 0 \(milliseconds\)/],
    ['{"waitMs": 1.5}', /waitMs/],
    ['{"waitMs": "1"}', /waitMs/],
    ['{"waitMs": null}', /waitMs/],
    ['{"waitMs": 1e300}', /waitMs/],
  ]
  for (const [overrides, message] of refused) {
    assert.throws(
      () => readLimits(table, overrides),
      (error: Error) => {
        assert.ok(error instanceof ConfigurationError)
        assert.match(error.message, message)
        return true
      },
      overrides,
    )
  }
})
