// Remember this browser (fact sheet 6.1 step 5, 6.3).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { AUTH_ONLY, authorizeUrl, CLIENT, PASSWORD } from './support/login-gov.ts'
import { type People, startWithPeople } from './support/people.ts'

let idp: People
before(async () => {
  idp = await startWithPeople()
})
after(() => idp.app.close())
beforeEach(() => advanceClock(601_000))

const SMS = '/login/two_factor/sms'
const COOKIE = 'login-gov-remembered-browser'
const HOUR = 3_600_000
const NS = 'http://idmanagement.gov/ns/assurance'
const otherClient = (more = '') =>
  authorizeUrl({
    client_id: AUTH_ONLY,
    redirect_uri: 'http://localhost:4200/callback',
    acr_values: `urn:acr.login.gov:auth-only ${more}`.trim(),
    scope: 'openid email',
  })

type Person = Awaited<ReturnType<People['person']>>

async function somebody(): Promise<Person> {
  const person = await idp.person()
  await person.addPhone()
  return person
}

async function signIn(browser: Browser, person: Person, fields: Record<string, string> = {}, url = '/') {
  await idp.giveEmailAndPassword(browser, person.email, url)
  assert.equal(browser.path, SMS)
  await browser.submit(SMS, { code: idp.codes.newestCode, ...fields })
}

async function signOut(browser: Browser) {
  await browser.open('/account')
  await browser.submit('/logout')
}

/** The page that comes after the password. */
async function afterPassword(browser: Browser, person: Person, url = '/') {
  await idp.giveEmailAndPassword(browser, person.email, url)
  return browser.path.split('?')[0]
}

const hasBox = ({ body }: { body: string }) => /name="remember_device"/.test(body)

test('the second factor is not asked for again in a browser that is remembered, and that counts as what it is', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await idp.giveEmailAndPassword(browser, person.email)
  assert.match(browser.last.body, /<input[^>]*name="remember_device"[^>]* checked/)
  await browser.submit(SMS, { code: idp.codes.newestCode, remember_device: 'true' })
  await signOut(browser)
  advanceClock(11_000)
  const sent = idp.codes.sent.length
  assert.equal(await afterPassword(browser, person), '/account')
  assert.equal(idp.codes.sent.length, sent)
  const row = await idp.ground.database
    .selectFrom('sessions')
    .select('authentication')
    .where('accountId', '=', person.accountId)
    .where('signInId', 'is not', null)
    .executeTakeFirstOrThrow()
  const { methods, isRemembered } = JSON.parse(row.authentication)
  assert.deepEqual(
    { methods, isRemembered },
    { methods: ['password', 'remember_device'], isRemembered: true },
  )
})

test('without the tick it is asked for', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person)
  assert.equal(browser.cookies.has(COOKIE), false)
  await signOut(browser)
  advanceClock(11_000)
  assert.equal(await afterPassword(browser, person), SMS)
})

test('the cookie holds a secret that only the browser has (OWASP ASVS 5.0 3.3.1, 3.3.4)', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  const cookie = browser.cookies.get(COOKIE) ?? ''
  assert.ok(cookie.length >= 43)
  const rows = await idp.ground.database.selectFrom('rememberedBrowsers').selectAll().execute()
  assert.ok(!JSON.stringify(rows).includes(cookie))
})

test('30 days are the end of it', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  advanceClock(720 * HOUR - 60_000)
  assert.equal(await afterPassword(browser, person), '/account')
  await signOut(browser)
  advanceClock(61_000)
  assert.equal(await afterPassword(browser, person), SMS)
})

