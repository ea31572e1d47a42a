// One session, several relying services: which provider each offers, and the level that one of them needs.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { type Gatehouse, type Persona, startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { type PublicClient, signInHeadless } from '@gatehouse/testkit/sign-in'
import { completeSignIn, type SignInChoices } from '@gatehouse/testkit/sign-in-steps'
import { documented, verify } from '../src/gateway-requests.ts'
import { agreeToTerms, press } from '../src/headless-steps.ts'
import { answer } from '../src/my-ssa-headless-steps.ts'

const OPERATOR_TOKEN = randomBytes(32).toString('base64url')
/** bso offers the username sign-in in one of them, as it did once (seed 002), and in the other not (seed 000). */
const [present, past] = await Promise.all([
  startGatehouse({ environment: { 'sign-in': { OPERATOR_TOKEN } } }),
  startGatehouse({
    environment: { 'sign-in': { IDENTITY_PROVIDERS: '{"bso":["login.gov","id.me","my-ssa"]}' } },
  }),
])
after(() => Promise.all([present.close(), past.close()]))
const { withPassword, withExtraSecurity } = MY_SSA_ACR
const REDIRECT_URI = 'http://127.0.0.1/back'
const bounded = { timeout: 180_000 }

function visitor(t: TestContext) {
  const browser = openBrowser({ stopAt: REDIRECT_URI })
  t.after(() => browser.close())
  return browser
}

/** Registers a relying service that offers the username sign-in alone, and asks for no level. */
async function register(suite: Gatehouse): Promise<PublicClient> {
  const scope = 'openid profile cbsv.verify'
  const response = await fetch(`${suite.urls['sign-in']}/registration`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Example Benefits',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      identity_providers: ['my-ssa'],
      scope,
    }),
  })
  assert.equal(response.status, 201)
  const { client_id: clientId } = (await response.json()) as { client_id: string }
  return { clientId, redirectUri: REDIRECT_URI, scope: 'openid profile', resource: 'urn:gatehouse:cbsv' }
}

test(
  'a session by password is stepped up at the Ticket Portal and not refused, and counts there and elsewhere',
  bounded,
  async (t) => {
    const { urls } = present
    const ruth = present.persona('ruth')
    const client = await register(present)
    const browser = visitor(t)
    const signIn = async () => (await signInHeadless({ urls, persona: ruth, client, browser })).claims
    const first = await signIn()
    assert.deepEqual([first.idp, first.acr], ['my-ssa', withPassword])

    // Who says no goes on, and is told why that is not enough.
    await browser.open(`${urls['ticket-portal']}/sign-in`)
    assert.equal(browser.page.heading, 'Enable your Extra Security', 'no username is asked for')
    await answer(browser, 'skip')
    await agreeToTerms(browser)
    assert.deepEqual([browser.page.status, browser.page.heading], [403, 'Extra security is needed'])
    assert.equal((await signIn()).acr, withPassword)

    await browser.open(`${urls['ticket-portal']}/sign-in`)
    const portal = await completeSignIn(browser, { urls, persona: ruth, extraSecurity: 'enable' })
    assert.deepEqual([portal.status, portal.heading], [200, 'Ticket Portal'])
    assert.match(portal.text, /Ruth Template/)

    const stepped = await signIn()
    assert.equal(stepped.acr, withExtraSecurity)
    assert.deepEqual(stepped.amr, ['pwd', 'sms', 'mfa'])
    assert.deepEqual([stepped.sub, stepped.sid], [first.sub, first.sid], 'one person, one session')
    await browser.open(`${urls['ticket-portal']}/sign-in`)
    assert.equal(browser.page.heading, 'Ticket Portal', 'nothing is asked again')
  },
)

