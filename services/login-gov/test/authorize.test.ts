// What the authorization endpoint does with somebody who is signed in (fact sheet 2.3, 2.4, 2.6, 6.1).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import {
  AUTH_ONLY,
  authorizeUrl,
  CLIENT,
  OPERATOR_TOKEN,
  PRIVILEGED,
  REDIRECT_URI,
  STATE,
  startLoginGov,
} from './support/login-gov.ts'
import { authorized, codeFrom, type LoginGov, signedIn } from './support/signed-in.ts'
import { ACR, NS } from './wire/row.ts'

let idp: LoginGov
before(async () => {
  idp = await startLoginGov()
})
after(() => idp.app.close())

const SECOND_FACTOR = '/users/two_factor_authentication'
const privileged = { client_id: PRIVILEGED, redirect_uri: 'http://localhost:4400/callback' }
const authOnly = {
  client_id: AUTH_ONLY,
  redirect_uri: 'http://localhost:4200/callback',
  acr_values: `${ACR}:auth-only`,
}

describe('a sign-in that is not what the request asks for goes back to the second factor (fact sheet 2.3)', () => {
  const rows: [string, Record<string, string>, { methods: string[]; isRemembered?: boolean }, boolean][] = [
    ['a text is enough by default', authOnly, { methods: ['password', 'sms'] }, true],
    [
      'a remembered browser is enough by default',
      authOnly,
      { methods: ['password'], isRemembered: true },
      false,
    ],
    [
      'a remembered browser counts as a second factor',
      authOnly,
      { methods: ['password', 'remember_device'], isRemembered: true },
      true,
    ],
    [
      'a remembered browser is not enough for proofed identity',
      {},
      { methods: ['password', 'remember_device'], isRemembered: true },
      false,
    ],
    [
      'a text is not enough for aal/3',
      { ...authOnly, acr_values: `${NS}/ial/1 ${NS}/aal/3` },
      { methods: ['password', 'sms'] },
      false,
    ],
    [
      'a security key is enough for aal/3',
      { ...authOnly, acr_values: `${NS}/ial/1 ${NS}/aal/3` },
      { methods: ['password', 'webauthn'] },
      true,
    ],
    [
      'a security key is not enough for hspd12',
      { ...authOnly, acr_values: `${NS}/ial/1 ${NS}/aal/2?hspd12=true` },
      { methods: ['password', 'webauthn'] },
      false,
    ],
    [
      'a certificate is',
      { ...authOnly, acr_values: `${NS}/ial/1 ${NS}/aal/2?hspd12=true` },
      { methods: ['piv_cac'] },
      true,
    ],
  ]
  for (const [what, changes, authentication, isEnough] of rows) {
    test(what, async () => {
      const browser = await signedIn(idp, { authentication })
      if (isEnough) {
        assert.ok(await codeFrom(browser, authorizeUrl(changes)))
        return
      }
      await browser.get(authorizeUrl(changes))
      assert.equal(browser.last.headers.location, SECOND_FACTOR)
      // Signed out of what the second factor had opened, until it is given anew.
      await browser.get('/account')
      assert.equal(browser.last.headers.location, SECOND_FACTOR)
    })
  }

  test("a client's default_aal counts where the request is silent", async () => {
    const clientId = 'urn:test:default-aal'
    const response = await idp.app.inject({
      method: 'PUT',
      url: `/api/clients/${clientId}`,
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
      payload: {
        client_id: clientId,
        friendly_name: 'Careful',
        agency_id: 9,
        ial: 1,
        redirect_uris: ['https://careful.example/callback'],
        default_aal: 3,
      },
    })
    assert.equal(response.statusCode, 201, response.body)
    const careful = {
      client_id: clientId,
      redirect_uri: 'https://careful.example/callback',
      acr_values: `${ACR}:auth-only`,
    }
    const browser = await signedIn(idp, { visited: [clientId] })
    await browser.get(authorizeUrl(careful))
    assert.equal(browser.last.headers.location, SECOND_FACTOR)
    const strong = await signedIn(idp, {
      visited: [clientId],
      authentication: { methods: ['webauthn_platform'] },
    })
    assert.ok(await codeFrom(strong, authorizeUrl(careful)))
  })
})