test('it is for one account, and a made-up cookie is for none', async () => {
  const [person, other, browser] = [await somebody(), await somebody(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  await signOut(browser)
  assert.equal(await afterPassword(browser, other), SMS)
  const stranger = idp.browser()
  stranger.cookies.set(COOKIE, 'x'.repeat(43))
  assert.equal(await afterPassword(stranger, person), SMS)
})

test('AAL2 and above, requests for proofing and clients that may ask for it want the second factor anew (fact sheet 6.3)', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  await signOut(browser)
  for (const url of [
    otherClient(`${NS}/aal/2`),
    authorizeUrl(),
    authorizeUrl({ client_id: CLIENT, acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid' }),
  ]) {
    advanceClock(11_000)
    assert.equal(await afterPassword(browser, person, url), SMS, url)
    assert.equal(hasBox(browser.last), false)
    // Asked for all the same, it is not remembered: the page did not offer it.
    const before = browser.cookies.get(COOKIE)
    await browser.submit(SMS, { code: idp.codes.newestCode, remember_device: 'true' })
    assert.equal(browser.cookies.get(COOKIE), before)
    await signOut(browser)
  }
  advanceClock(11_000)
  assert.equal(await afterPassword(browser, person, otherClient()), '/sign_up/completed')
})

test('somebody who is signed in as remembered gives the second factor when a request wants it', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  await signOut(browser)
  assert.equal(await afterPassword(browser, person), '/account')
  advanceClock(11_000)
  await browser.open(otherClient(`${NS}/aal/2`))
  assert.equal(browser.path, SMS)
})

test('a remembered browser alone changes nothing about the account (OWASP ASVS 5.0 7.5.1)', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  await signOut(browser)
  assert.equal(await afterPassword(browser, person), '/account')
  for (const place of [
    '/authentication_methods_setup',
    '/authenticator_setup',
    '/phone_setup',
    '/backup_code_setup',
  ]) {
    assert.match(String((await browser.get(place)).headers.location), /^\/login\/password\?/, place)
  }
})

test('whoever authenticates anew for a change to the account gives the second factor in a remembered browser too', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  await signOut(browser)
  assert.equal(await afterPassword(browser, person), '/account')
  advanceClock(11_000)
  await browser.open('/phone_setup')
  await browser.submit('/login/password', { 'user[password]': PASSWORD })
  assert.equal(browser.path, SMS)
  await browser.submit(SMS, { code: idp.codes.newestCode })
  assert.equal(browser.path, '/phone_setup')
})

test('a further second factor makes the time no longer for which changes are open (OWASP ASVS 5.0 7.5.1)', async () => {
  const [person, browser] = [await somebody(), idp.browser()]
  await signIn(browser, person)
  advanceClock(14 * 60_000)
  await browser.open('/backup_code_setup')
  await browser.submit('/backup_code_setup')
  advanceClock(7 * 60_000)
  assert.match(String((await browser.get('/phone_setup')).headers.location), /^\/login\/password\?/)
})

test('all browsers can be forgotten on the account page, and are when a second factor changes', async () => {
  for (const forget of [
    async (browser: Browser) => {
      await browser.open('/account/two_factor_authentication')
      const page = await browser.submit('/forget_all_browsers')
      assert.match(page.body, /All browsers were forgotten/)
    },
    async (browser: Browser) => {
      await browser.open('/backup_code_setup')
      await browser.submit('/backup_code_setup')
    },
  ]) {
    const [person, browser, other] = [await somebody(), idp.browser(), idp.browser()]
    await signIn(other, person, { remember_device: 'true' })
    advanceClock(11_000)
    await signIn(browser, person, { remember_device: 'true' })
    await forget(browser)
    await signOut(browser)
    for (const one of [browser, other]) {
      advanceClock(11_000)
      assert.equal(await afterPassword(one, person), SMS)
    }
  }
})

test('a lock-out holds in a remembered browser', async () => {
  const [person, browser, other] = [await somebody(), idp.browser(), idp.browser()]
  await signIn(browser, person, { remember_device: 'true' })
  await signOut(browser)
  advanceClock(11_000)
  await idp.giveEmailAndPassword(other, person.email)
  for (let count = 0; count < 10; count += 1) await other.submit(SMS, { code: 'wrong' })
  await idp.giveEmailAndPassword(browser, person.email)
  assert.match(browser.last.body, /Account temporarily locked/)
})
