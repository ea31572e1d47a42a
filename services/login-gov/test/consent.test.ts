// What a relying service gets, and whether the person has agreed to it (fact sheet 6.1 steps 7 and 8).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { type Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import { sqlConsents } from '../src/consent/consents.ts'
import { type LoginGov, titleOf } from './support/account.ts'
import {
  AUTH_ONLY,
  authorizeUrl,
  CLIENT,
  passPassword,
  redeem,
  startLoginGov,
  tokenParameters,
} from './support/login-gov.ts'

const MARIA = 'maria@example.com'
const OTHER = 'maria-other@example.org'
const YEAR = 365 * 86_400_000

let idp: LoginGov
let accountId: string
before(async () => {
  idp = await startLoginGov()
  accountId = (await accounts().findByEmail(MARIA))?.id ?? assert.fail('there is no such account')
})
after(() => idp.app.close())
beforeEach(async () => {
  advanceClock(601_000)
  await consents().revoke(accountId, CLIENT)
  await consents().revoke(accountId, AUTH_ONLY)
})

const accounts = () => createAccounts(sqlAccountStore(idp.ground.database, idp.ground.secrets))
const consents = () => sqlConsents(idp.ground.database, YEAR)
const authOnly = {
  client_id: AUTH_ONLY,
  redirect_uri: 'http://localhost:4200/callback',
  acr_values: 'urn:acr.login.gov:auth-only',
  scope: 'openid email all_emails x509 profile:verified_at profile',
}

/** Signs in, up to the consent or to the relying service. */
async function signIn(changes: Record<string, string> = {}): Promise<Browser> {
  const browser = idp.browser()
  await passPassword(browser, MARIA, authorizeUrl(changes))
  await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
  return browser
}
const agree = (browser: Browser) => browser.submit('/sign_up/completed')
const isAsked = (browser: Browser) => browser.path === '/sign_up/completed'
const isBack = (browser: Browser) => String(browser.last.headers.location).includes('code=')

async function userInfo(browser: Browser) {
  const code = new URL(String(browser.last.headers.location)).searchParams.get('code') ?? ''
  const token = (await redeem(idp.app, await tokenParameters(code))).json().access_token
  const answer = await idp.app.inject({
    url: '/api/openid_connect/userinfo',
    headers: { authorization: `Bearer ${token}` },
  })
  return answer.json()
}

describe('consent is asked for', () => {
  test('the first time at a service, and not the second', async () => {
    const first = await signIn()
    assert.ok(isAsked(first))
    await agree(first)
    assert.ok(isBack(first))
    assert.ok(isBack(await signIn()))
  })

  test('when more is asked for than was agreed to, and not for less', async () => {
    await agree(await signIn({ scope: 'openid email profile' }))
    assert.ok(isBack(await signIn({ scope: 'openid email' })))
    const more = await signIn({ scope: 'openid email profile address' })
    assert.ok(isAsked(more))
    assert.ok(textOf(more.last).includes('100 Example Street'))
  })

  test('when the identity was verified anew since', async () => {
    await agree(await signIn())
    advanceClock(60_000)
    const { profile } = (await accounts().find(accountId)) ?? assert.fail()
    await accounts().setProfile(accountId, { ...(profile ?? assert.fail()), verifiedAt: now() })
    advanceClock(1_000)
    const browser = await signIn()
    assert.ok(isAsked(browser))
    await agree(browser)
    assert.ok(isBack(await signIn()))
  })

  test('when it is older than a year', async () => {
    await agree(await signIn())
    advanceClock(YEAR - 120_000)
    assert.ok(isBack(await signIn()))
    advanceClock(120_000)
    assert.ok(isAsked(await signIn()))
  })

  test('when it was revoked in the account', async () => {
    const browser = await signIn()
    await agree(browser)
    const path = `/account/connected_accounts/${encodeURIComponent(CLIENT)}/disconnect`
    await browser.open(path)
    await browser.submit(path)
    await browser.open(authorizeUrl())
    assert.ok(isAsked(browser))
  })

  test('for what its page showed alone: a post for another request asks again', async () => {
    const browser = await signIn()
    const shown = browser.last
    await browser.open(authorizeUrl(authOnly))
    browser.last = shown
    await browser.post('/sign_up/completed')
    assert.equal(browser.last.headers.location, '/sign_up/completed')
    assert.deepEqual(await consents().of(accountId), [])
  })
})

