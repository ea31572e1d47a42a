import '@gatehouse/clock/shifted-date'
import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { createBrowser } from './browser.ts'
import { createRelyingService } from './relying-service.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { app, relying } = suite
after(() => app.close())

const pagesOf = (interaction: string) => [
  interaction,
  `${interaction}/terms`,
  `${interaction}/user-id`,
  `${interaction}/user-id/new`,
]

test('the choice names the relying service and offers every provider', async () => {
  const { answer } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt: 'choice' })
  assert.match(answer.body, /You are signing in to <strong>A relying service<\/strong>/)
  for (const name of ['Login.gov', 'ID.me']) {
    assert.match(answer.body, new RegExp(`Sign in with ${name}`))
    assert.match(answer.body, new RegExp(`Create an account with ${name}`))
  }
  assert.match(answer.body, /The Social Security username sign-in option is no longer available\./)
  assert.match(
    String(answer.headers['content-security-policy']),
    /form-action 'self' https:\/\/provider\.example https:\/\/other\.example/,
  )
})

test('the name that a relying service registered is shown as text (ASVS 1.2.1)', async () => {
  const client = await suite.relyingService({ client_name: '<b>Payroll</b> & "Sons"' })
  const { answer } = await suite.walk(suite.newBrowser(), client.authorizeUrl(), { stopAt: 'choice' })
  assert.ok(answer.body.includes('<strong>&#60;b&#62;Payroll&#60;/b&#62; &#38; &#34;Sons&#34;</strong>'))
})

test('an interaction opens only in the browser that began it (ASVS 7.2.1)', async () => {
  for (const stopAt of ['choice', 'terms', 'user-id'] as const) {
    const { interaction } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt })
    for (const stranger of [suite.newBrowser(), (await suite.signedIn()).browser]) {
      for (const page of pagesOf(interaction)) {
        const { statusCode, body } = await stranger.get(page)
        assert.equal(statusCode, 400, page)
        assert.match(body, /This sign-in is over\. Go back to the service and sign in again/)
      }
    }
  }
})

test('the address of an interaction does not make up for its signed cookie', async () => {
  const { interaction } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt: 'choice' })
  const uid = interaction.split('/')[2]
  const answer = await app.inject({
    url: interaction,
    headers: {
      accept: 'text/html',
      cookie: `sign-in-interaction=${uid}; sign-in-interaction.sig=${'x'.repeat(27)}`,
    },
  })
  assert.equal(answer.statusCode, 400)
})

test('the cookie of one interaction does not open another', async () => {
  const jar = new Map<string, { value: string; path: string; secure?: boolean }>()
  const own = await suite.walk(createBrowser(app, jar), relying.authorizeUrl(), { stopAt: 'terms' })
  const { interaction } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt: 'terms' })
  const cookie = [...jar]
    .filter(([, { path }]) => path === own.interaction)
    .map(([key, { value }]) => `${key.split(' ')[0]}=${value}`)
    .join('; ')
  const open = async (url: string) =>
    (await app.inject({ url, headers: { accept: 'text/html', cookie } })).statusCode
  assert.equal(await open(own.path), 200)
  for (const page of pagesOf(interaction)) assert.equal(await open(page), 400, page)
})

test('an interaction that never was, or is over, is refused', async () => {
  const browser = suite.newBrowser()
  for (const page of pagesOf('/interaction/never-was'))
    assert.equal((await browser.get(page)).statusCode, 400)
  const { interaction } = await suite.walk(browser)
  for (const page of pagesOf(interaction)) assert.equal((await browser.get(page)).statusCode, 400, page)
})

test('a sign-in that was begun an hour ago is over', async () => {
  const browser = suite.newBrowser()
  const { path } = await suite.walk(browser, relying.authorizeUrl(), { stopAt: 'terms' })
  advanceClock(61 * 60_000)
  assert.equal((await browser.get(path)).statusCode, 400)
})