test(
  'a session by way of my Social Security is none at BSO, with extra security or without',
  bounded,
  async (t) => {
    const { urls } = present
    const browser = visitor(t)
    const daniel = present.persona('daniel')
    await browser.open(`${urls['ticket-portal']}/sign-in`)
    assert.equal((await completeSignIn(browser, { urls, persona: daniel })).heading, 'Ticket Portal')

    const choice = await browser.open(`${urls.bso}/main-menu`)
    assert.equal(new URL(choice.url).origin, urls['sign-in'])
    assert.equal(choice.heading, 'Sign In or Create an Account')
    assert.match(choice.alerts.join(), /The Social Security username sign-in option is no longer available/)
    const wanted = completeSignIn(browser, { urls, persona: daniel, provider: 'my-ssa' })
    await assert.rejects(wanted, /my-ssa is not offered at/)
    // Nor by a button that somebody adds to the page.
    const form = choice.form({ button: 'Sign in with Login.gov' })
    form.element.querySelector('[name="provider"]')?.setAttribute('value', 'my-ssa')
    const forged = await browser.submit(form, {}, 'Sign in with Login.gov')
    assert.equal(forged.status, 400)
    assert.equal(new URL(forged.url).origin, urls['sign-in'])
    // The portal is as open as it was.
    assert.equal((await browser.open(`${urls['ticket-portal']}/portal`)).heading, 'Ticket Portal')
  },
)

test(
  'at a BSO that offers the username sign-in CBSV opens with extra security, and only then',
  bounded,
  async (t) => {
    const { urls } = past
    const maria = past.persona('maria')
    const headless = (more: Partial<SignInChoices> = {}) =>
      signInHeadless({ urls, persona: maria, provider: 'my-ssa', ...more })

    /** BSO's pages in a browser of its own. */
    async function toMainMenu(persona: Persona, more: Partial<SignInChoices> = {}) {
      const browser = visitor(t)
      await browser.open(urls.bso)
      await browser.follow('Sign in')
      assert.doesNotMatch(browser.page.text, /username sign-in option is no longer available/)
      await completeSignIn(browser, { urls, persona, provider: 'my-ssa', ...more })
      assert.equal(browser.page.heading, 'BSO Main Menu')
      return browser
    }
    const enquire = async (browser: Awaited<ReturnType<typeof toMainMenu>>) => {
      await browser.open(`${urls.bso}/cbsv/online-verification`)
      const cells = Object.entries(documented[0] ?? {}).map(([field, value]) => [`${field}-1`, value])
      return press(browser, 'Submit', Object.fromEntries(cells))
    }

    const password = await toMainMenu(maria)
    assert.match(password.page.text, /MARIA7K2/)
    const closed = await enquire(password)
    assert.deepEqual([closed.status, closed.heading], [403, 'You do not have access to CBSV'])
    assert.match(closed.text, /add extra security to your my Social Security account first/)
    const { tokens, claims } = await headless()
    assert.deepEqual([claims.bso_user_id, claims.acr, claims.scope], ['MARIA7K2', withPassword, undefined])
    const refused = await verify(urls, { token: tokens.access_token })
    assert.deepEqual([refused.status, refused.problem.code], [403, 'insufficient_scope'])

    // The portal asks for extra security, so the letter is asked for there.
    const browser = visitor(t)
    await browser.open(`${urls['ticket-portal']}/sign-in`)
    const needed = await completeSignIn(browser, { urls, persona: maria, extraSecurity: 'enable' })
    assert.equal(needed.heading, 'Extra security is needed')

    const menu = await toMainMenu(maria, { extraSecurity: 'enable' })
    assert.equal((await enquire(menu)).heading, 'Consent Based SSN Verification Results')
    past.advanceClock(60_000)
    const signedIn = await headless()
    assert.deepEqual([signedIn.claims.acr, signedIn.claims.scope], [withExtraSecurity, 'cbsv.verify'])
    assert.equal(signedIn.claims.sub, claims.sub)
    const verified = await verify(urls, { token: signedIn.tokens.access_token })
    assert.deepEqual([verified.status, verified.results], [200, ['Yes', 'No', 'Deceased']])
    const old = await verify(urls, { token: tokens.access_token })
    assert.equal(old.status, 403, 'the token of before gains nothing')
  },
)
