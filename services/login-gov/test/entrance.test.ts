// Who is refused although the first factor was right, and that nothing goes on behind the page that says so.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import { AUTH_ONLY, authorizeUrl } from './support/login-gov.ts'
import { type People, startWithPeople } from './support/people.ts'

let idp: People
before(async () => {
  idp = await startWithPeople()
})
after(() => idp.app.close())
beforeEach(() => advanceClock(601_000))

type Person = Awaited<ReturnType<People['person']>>

const REFUSALS: [string, (person: Person) => Promise<unknown>, RegExp][] = [
  ['is suspended', ({ accountId }) => idp.accounts.setSuspended(accountId, true), /suspended/],
  ['has to reset the password', ({ accountId }) => idp.accounts.requirePasswordReset(accountId), /reset/i],
  [
    'is locked out',
    async ({ email }) => {
      const browser = idp.browser()
      await idp.giveEmailAndPassword(browser, email)
      for (let count = 0; count < 10; count += 1)
        await browser.submit('/login/two_factor/sms', { code: 'wrong' })
    },
    /Account temporarily locked/,
  ],
]

for (const [reason, happens, words] of REFUSALS) {
  test(`whoever ${reason} is not let in behind the page that says so`, async () => {
    const person = await idp.person()
    await person.addPhone()
    await happens(person)
    advanceClock(61_000)
    const [lines, codes] = [idp.logLines.length, idp.codes.sent.length]
    const accepted = await acceptedPasswords(person)
    const browser = idp.browser()
    const page = await idp.giveEmailAndPassword(
      browser,
      person.email,
      authorizeUrl({
        client_id: AUTH_ONLY,
        redirect_uri: 'http://localhost:4200/callback',
        acr_values: 'urn:acr.login.gov:auth-only',
        scope: 'openid email',
      }),
    )
    assert.match(textOf(page), words)
    assert.equal(await acceptedPasswords(person), accepted)
    assert.equal(idp.codes.sent.length, codes)
    const sessions = await idp.ground.database
      .selectFrom('sessions')
      .select('id')
      .where('accountId', '=', person.accountId)
      .execute()
    assert.deepEqual(sessions, [])
    assert.doesNotMatch(idp.logLines.slice(lines).join(''), /Reply was already sent/)
    // The browser keeps its session, and in it the request of the relying service.
    assert.match((await browser.open('/')).body, /Back to Elsewhere/)
  })
}

async function acceptedPasswords({ accountId }: Person): Promise<number> {
  const rows = await idp.ground.database
    .selectFrom('auditEvents')
    .selectAll()
    .where('event', '=', 'password.accepted')
    .where('actor', '=', accountId)
    .execute()
  return rows.length
}

test('whoever asks for too many letters is told once, and nothing else is done (fact sheet 6.3)', async () => {
  const browser = idp.browser()
  const lines = idp.logLines.length
  for (let count = 0; count < 21; count += 1) {
    await browser.open('/users/password/new')
    await browser.submit('/users/password', { 'password_reset_email_form[email]': 'nobody@example.com' })
  }
  assert.equal(browser.last.statusCode, 429)
  // By then whatever went on behind that answer has been done, too.
  await browser.open('/forgot_password')
  assert.doesNotMatch(idp.logLines.slice(lines).join(''), /Reply was already sent/)
})