test('no step is taken without the CSRF token of its page (ASVS 3.5.1)', async () => {
  const browser = suite.newBrowser()
  const { interaction } = await suite.walk(browser, relying.authorizeUrl(), { stopAt: 'user-id' })
  const posts: [string, Record<string, string>][] = [
    [`${interaction}/provider`, { provider: 'login.gov' }],
    [`${interaction}/terms`, { version: '2026-01', textHash: 'a'.repeat(64), agree: 'yes' }],
    [`${interaction}/user-id`, { userId: 'MARIA7K2:960001012' }],
    [`${interaction}/user-id/new`, { ein: '960003055' }],
  ]
  for (const [url, fields] of posts) {
    for (const csrf of [{}, { _csrf: 'guessed' }] as Record<string, string>[]) {
      const { statusCode, body } = await browser.post(url, { ...fields, ...csrf })
      assert.equal(statusCode, 403, url)
      assert.match(body, /This page expired/)
    }
  }
})

test('a field that no form has is refused (ASVS 15.3.3)', async () => {
  const browser = suite.newBrowser()
  const { path } = await suite.walk(browser, relying.authorizeUrl(), { stopAt: 'user-id' })
  const answer = await browser.submit(path, path, { userId: 'MARIA7K2:960001012', accountId: 'another' })
  assert.equal(answer.statusCode, 400)
})

test('cookies are HttpOnly and SameSite=Lax, and those of an interaction go to its own pages (ASVS 3.3)', async () => {
  const browser = suite.newBrowser()
  const begun = await browser.get(relying.authorizeUrl())
  const chosen = await browser.submit(String(begun.headers.location), `${begun.headers.location}/provider`, {
    provider: 'login.gov',
  })
  const cookies = [...begun.cookies, ...chosen.cookies]
  assert.ok(cookies.length >= 5)
  for (const { name, httpOnly, sameSite } of cookies) {
    assert.equal(httpOnly, true, name)
    assert.equal(sameSite?.toLowerCase(), 'lax', name)
  }
  const interaction = cookies.find(({ name }) => name === 'sign-in-interaction')
  assert.equal(interaction?.path, begun.headers.location)
})

test('over https, cookies of the whole host are Secure and no sibling host can set them (ASVS 3.3.1, ASVS 3.3.3)', async () => {
  const secure = await buildSignIn({ publicUrl: 'https://sign-in.example' })
  after(() => secure.app.close())
  const jar = new Map<string, { value: string; path: string; secure?: boolean }>()
  await secure.signedIn({ browser: createBrowser(secure.app, jar) })
  const names = [...jar].filter(([, { path }]) => path === '/').map(([key]) => key.split(' ')[0] as string)
  assert.ok(names.includes('__Host-sign-in-session') && names.includes('__Host-sign-in-browser'))
  assert.deepEqual(
    names.filter((name) => !name.startsWith('__Host-')),
    [],
  )
  assert.ok([...jar.values()].every((cookie) => cookie.secure))
})

