import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, type TestContext, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { type HeadlessBrowser, openBrowser } from '@gatehouse/testkit/headless-browser'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { type SignedIn, signInHeadless } from '@gatehouse/testkit/sign-in'
import { serviceAudience } from '@gatehouse/tokens/access-token'
import { decodeProtectedHeader, generateKeyPair, importJWK, SignJWT } from 'jose'
import { documented, type GatewayAnswer, verify } from '../src/gateway-requests.ts'
import {
  agreeToTerms,
  consent,
  enterCode,
  enterPassword,
  press,
  selectUserId,
  toPassword,
} from '../src/headless-steps.ts'

const gatehouse = await startGatehouse({ logLevel: 'debug' })
after(() => gatehouse.close())
const { urls } = gatehouse
const maria = gatehouse.persona('maria')
const james = gatehouse.persona('james')
const bounded = { timeout: 180_000 }
const MINUTE = 60_000

/** What must not be found in any log line in the end. */
const secrets = new Set<string>([
  ...gatehouse.personas.flatMap(({ password, ssn, phoneNumber }) => [
    password,
    phoneNumber,
    ...(ssn ? [ssn] : []),
  ]),
  ...documented.map(({ ssn }) => ssn),
])

/** A browser with the password given, the code of it, and past the cool-down and window of those before. */
async function withCode(
  t: TestContext,
  persona = maria,
): Promise<{ browser: HeadlessBrowser; code: string }> {
  gatehouse.advanceClock(5 * MINUTE)
  const browser = openBrowser()
  t.after(() => browser.close())
  const phone = await pickUpPhone(urls, persona.phoneNumber)
  await toPassword(browser, urls)
  await enterPassword(browser, persona)
  return { browser, code: noted(await phone.nextCode()) }
}

function noted(secret: string): string {
  secrets.add(secret)
  return secret
}

async function signIn(persona = maria): Promise<SignedIn> {
  gatehouse.advanceClock(5 * MINUTE)
  const signedIn = await signInHeadless({ urls, persona })
  for (const token of [
    signedIn.tokens.access_token,
    signedIn.tokens.refresh_token,
    signedIn.tokens.id_token,
  ]) {
    if (token) noted(token)
  }
  return signedIn
}

/** A code of six digits that is not this one. */
const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

function expectNotAccepted(browser: HeadlessBrowser): void {
  assert.equal(browser.page.status, 422)
  assert.match(
    browser.page.alerts.join(' '),
    /That one-time code is invalid. Try again or request a new code./,
  )
}

test('a wrong password is refused like an unknown e-mail address (ASVS 6.3.8)', bounded, async (t) => {
  const browser = openBrowser()
  t.after(() => browser.close())
  await toPassword(browser, urls)
  const known = await enterPassword(browser, {
    email: maria.email,
    password: noted('not the one that she has'),
  })
  assert.equal(known.status, 422)
  assert.match(known.alerts.join(), /The email or password you’ve entered is wrong/)
  const unknown = await enterPassword(browser, {
    email: 'nobody@example.com',
    password: 'whatever it may be',
  })
  assert.deepEqual([unknown.status, unknown.alerts], [known.status, known.alerts])
  assert.equal(unknown.heading, known.heading)
})

test(
  'wrong codes lock out: the right one is refused too, until ten minutes are over (NIST SP 800-63B-4 §3.2.2)',
  bounded,
  async (t) => {
    const { browser, code } = await withCode(t, james)
    for (let tries = 1; tries < 10; tries++) {
      await enterCode(browser, wrong(code))
      expectNotAccepted(browser)
    }
    assert.match(browser.page.alerts.join(), /You have 1 attempt remaining/)
    await enterCode(browser, wrong(code))
    assert.equal(browser.page.status, 429)
    assert.equal(browser.page.heading, 'Account temporarily locked')
    gatehouse.advanceClock(9 * MINUTE)
    await toPassword(browser, urls)
    await enterPassword(browser, james)
    assert.equal(
      browser.page.heading,
      'Account temporarily locked',
      'a new sign-in does not end the lock-out',
    )
    gatehouse.advanceClock(2 * MINUTE)
    assert.equal((await signIn(james)).claims.bso_user_id, 'JAMES4Q9')
  },
)

test(
  'a code is refused from ten minutes after its request on (NIST SP 800-63B-4 §3.1.3.2)',
  bounded,
  async (t) => {
    const { browser, code } = await withCode(t)
    gatehouse.advanceClock(10 * MINUTE)
    await enterCode(browser, code)
    expectNotAccepted(browser)
  },
)

test('a code is accepted once (ASVS 6.5.1)', bounded, async (t) => {
  const first = await withCode(t)
  await enterCode(first.browser, first.code)
  await consent(first.browser)
  assert.equal(first.browser.page.heading, 'Terms of Service')
  const second = await withCode(t)
  await enterCode(second.browser, first.code)
  expectNotAccepted(second.browser)
})