describe('prompt (fact sheet 2.4)', () => {
  test('login signs out once for each state', async () => {
    const browser = await signedIn(idp)
    await browser.get(authorizeUrl({ prompt: 'login' }))
    assert.equal(browser.last.headers.location, '/')
    await browser.get('/account')
    assert.equal(browser.last.headers.location, '/')
    const again = await signedIn(idp)
    await again.get(authorizeUrl())
    await again.get(authorizeUrl({ prompt: 'login', state: `${STATE}2` }))
    assert.equal(again.last.headers.location, '/')
  })

  test('a second login within two seconds of a handoff is bounced, and leaves the person signed in', async () => {
    const browser = await signedIn(idp)
    await codeFrom(browser)
    await browser.get(authorizeUrl({ prompt: 'login', state: `${STATE}3` }))
    assert.equal(browser.last.headers.location, '/bounced')
    await browser.follow()
    assert.match(textOf(browser.last), /There was a problem connecting .* Social Security asked you/)
    assert.ok(await codeFrom(browser))
    advanceClock(2_000)
    await browser.get(authorizeUrl({ prompt: 'login', state: `${STATE}4` }))
    assert.equal(browser.last.headers.location, '/')
  })

  test('create is select_account for somebody who is signed in', async () => {
    const browser = await signedIn(idp)
    assert.ok(await codeFrom(browser, authorizeUrl({ ...privileged, prompt: 'create' })))
  })

  test('who comes signed in by another service is asked whether to go on', async () => {
    const browser = await signedIn(idp)
    await codeFrom(browser)
    const elsewhere = await signedIn(idp, { visited: [] })
    await elsewhere.get(authorizeUrl())
    assert.equal(elsewhere.last.headers.location, '/user_authorization_confirmation')
  })
})

describe('verified_within (fact sheet 2.1)', () => {
  test('a proofing that is too old counts as none', async () => {
    const asked = { ...privileged, verified_within: '30d' }
    assert.ok(await codeFrom(await signedIn(idp), authorizeUrl(asked)))
    advanceClock(30 * 86_400_000 + 60_000)
    const browser = await signedIn(idp)
    await browser.get(authorizeUrl(asked))
    assert.equal(browser.last.headers.location, '/verify')
    assert.ok(await codeFrom(browser, authorizeUrl({ ...privileged, verified_within: '5w' })))
    await browser.get(authorizeUrl({ ...asked }, '/es'))
    assert.equal(browser.last.headers.location, '/es/verify')
  })
})

describe('the redirect by a page (fact sheet 2.6, REDIRECT_MODE=client)', () => {
  let client: LoginGov
  before(async () => {
    client = await startLoginGov({ REDIRECT_MODE: 'client' })
  })
  after(() => client.app.close())

  const targetOf = (body: string) =>
    textOf({
      body: /<a id="openid-connect-redirect" href="([^"]+)">Submit<\/a>/.exec(body)?.[1] ?? '',
    } as never)

  test('a code, an error and a logout go back by a link that a script presses', async () => {
    const browser = await signedIn(client)
    await browser.open(authorizeUrl())
    await browser.submit('/sign_up/completed')
    assert.equal(browser.last.statusCode, 200)
    assert.match(browser.last.body, /<title>Redirecting \|/)
    assert.match(browser.last.body, /<script src="\/assets\/login-gov\/redirect\.js" defer>/)
    const back = new URL(targetOf(browser.last.body))
    assert.equal(back.origin + back.pathname, REDIRECT_URI)
    assert.deepEqual([...back.searchParams.keys()], ['code', 'state'])

    const refused = await client.app.inject(authorizeUrl({ scope: undefined }))
    assert.equal(refused.statusCode, 200)
    assert.equal(new URL(targetOf(refused.body)).searchParams.get('error'), 'invalid_request')

    const out = await client.app.inject(
      `/openid_connect/logout?client_id=${CLIENT}&post_logout_redirect_uri=${REDIRECT_URI}`,
    )
    assert.equal(targetOf(out.body), REDIRECT_URI)
    assert.equal((await client.app.inject('/assets/login-gov/redirect.js')).statusCode, 200)
  })
})

describe('a form may say the language (fact sheet 2.1)', () => {
  for (const [where, url, locale, title] of [
    ['its field counts', '/', 'es', 'Iniciar sesión'],
    ['a language that is none counts for nothing', '/', 'tlh', 'Sign in'],
  ] as const) {
    test(where, async () => {
      const browser = idp.browser()
      await browser.open(url)
      await browser.post('/', { 'user[email]': '', 'user[password]': '', locale })
      assert.equal(browser.last.statusCode, 422)
      assert.match(browser.last.body, new RegExp(`<title>[^<]*${title}`))
    })
  }
})

test('a relying service whose registration is taken away is told nothing more', async () => {
  const browser = await signedIn(idp)
  const back = await authorized(browser)
  assert.ok(back.searchParams.get('code'))
  const unknown = await idp.app.inject(authorizeUrl({ client_id: 'urn:gone' }))
  assert.equal(unknown.headers.location, undefined)
})