test('killed in the middle and started again, a sign-in goes on with the same cookies', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-restart-'))
  const databaseUrl = `sqlite:${join(directory, 'sign-in.sqlite')}`
  const secrets = deriveSecrets(Buffer.alloc(32, 7))
  const builds = [await buildSignIn({ databaseUrl, secrets })]
  const restart = async () => {
    await builds.at(-1)?.app.close()
    const { stub } = builds[0]!
    builds.push(await buildSignIn({ databaseUrl, secrets, stub }))
    return builds.at(-1)!
  }
  try {
    const [first] = builds as [typeof suite]
    const browser = first.newBrowser()
    const keys = (await first.app.inject({ url: '/jwks' })).json()
    const begun = await first.walk(browser, first.relying.authorizeUrl(), { stopAt: 'provider' })
    const answer = `/federation/login.gov/callback?${first.stub.answer(String(begun.redirect))}`

    // At the provider; after the provider; after the terms; with a code in hand; signed in.
    const second = await restart()
    const kept = createBrowser(second.app, browser.jar)
    assert.deepEqual((await second.app.inject({ url: '/jwks' })).json(), keys)
    assert.equal((await second.walk(kept, answer, { stopAt: 'terms' })).path, `${begun.interaction}/terms`)

    const third = await restart()
    const atUserId = await third.walk(createBrowser(third.app, browser.jar), `${begun.interaction}/terms`, {
      stopAt: 'user-id',
    })
    assert.equal(atUserId.answer.statusCode, 200)

    const fourth = await restart()
    const { redirect } = await fourth.walk(createBrowser(fourth.app, browser.jar), atUserId.path)
    const code = String(redirect?.searchParams.get('code'))

    const fifth = await restart()
    const relyingService = createRelyingService(fifth.app, first.relying)
    const tokens = await relyingService.redeem(code)
    assert.equal(tokens.statusCode, 200, tokens.body)

    const sixth = await restart()
    const refreshed = await createRelyingService(sixth.app, first.relying).refresh(
      tokens.json().refresh_token,
    )
    assert.equal(refreshed.statusCode, 200, refreshed.body)
    const silent = await sixth.walk(
      createBrowser(sixth.app, browser.jar),
      first.relying.authorizeUrl({ prompt: 'none' }),
    )
    assert.ok(silent.redirect?.searchParams.get('code'))
  } finally {
    await builds.at(-1)?.app.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

// What a client says of hosts, schemes and addresses on the way is not believed (ASVS 4.1.3).
const LIES = {
  host: 'evil.example',
  forwarded: 'host=evil.example;proto=https;for=203.0.113.9',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '444',
  'x-forwarded-prefix': '/evil',
  'x-forwarded-for': '203.0.113.9',
  'x-original-url': '/evil',
  'x-http-method-override': 'DELETE',
}

test('Host and forwarding headers of a client change nothing in discovery (ASVS 4.1.3)', async () => {
  for (const url of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    const [plain, lied] = await Promise.all([app.inject({ url }), app.inject({ url, headers: LIES })])
    assert.equal(plain.statusCode, 200, url)
    assert.deepEqual(lied.json(), plain.json())
    assert.equal(plain.json().issuer, 'http://localhost:4000')
    assert.equal(plain.json().authorization_response_iss_parameter_supported, true)
    assert.deepEqual(plain.json().code_challenge_methods_supported, ['S256'])
    assert.deepEqual(plain.json().subject_types_supported, ['pairwise'])
    assert.deepEqual(plain.json().response_types_supported, ['code'])
  }
})

test('Host and forwarding headers of a client change no redirect and no cookie (ASVS 4.1.3)', async () => {
  const lied = await app.inject({ url: relying.authorizeUrl(), headers: LIES })
  assert.equal(lied.statusCode, 303)
  assert.match(String(lied.headers.location), /^\/interaction\/[\w-]+$/)
  for (const { name, domain, secure, path } of lied.cookies) {
    assert.equal(domain, undefined, name)
    assert.ok(!secure, name)
    assert.match(String(path), /^\/(interaction|authorize)\//)
  }
  const { browser } = await suite.signedIn()
  const out = await app.inject({
    url: '/logout',
    headers: {
      ...LIES,
      cookie: ['sign-in-session', 'sign-in-session.sig']
        .map((name) => `${name}=${browser.cookie(name)[0]}`)
        .join('; '),
    },
  })
  assert.match(out.body, /action="http:\/\/localhost:4000\/logout\/confirm"/)
  assert.doesNotMatch(out.body, /evil/)
})

test('pages for help, external sites and the way back need no sign-in', async () => {
  const browser = suite.newBrowser()
  for (const path of ['/help', '/external-sites']) {
    const { statusCode, headers } = await browser.get(path)
    assert.equal(statusCode, 200)
    assert.match(String(headers['content-security-policy']), /default-src 'self'/)
  }
  assert.equal((await browser.get('/')).headers.location, 'http://localhost:4010')
})