test('a new code supersedes the one before', bounded, async (t) => {
  const { browser, code: old } = await withCode(t)
  const phone = await pickUpPhone(urls, maria.phoneNumber)
  gatehouse.advanceClock(11_000)
  await browser.follow('Send another code')
  const code = noted(await phone.nextCode())
  await enterCode(browser, old)
  expectNotAccepted(browser)
  await enterCode(browser, code)
  assert.equal((await consent(browser)).heading, 'Terms of Service')
})

test('without the tick the terms are shown again, and there is no way around them', bounded, async (t) => {
  const { browser, code } = await withCode(t)
  await enterCode(browser, code)
  await consent(browser)
  const { url } = browser.page
  await press(browser, 'Next')
  assert.equal(browser.page.status, 422)
  assert.equal(browser.page.heading, 'Terms of Service')
  assert.match(browser.page.alerts.join(), /Select the checkbox to agree to the Terms of Service/)
  const past = await browser.open(url.replace('/terms', '/user-id'))
  assert.equal(past.status, 400)
  await browser.open(url)
  await agreeToTerms(browser)
  await selectUserId(browser, maria.userIds[0]!)
  assert.equal(browser.page.heading, 'BSO Main Menu')
  for (const [, cookie] of (await browser.cookies(urls.bso)).matchAll(/bso-[\w-]*=([\w.%-]+)/g)) {
    noted(String(cookie))
  }
})

function expectRefusal(answer: GatewayAnswer, status: number, code: string, challenge?: string): void {
  const { problem, headers } = answer
  assert.deepEqual([answer.status, problem.code], [status, code])
  assert.equal(problem.status, status)
  assert.equal(problem.type, `urn:gatehouse:problem:${code}`)
  assert.ok(problem.title)
  assert.match(problem.requestId ?? '', /^[\w-]{16,64}$/)
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.equal(headers.get('www-authenticate'), challenge ?? null)
}

const INVALID = 'Bearer realm="gatehouse", error="invalid_token"'
const NO_TOKEN = 'Bearer realm="gatehouse"'
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Tokens that look like a good one, each wrong in one way. */
async function forgeries({ tokens, claims }: SignedIn): Promise<Record<string, string>> {
  const [header = '', payload = '', signature = ''] = tokens.access_token.split('.')
  const protectedHeader = decodeProtectedHeader(tokens.access_token) as {
    alg: string
    kid: string
    typ: string
  }
  const { privateKey } = await generateKeyPair('ES256')
  const { keys } = (await (await fetch(`${urls['sign-in']}/jwks`)).json()) as { keys: { kid: string }[] }
  const publicKey = keys.find(({ kid }) => kid === protectedHeader.kid)
  const symmetric = `${encoded({ ...protectedHeader, alg: 'HS256' })}.${payload}`
  const flipped = signature[20] === 'A' ? 'B' : 'A'
  return {
    'of another issuer’s key': await new SignJWT(claims).setProtectedHeader(protectedHeader).sign(privateKey),
    'with a changed payload': `${header}.${encoded({ ...claims, ein: '960002037' })}.${signature}`,
    'with a changed signature': `${header}.${payload}.${signature.slice(0, 20)}${flipped}${signature.slice(21)}`,
    'without a signature': `${header}.${payload}.`,
    'with alg none': `${encoded({ ...protectedHeader, alg: 'none' })}.${payload}.`,
    'with HS256 over the public key': `${symmetric}.${createHmac('sha256', JSON.stringify(publicKey)).update(symmetric).digest('base64url')}`,
    'that is an ID token': tokens.id_token ?? '',
    'for another audience': await tokenForAnotherAudience(),
  }
}