test('the auth-only page lists what the fact sheet says and nothing verified', async () => {
  const browser = await signIn(authOnly)
  const page = textOf(browser.last)
  assert.ok(isAsked(browser))
  assert.ok(page.includes('Connect your account to Elsewhere'))
  assert.ok(page.includes('Email address'))
  assert.ok(page.includes('All email addresses on your account'))
  for (const never of ['Full name', 'Date of birth', 'Social Security number'])
    assert.ok(!page.includes(never))
})

describe('the e-mail address to share', () => {
  const field = 'select_email_form[selected_email]'

  before(() => accounts().addEmail(accountId, OTHER))
  after(() => accounts().removeEmail(accountId, OTHER))

  test('is chosen on the way to the consent, and is what the service gets', async () => {
    const browser = await signIn()
    assert.match(browser.last.body, /href="\/sign_up\/select_email"/)
    const page = await browser.open('/sign_up/select_email')
    assert.equal(titleOf(page), 'Choose email to share')
    await browser.submit('/sign_up/select_email', { [field]: OTHER })
    assert.ok(isAsked(browser))
    assert.ok(textOf(browser.last).includes(OTHER))
    await agree(browser)
    assert.equal((await userInfo(browser)).email, OTHER)
  })

  test('is chosen in the account too', async () => {
    const browser = await signIn()
    await agree(browser)
    assert.equal((await userInfo(browser)).email, MARIA)
    const path = `/account/connected_accounts/${encodeURIComponent(CLIENT)}/selected_email`
    await browser.open(path)
    await browser.submit(path, { [field]: OTHER })
    assert.ok(textOf(browser.last).includes(`Gets the email address ${OTHER}`))
    await browser.open(authorizeUrl())
    assert.equal((await userInfo(browser)).email, OTHER)
  })

  test('can be one of the person’s own alone', async () => {
    const browser = await signIn()
    await browser.open('/sign_up/select_email')
    for (const fields of [{ [field]: 'oliver@example.com' }, {}] as Record<string, string>[]) {
      const page = await browser.submit('/sign_up/select_email', fields)
      assert.equal(page.statusCode, 422)
    }
    assert.equal(await consents().sharedEmail(accountId, CLIENT), undefined)
  })

  test('that is deleted from the account is shared no more', async () => {
    const browser = await signIn()
    await browser.open('/sign_up/select_email')
    await browser.submit('/sign_up/select_email', { [field]: OTHER })
    await agree(browser)
    await accounts().removeEmail(accountId, OTHER)
    await browser.open(authorizeUrl())
    assert.equal((await userInfo(browser)).email, MARIA)
    await accounts().addEmail(accountId, OTHER)
  })
})

describe('somebody who is signed in already', () => {
  test('is asked whether to go on, where consent is on record and the service is new to the session', async () => {
    await agree(await signIn())
    const browser = await signIn(authOnly)
    await agree(browser)
    const page = await browser.open(authorizeUrl())
    assert.equal(browser.path, '/user_authorization_confirmation')
    assert.ok(textOf(page).includes('You are already signed in with the following email:'))
    await browser.submit('/user_authorization_confirmation')
    assert.ok(isBack(browser))
    await browser.open(authorizeUrl())
    assert.ok(isBack(browser))
  })

  test('sees the consent instead where there is none, and not both', async () => {
    const browser = await signIn(authOnly)
    await agree(browser)
    await browser.open(authorizeUrl())
    assert.ok(isAsked(browser))
    await agree(browser)
    assert.ok(isBack(browser))
  })

  test('can switch emails: somebody else signs in for the service that waits', async () => {
    await agree(await signIn())
    const browser = await signIn(authOnly)
    await agree(browser)
    await browser.open(authorizeUrl())
    const page = await browser.submit('/user_authorization_confirmation/reset')
    assert.equal(browser.path, '/')
    assert.ok(textOf(page).includes('Social Security asks you to sign in'))
  })
})
