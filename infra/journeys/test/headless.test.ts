import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { type SignedIn, signInHeadless } from '@gatehouse/testkit/sign-in'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import * as client from 'openid-client'
import { verify } from '../src/gateway-requests.ts'
import { consent, enterCode, enterPassword, press, toPassword } from '../src/headless-steps.ts'

// The cool-down before a call would be ten seconds of waiting.
const gatehouse = await startGatehouse({
  environment: { 'one-time-codes': { CODE_POLICIES: JSON.stringify({ 'login-gov': { coolDownMs: 0 } }) } },
})
after(() => gatehouse.close())
const { urls } = gatehouse
const maria = gatehouse.persona('maria')
const bounded = { timeout: 180_000 }

function browserOf(t: TestContext) {
  const browser = openBrowser()
  t.after(() => browser.close())
  return browser
}

function expectMaria({ claims, tokens }: SignedIn): void {
  const { iss, aud, scope, idp, bso_user_id, ein, amr } = claims
  assert.deepEqual(
    { iss, aud, scope, idp, bso_user_id, ein, amr },
    {
      iss: urls['sign-in'],
      aud: 'urn:gatehouse:cbsv',
      scope: 'cbsv.verify',
      idp: 'login.gov',
      bso_user_id: 'MARIA7K2',
      ein: '960001012',
      amr: ['mfa'],
    },
  )
  assert.equal(tokens.expires_in, 300)
  assert.equal(tokens.claims()?.name, 'Maria Example')
}

test(
  'a sign-in by text leads to a token with which the gateway answers Yes, No and Deceased',
  bounded,
  async () => {
    const signedIn = await signInHeadless({ urls, persona: maria })
    expectMaria(signedIn)
    const { status, results } = await verify(urls, { token: signedIn.tokens.access_token })
    assert.equal(status, 200)
    assert.deepEqual(results, ['Yes', 'No', 'Deceased'])
  },
)

test('a sign-in by call leads to the same', bounded, async () => {
  const phone = await pickUpPhone(urls, maria.phoneNumber)
  expectMaria(await signInHeadless({ urls, persona: maria, channel: 'call' }))
  assert.match(await phone.nextCode('call', 1), /^\d{6}$/, 'the code was spoken')
})

test('two sign-ins of one person have the same subject and different sessions', bounded, async () => {
  const first = await signInHeadless({ urls, persona: maria })
  const second = await signInHeadless({ urls, persona: maria })
  assert.equal(second.claims.sub, first.claims.sub)
  assert.notEqual(second.claims.sid, first.claims.sid)
})

test(
  'who requests a new User ID gets BSO without CBSV, which the main menu says and the gateway holds to',
  bounded,
  async (t) => {
    const nadia = gatehouse.persona('nadia')
    const browser = browserOf(t)
    await browser.open(urls.bso)
    await browser.follow('Sign in')
    const menu = await completeSignIn(browser, { urls, persona: nadia, ein: '960002037' })
    assert.equal(menu.heading, 'BSO Main Menu')
    assert.match(menu.text, /Nadia Specimen/)
    assert.match(menu.text, /CBSV is not active for this User ID/)
    assert.throws(() => menu.link('CBSV: Consent Based'))

    const { tokens, claims } = await signInHeadless({ urls, persona: nadia, ein: '960002037' })
    assert.match(String(claims.bso_user_id), /^[A-Z0-9]{8}$/)
    assert.ok(menu.text.includes(String(claims.bso_user_id)), 'it is the one that was issued before')
    const { status, problem, headers } = await verify(urls, { token: tokens.access_token })
    assert.equal(status, 403)
    assert.equal(problem.code, 'insufficient_scope')
    assert.match(
      headers.get('www-authenticate') ?? '',
      /^Bearer .*error="insufficient_scope", scope="cbsv.verify"$/,
    )
  },
)

test(
  'of a person with two employers, the one without CBSV opens no verification and the other does',
  bounded,
  async () => {
    const james = gatehouse.persona('james')
    const without = await signInHeadless({ urls, persona: james, ein: '960002037' })
    assert.equal(without.claims.bso_user_id, 'JAMES8W3')
    assert.equal((await verify(urls, { token: without.tokens.access_token })).status, 403)
    const withCbsv = await signInHeadless({ urls, persona: james, ein: '960001012' })
    assert.equal(withCbsv.claims.bso_user_id, 'JAMES4Q9')
    assert.equal((await verify(urls, { token: withCbsv.tokens.access_token })).status, 200)
    assert.equal(withCbsv.claims.sub, without.claims.sub)
  },
)

test('who is not proofed ends at Login.gov, and BSO hears nothing', bounded, async (t) => {
  const browser = browserOf(t)
  await browser.open(urls.bso)
  await browser.follow('Sign in')
  const arrival = completeSignIn(browser, { urls, persona: gatehouse.persona('oliver') })
  await assert.rejects(arrival, /The sign-in stopped at “We could not verify your identity”/)
  assert.equal(new URL(browser.page.url).origin, urls['login-gov'])
  assert.equal(new URL((await browser.open(`${urls.bso}/main-menu`)).url).origin, urls['sign-in'])
})

test('Exit at the terms leads back to BSO with a notice, and nobody is signed in', bounded, async (t) => {
  const browser = browserOf(t)
  const phone = await pickUpPhone(urls, maria.phoneNumber)
  await toPassword(browser, urls)
  await enterPassword(browser, maria)
  await enterCode(browser, await phone.nextCode())
  assert.equal((await consent(browser)).heading, 'Terms of Service')
  const left = await press(browser, 'Exit')
  assert.equal(left.url, `${urls.bso}/left-sign-in`)
  assert.match(left.alerts.join(), /You left the sign-in/)
  assert.equal(left.root.querySelectorAll('.usa-alert--info').length, 1)
  assert.equal(new URL((await browser.open(`${urls.bso}/main-menu`)).url).origin, urls['sign-in'])
})

test(
  'a refresh token is used once: the next one works, and using the first again ends the grant (RFC 9700 §4.14.2)',
  bounded,
  async () => {
    const { tokens } = await signInHeadless({ urls, persona: maria })
    const configuration = await client.discovery(
      new URL(urls['sign-in']),
      'gatehouse-cli',
      undefined,
      client.None(),
      { execute: [client.allowInsecureRequests] },
    )
    const refresh = (token: string | undefined) => client.refreshTokenGrant(configuration, token ?? '')
    const second = await refresh(tokens.refresh_token)
    assert.notEqual(second.refresh_token, tokens.refresh_token)
    assert.equal((await verify(urls, { token: second.access_token })).status, 200)
    const third = await refresh(second.refresh_token)
    await assert.rejects(refresh(tokens.refresh_token), { error: 'invalid_grant' })
    await assert.rejects(refresh(third.refresh_token), { error: 'invalid_grant' })
  },
)