/** A good token of sign-in, as the lab gets it to move the gateway’s clock. */
async function tokenForAnotherAudience(): Promise<string> {
  const key = JSON.parse(await readFile(`${gatehouse.dataDirectory}/lab/service-key.json`, 'utf8'))
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid })
    .setIssuer('lab')
    .setSubject('lab')
    .setAudience(`${urls['sign-in']}/token`)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(await importJWK(key, 'ES256'))
  const response = await fetch(`${urls['sign-in']}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'lab',
      resource: serviceAudience('gateway'),
      scope: 'clock.write',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  assert.equal(response.status, 200)
  return noted(access_token)
}

test(
  'the gateway refuses every token that is not a good one of sign-in for CBSV (RFC 9068 §4, RFC 8725)',
  bounded,
  async (t) => {
    const signedIn = await signIn()
    assert.equal((await verify(urls, { token: signedIn.tokens.access_token })).status, 200)
    for (const [what, token] of Object.entries(await forgeries(signedIn))) {
      await t.test(`a token ${what}`, async () =>
        expectRefusal(await verify(urls, { token }), 401, 'invalid_token', INVALID),
      )
    }
  },
)

test('an access token is refused from the moment it expires', bounded, async () => {
  const { tokens } = await signIn()
  gatehouse.advanceClock(4 * MINUTE)
  assert.equal((await verify(urls, { token: tokens.access_token })).status, 200)
  gatehouse.advanceClock(MINUTE)
  expectRefusal(await verify(urls, { token: tokens.access_token }), 401, 'invalid_token', INVALID)
})

test(
  'without a token the gateway says what it wants, and with one in the query that it does not belong there',
  bounded,
  async () => {
    expectRefusal(await verify(urls, {}), 401, 'no_token', NO_TOKEN)
    const { tokens } = await signIn()
    const response = await fetch(`${urls.gateway}/cbsv/verifications?access_token=${tokens.access_token}`, {
      method: 'POST',
    })
    assert.equal(response.status, 400)
    assert.equal(((await response.json()) as { code: string }).code, 'invalid_request')
  },
)

test(
  'what is no request for one to ten verifications is refused, and nothing of it is repeated',
  bounded,
  async (t) => {
    const token = (await signIn()).tokens.access_token
    const [row] = documented
    const hyphenated = noted('987-65-4320')
    const bodies: [string, unknown, number, string][] = [
      ['eleven requests', { requests: Array(11).fill(row) }, 400, 'invalid_request'],
      ['no request', { requests: [] }, 400, 'invalid_request'],
      ['an SSN with hyphens', { requests: [{ ...row, ssn: hyphenated }] }, 400, 'field_rules'],
      ['a body that is no JSON', '{"requests":[', 400, 'invalid_json'],
      ['an unknown field', { requests: [{ ...row, ein: '960002037' }] }, 400, 'invalid_request'],
      ['2 MB', ' '.repeat(2 * 1024 * 1024), 413, 'body_too_large'],
    ]
    for (const [what, body, status, code] of bodies) {
      await t.test(what, async () => expectRefusal(await verify(urls, { token, body }), status, code))
    }
    const { problem } = await verify(urls, { token, body: { requests: [row, { ...row, ssn: hyphenated }] } })
    assert.deepEqual(problem.errors, [
      {
        row: 2,
        field: 'ssn',
        rule: 'The SSN must be nine digits, without hyphens, spaces or other characters.',
      },
    ])
  },
)

test(
  'identity headers that a client sends change nothing: its company’s misuse count goes on (ASVS 4.1.3)',
  bounded,
  async () => {
    const { tokens } = await signIn(james)
    const body = { requests: [{ ssn: '987654329', firstName: 'Forged', lastName: 'Header' }] }
    noted('987654329')
    const headers = {
      'gatehouse-ein': '960002037',
      gatehouse_ein: '960002037',
      'Gatehouse-BSO-User-Id': 'MARIA7K2',
      'gatehouse-client-id': 'bso',
      'x-forwarded-for': '192.0.2.1',
    }
    for (let times = 0; times < 5; times++) {
      assert.equal((await verify(urls, { token: tokens.access_token, body, headers })).status, 200)
    }
    const counted = await verify(urls, { token: tokens.access_token, body })
    assert.deepEqual([counted.status, counted.problem.code], [422, 'potential_misuse'])
  },
)

test('CBSV answers nobody who did not come through the gateway', bounded, async () => {
  const { tokens } = await signIn()
  const headers = {
    'gatehouse-ein': '960001012',
    'gatehouse-bso-user-id': 'MARIA7K2',
    'gatehouse-client-id': 'bso',
  }
  for (const token of [undefined, tokens.access_token]) {
    const answer = await verify(urls, { service: 'cbsv', headers, ...(token ? { token } : {}) })
    assert.equal(answer.status, 401)
    assert.equal(answer.problem.code, 'invalid_token')
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/)
  }
})

test(
  'after all that no log line holds an SSN, a code, a password, a phone number or a token (ASVS 16.2.5)',
  bounded,
  async () => {
    const lines = await gatehouse.logLines()
    assert.ok(lines.length > 100, `${lines.length} lines`)
    assert.ok(secrets.size > 20, `${secrets.size} secrets`)
    for (const secret of secrets) {
      const found = lines
        .filter((line) => holds(line, secret))
        .map((line) => line.replaceAll(secret, '<secret>'))
      assert.deepEqual(found, [])
    }
    assert.deepEqual(
      lines.filter((line) => /eyJ[\w-]{8,}\.eyJ/.test(line)),
      [],
    )
  },
)

/** Six digits may be part of an instant or an id; on their own they are a code. */
function holds(line: string, secret: string): boolean {
  if (!/^\d+$/.test(secret)) return line.includes(secret)
  return new RegExp(`(?<![\\w-])${secret}(?![\\w-])`).test(line)
}
