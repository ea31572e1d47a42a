// For tests: whatever a form is sent with, the page answers: never a status of 500 or more, no stack trace, nothing of what
// was typed run as markup (OWASP ASVS 5.0 1.2.1, 16.5.1).

import assert from 'node:assert/strict'
import type { App } from '@gatehouse/http/service'
import fc from 'fast-check'
import type { Browser } from './browser.ts'

const MARKUP = '<script>alert(1)</script>'

const ANYTHING = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\n',
    MARKUP,
    `"${MARKUP}`,
    '{}',
    '[]',
    'null',
    '{"id":1}',
    'a'.repeat(3_000),
    '9'.repeat(40),
  ),
)

interface Form {
  /** The fields that are sent, or left out. */
  names: readonly string[]
  runs: number
  /** The page whose token goes along; the place itself, if not given. */
  from?: string
  /** Values that a page might accept, so that the pages behind it are met too. */
  good?: fc.Arbitrary<string>
}

/** @throws AssertionError for an answer that is none, and when no run came past the form's token */
export async function postAnything(app: App, browser: Browser, place: string, form: Form): Promise<void> {
  const { names, runs, from = place, good } = form
  await browser.open(from)
  const cookie = browser.cookiesFor(place)
  const csrf = /name="_csrf" value="([^"]+)"/.exec(browser.last.body)?.[1] ?? ''
  const statuses = new Set<number>()
  const value = good ? fc.oneof({ weight: 2, arbitrary: ANYTHING }, { weight: 1, arbitrary: good }) : ANYTHING
  const several = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: names.length })
  const single = fc.tuple(fc.constantFrom(...names), value).map(([name, given]) => ({ [name]: given }))
  await fc.assert(
    fc.asyncProperty(fc.oneof(several, single), async (fields) => {
      const answer = await app.inject({
        method: 'POST',
        url: place,
        headers: { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ ...fields, _csrf: csrf }).toString(),
      })
      statuses.add(answer.statusCode)
      assert.ok(answer.statusCode < 500, `${place} answered ${answer.statusCode}`)
      assert.doesNotMatch(answer.body, /\bat .+:\d+:\d+|node_modules|\.ts\b|SQLITE/i)
      assert.ok(!answer.body.includes(MARKUP), place)
    }),
    { numRuns: runs, endOnFailure: true },
  )
  // The form's token was taken: it is the form itself that answered.
  assert.ok(
    [...statuses].some((status) => status !== 403),
    place,
  )
}
