// Security events that relying services report (fact sheet 7.2): token, answer, reference.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import { sqlRememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { sqlSubjects } from '../src/openid-connect/subjects.ts'
import { sqlReceivedEvents } from '../src/risc/received-events.ts'
import {
  AUTH_ONLY,
  CLIENT,
  CLIENTS,
  clientKeys,
  ROOT,
  secondClientKeys,
  startLoginGov,
} from './support/login-gov.ts'
import { accountIdOf, asOperator } from './support/operator.ts'

const URL = `${ROOT}/api/risc/security_events`
const TYPES = 'https://schemas.login.gov/secevent/risc/event-type/'
const AUTHORIZATION_FRAUD = `${TYPES}authorization-fraud-detected`
const IDENTITY_FRAUD = `${TYPES}identity-fraud-detected`
const KEYLESS =
  CLIENTS.find((client) => !('public_keys' in client) && client.active !== false)?.client_id ?? ''
const strangersKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })

let idp: Awaited<ReturnType<typeof startLoginGov>>
let maria: string
let oliver: string
let sub: string
before(async () => {
  idp = await startLoginGov()
  maria = await accountIdOf(idp.app, 'maria@example.com')
  oliver = await accountIdOf(idp.app, 'oliver@example.com')
  sub = await sqlSubjects(idp.ground.database).of(maria, '1')
})
after(() => idp.app.close())

const newJti = () => randomBytes(16).toString('hex')
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

interface Changes {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  /** Members of the event beside the subject. */
  event?: Record<string, unknown>
  type?: string
  subject?: unknown
  key?: KeyObject
}

/** A token that is right in everything but `changes`; an undefined claim is left out. */
function securityEvent({ header, claims, event, type = IDENTITY_FRAUD, subject, key }: Changes = {}) {
  const about = subject === undefined ? { subject_type: 'iss-sub', iss: `${ROOT}/`, sub } : subject
  return new SignJWT({
    iss: CLIENT,
    aud: URL,
    jti: newJti(),
    iat: epochSeconds(),
    events: { [type]: { subject: about, ...event } },
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt', ...header } as { alg: string })
    .sign(key ?? clientKeys.privateKey)
}

async function post(payload: string, contentType = 'application/secevent+jwt') {
  return idp.app.inject({
    method: 'POST',
    url: '/api/risc/security_events',
    headers: { 'content-type': contentType },
    payload,
  })
}

const unsigned = (header: object, claims: object, signature = 'AAAA') =>
  `${encode(header)}.${encode(claims)}.${signature}`
const soundHeader = { alg: 'RS256', typ: 'secevent+jwt' }
const soundClaims = () => ({
  iss: CLIENT,
  aud: URL,
  jti: newJti(),
  events: { [IDENTITY_FRAUD]: { subject: { subject_type: 'iss-sub', sub } } },
})
function hmacOf(secret: string) {
  const input = `${encode({ ...soundHeader, alg: 'HS256' })}.${encode(soundClaims())}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

type Accepted = [title: string, token: () => Promise<string> | string, source: string]
const ACCEPTED: Accepted[] = [
  ['identity fraud', () => securityEvent(), '7.2'],
  [
    'with occurred_at',
    () => securityEvent({ event: { occurred_at: epochSeconds() - 60 } }),
    '7.2 optional occurred_at',
  ],
  ['occurred_at with a fraction', () => securityEvent({ event: { occurred_at: 1_700_000_000.5 } }), '7.2'],
  [
    'signed by the second of two keys',
    () => securityEvent({ key: secondClientKeys.privateKey }),
    '7.2 registered cert',
  ],
  ['without iat, which nobody reads', () => securityEvent({ claims: { iat: undefined } }), '7.2 (inferred)'],
  [
    'a supported event beside another',
    async () => {
      const { events, ...claims } = soundClaims()
      return securityEvent({ claims: { ...claims, events: { 'https://example.com/other': {}, ...events } } })
    },
    '7.2 events key (inferred)',
  ],
  ['with a line end', async () => `${await securityEvent()}\n`, '7.2 raw body'],
]

type Refused = [
  title: string,
  token: () => Promise<string> | string,
  err: string,
  words: RegExp,
  source: string,
]
const REFUSED: Refused[] = [
  ['an empty body', () => '', 'jwtParse', /Jwt cannot be parsed$/, '7.2 jwtParse'],
  ['one segment', () => 'token', 'jwtParse', /cannot be parsed/, '7.2 jwtParse'],
  [
    'two segments',
    () => `${encode(soundHeader)}.${encode({})}`,
    'jwtParse',
    /cannot be parsed/,
    '7.2 jwtParse',
  ],
  [
    'four segments',
    async () => `${await securityEvent()}.AAAA`,
    'jwtParse',
    /cannot be parsed/,
    '7.2 jwtParse',
  ],
  ['segments that are not base64url', () => '%%.%%.%%', 'jwtParse', /cannot be parsed/, '7.2 jwtParse'],
  [
    'claims that are a list',
    () => unsigned(soundHeader, [soundClaims()]),
    'jwtParse',
    /cannot be parsed/,
    '7.2 jwtParse',
  ],
  ['a form', () => 'jwt=token', 'jwtParse', /cannot be parsed/, '7.2 raw JWT body'],
  [
    'a header without typ',
    () => securityEvent({ header: { typ: undefined } }),
    'jwtHdr',
    /^Typ must be secevent\+jwt$/,
    '7.2 jwtHdr',
  ],
  ['typ JWT', () => securityEvent({ header: { typ: 'JWT' } }), 'jwtHdr', /^Typ/, '7.2 jwtHdr'],
  [
    'no aud',
    () => securityEvent({ claims: { aud: undefined } }),
    'jwtAud',
    /^Aud must be http/,
    '7.2 jwtAud',
  ],
  [
    'aud with a slash at the end',
    () => securityEvent({ claims: { aud: `${URL}/` } }),
    'jwtAud',
    /^Aud/,
    '7.2 exact endpoint URL',
  ],
  [
    'aud that is the issuer',
    () => securityEvent({ claims: { aud: `${ROOT}/` } }),
    'jwtAud',
    /^Aud/,
    '7.2 exact endpoint URL',
  ],
  [
    'aud in a list',
    () => securityEvent({ claims: { aud: [URL] } }),
    'jwtAud',
    /^Aud/,
    '7.2 exact endpoint URL',
  ],
  [
    'no iss',
    () => securityEvent({ claims: { iss: undefined } }),
    'jws',
    /^Iss is not a registered client_id, Sub .*, Jwt .*public key$/,
    '7.2 iss',
  ],
  [
    'iss that is no client',
    () => securityEvent({ claims: { iss: 'urn:nobody' } }),
    'jws',
    /^Iss is not/,
    '7.2 iss',
  ],
  [
    'a client without a key',
    () => securityEvent({ claims: { iss: KEYLESS } }),
    'jws',
    /without a public key$/,
    '7.2 jws',
  ],
  [
    'a key of somebody else',
    () => securityEvent({ key: strangersKeys.privateKey }),
    'jws',
    /^Jwt has a signature of no registered/,
    '7.2 jws',
  ],
  [
    'a signature of something else',
    async () => {
      const [header, , signature] = (await securityEvent()).split('.')
      return `${header}.${encode(soundClaims())}.${signature}`
    },
    'jws',
    /^Jwt has a signature/,
    '7.2 jws',
  ],
  [
    'alg none',
    () => unsigned({ ...soundHeader, alg: 'none' }, soundClaims(), ''),
    'jwtCrypto',
    /^Jwt must be signed with RS256$/,
    '7.2 jwtCrypto',
  ],
  [
    'HS256 with the public key as secret',
    () => hmacOf(clientKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    'jwtCrypto',
    /RS256$/,
    '7.2 jwtCrypto; RFC 8725 §2.1',
  ],
  ['RS512', () => securityEvent({ header: { alg: 'RS512' } }), 'jwtCrypto', /RS256$/, '7.2 jwtCrypto'],
  ['PS256', () => securityEvent({ header: { alg: 'PS256' } }), 'jwtCrypto', /RS256$/, '7.2 jwtCrypto'],
  [
    'no events',
    () => securityEvent({ claims: { events: undefined } }),
    'setData',
    /^Event type is missing, Subject type/,
    '7.2 events key',
  ],
  [
    'events that are a list',
    () => securityEvent({ claims: { events: [IDENTITY_FRAUD] } }),
    'setData',
    /^Event type is missing/,
    '7.2 events key',
  ],
  [
    'events without one',
    () => securityEvent({ claims: { events: {} } }),
    'setData',
    /^Event type is missing/,
    '7.2 events key',
  ],
  [
    'an event that goes out only',
    () => securityEvent({ type: `${TYPES}password-reset` }),
    'setType',
    /^Event type is not supported$/,
    '7.2 setType',
  ],
  [
    'an event of OpenID',
    () => securityEvent({ type: 'https://schemas.openid.net/secevent/risc/event-type/account-disabled' }),
    'setType',
    /^Event type/,
    '7.2 setType',
  ],
  [
    'a subject by e-mail',
    () => securityEvent({ subject: { subject_type: 'email', email: 'maria@example.com' } }),
    'setData',
    /^Subject type must be iss-sub, Sub is nobody/,
    '7.2 iss-sub',
  ],
  [
    'subject_type with a hyphen in its name',
    () => securityEvent({ subject: { 'subject-type': 'iss-sub', sub } }),
    'setData',
    /^Subject type must be iss-sub$/,
    '7.1 underscore',
  ],
  ['no subject', () => securityEvent({ subject: null }), 'setData', /^Subject type/, '7.2 iss-sub'],
  [
    'sub of nobody',
    () =>
      securityEvent({ subject: { subject_type: 'iss-sub', sub: '00000000-0000-4000-8000-000000000000' } }),
    'setData',
    /^Sub is nobody known/,
    '7.2 user’s sub',
  ],
  [
    'sub of another agency',
    () => securityEvent({ claims: { iss: AUTH_ONLY } }),
    'setData',
    /^Sub is nobody known/,
    '0: pairwise by agency',
  ],
  [
    'sub that is a number',
    () => securityEvent({ subject: { subject_type: 'iss-sub', sub: 7 } }),
    'setData',
    /^Sub is nobody/,
    '7.2 user’s sub',
  ],
  [
    'a top-level sub',
    () => securityEvent({ claims: { sub } }),
    'setData',
    /^Sub must not stand outside/,
    '7.2 no top-level sub',
  ],
  [
    'exp',
    () => securityEvent({ claims: { exp: epochSeconds() + 60 } }),
    'setData',
    /^Exp must not be there$/,
    '7.2 no exp',
  ],
  ['no jti', () => securityEvent({ claims: { jti: undefined } }), 'setData', /^Jti must be there/, '7.2 jti'],
  ['an empty jti', () => securityEvent({ claims: { jti: '' } }), 'setData', /^Jti must be there/, '7.2 jti'],
  [
    'jti that is a number',
    () => securityEvent({ claims: { jti: 7 } }),
    'setData',
    /^Jti must be there/,
    '7.2 jti',
  ],
  [
    'jti with a zero byte',
    () => securityEvent({ claims: { jti: 'a\u0000b' } }),
    'setData',
    /^Jti must be there/,
    '7.2 jti',
  ],
  [
    'jti of 256 characters',
    () => securityEvent({ claims: { jti: 'a'.repeat(256) } }),
    'setData',
    /^Jti must be there/,
    '7.2 jti; length assumed',
  ],
  [
    'occurred_at in words',
    () => securityEvent({ event: { occurred_at: 'yesterday' } }),
    'setData',
    /^Occurred at/,
    '7.2 unix time',
  ],
  [
    'occurred_at out of all time',
    () => securityEvent({ event: { occurred_at: 1e300 } }),
    'setData',
    /^Occurred at/,
    '7.2 unix time',
  ],
  [
    'a token used before',
    async () => {
      const token = await securityEvent()
      assert.equal((await post(token)).statusCode, 202)
      return token
    },
    'dup',
    /^Jti was used before for this person$/,
    '7.2 dup',
  ],
  [
    'another token with a jti used before',
    async () => {
      const jti = newJti()
      assert.equal((await post(await securityEvent({ claims: { jti } }))).statusCode, 202)
      return securityEvent({ claims: { jti }, type: AUTHORIZATION_FRAUD })
    },
    'dup',
    /^Jti was used before/,
    '7.2 dup',
  ],
  [
    'several rules at once: all messages, the code of the last that has one',
    () =>
      securityEvent({ claims: { aud: 'x', exp: 1 }, header: { typ: 'JWT' }, key: strangersKeys.privateKey }),
    'jws',
    /^Aud .*, Typ .*, Exp .*, Jwt .*$/,
    '7.2 joined by ", "; (inferred)',
  ],
]

describe('tokens that are taken', () => {
  for (const [title, token, source] of ACCEPTED) {
    test(`${title} (fact sheet ${source})`, async () => {
      const answer = await post(await token())
      assert.equal(answer.statusCode, 202, answer.body)
      assert.equal(answer.body, '')
    })
  }

  test('whatever content type they are sent with', async () => {
    for (const type of [
      'application/secevent+jwt',
      'application/jwt',
      'text/plain',
      'application/json',
      'x/y; z=1',
    ]) {
      assert.equal((await post(await securityEvent(), type)).statusCode, 202, type)
    }
    const url = '/api/risc/security_events'
    const answer = await idp.app.inject({ method: 'POST', url, payload: await securityEvent() })
    assert.equal(answer.statusCode, 202)
  })

  test('a jti is unique for each client and person only (fact sheet 7.2)', async () => {
    const jti = newJti()
    const others = await sqlSubjects(idp.ground.database).of(oliver, '1')
    const subject = { subject_type: 'iss-sub', sub: others }
    assert.equal((await post(await securityEvent({ claims: { jti } }))).statusCode, 202)
    assert.equal((await post(await securityEvent({ claims: { jti }, subject }))).statusCode, 202)
  })

  test('of the same token posted twice at once, one is taken', async () => {
    const token = await securityEvent()
    const answers = await Promise.all([post(token), post(token), post(token)])
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).toSorted(), [202, 400, 400])
  })

  test('a token is refused as repeated after a year too', async () => {
    const token = await securityEvent()
    await post(token)
    advanceClock(365 * 86_400_000)
    assert.equal((await post(token)).json().err, 'dup')
  })
})

describe('tokens that are refused', () => {
  for (const [title, token, err, words, source] of REFUSED) {
    test(`${title}: ${err} (fact sheet ${source})`, async () => {
      const answer = await post(await token())
      assert.equal(answer.statusCode, 400, answer.body)
      assert.match(String(answer.headers['content-type']), /^application\/json/)
      const body = answer.json()
      assert.deepEqual(Object.keys(body), ['err', 'description'])
      assert.equal(body.err, err, body.description)
      assert.match(body.description, words)
    })
  }

  test('every code of the fact sheet is among them, in 25 rows at least', () => {
    assert.ok(REFUSED.length + ACCEPTED.length >= 25)
    assert.deepEqual([...new Set(REFUSED.map(([, , err]) => err))].toSorted(), [
      'dup',
      'jws',
      'jwtAud',
      'jwtCrypto',
      'jwtHdr',
      'jwtParse',
      'setData',
      'setType',
    ])
  })

  test('a refused one changes nothing', async () => {
    await post(await securityEvent({ type: AUTHORIZATION_FRAUD, key: strangersKeys.privateKey }))
    const account = await asOperator(idp.app)('GET', `/api/accounts/${maria}`)
    assert.equal(account.json().password_reset_required, false)
  })

  test('by another method there is nothing', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const answer = await idp.app.inject({ method, url: '/api/risc/security_events' })
      assert.equal(answer.statusCode, 404, method)
    }
  })

  test('no body, however made, makes a 5xx or tells of our insides (OWASP ASVS 5.0 16.5.1)', {
    timeout: 60_000,
  }, async () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    const wildToken = fc
      .tuple(json, json, fc.string())
      .map(([header, claims, signature]) => `${encode(header)}.${encode(claims)}.${signature}`)
    const mutated = fc.record(
      {
        iss: fc.oneof(fc.constant(CLIENT), json),
        aud: fc.oneof(fc.constant(URL), json),
        jti: fc.oneof(fc.uuid(), fc.string({ unit: 'binary' }), json),
        sub: json,
        exp: json,
        events: fc.oneof(
          fc.record({
            [IDENTITY_FRAUD]: fc.record({ subject: json, occurred_at: json }, { requiredKeys: [] }),
          }),
          json,
        ),
      },
      { requiredKeys: [] },
    )
    const signed = mutated.map((claims) => ({ claims }))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), wildToken, signed),
        fc.oneof(fc.constant('application/secevent+jwt'), fc.string()),
        async (body, type) => {
          const payload =
            typeof body === 'string'
              ? body
              : await securityEvent(body as Changes).catch(() => 'not a claim set')
          const headers = { 'content-type': type.replace(/[^\x20-\x7e]/g, '') }
          const answer = await idp.app.inject({
            method: 'POST',
            url: '/api/risc/security_events',
            headers,
            payload,
          })
          assert.ok([202, 400].includes(answer.statusCode), `${answer.statusCode} ${answer.body}`)
          assert.doesNotMatch(answer.body, /node_modules|\.ts\b|at .*:\d+:\d+/)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a body of more than 64 KiB is not read (OWASP ASVS 5.0 13.2.6)', async () => {
    assert.equal((await post('a'.repeat(65 * 1024))).statusCode, 413)
  })
})

describe('what a token does', () => {
  const sessions = () =>
    createSessions(
      sqlSessionStore(idp.ground.database),
      (secret) => idp.ground.secrets.digest('session', secret),
      {
        idleMs: 900_000,
        longestMs: 43_200_000,
        oneBrowser: false,
      },
    )
  async function signedIn() {
    const { session } = await sessions().begin({ accountId: maria })
    const entered = await sessions().signIn(session, maria, [], { methods: ['sms'] })
    assert.ok(entered)
    return entered.secret
  }
  const account = async () => (await asOperator(idp.app)('GET', `/api/accounts/${maria}`)).json()

  test('identity fraud is kept and audited, and ends nothing by itself (fact sheet 7.2)', async () => {
    const secret = await signedIn()
    const jti = newJti()
    assert.equal((await post(await securityEvent({ claims: { jti } }))).statusCode, 202)
    assert.equal((await account()).password_reset_required, false)
    assert.equal((await sessions().find(secret))?.accountId, maria)
    assert.ok(await sqlReceivedEvents(idp.ground.database).has({ jti, clientId: CLIENT, accountId: maria }))
    const audited = await idp.ground.database
      .selectFrom('auditEvents')
      .selectAll()
      .where('event', '=', 'security-event.received')
      .where('details', 'like', `%${jti}%`)
      .executeTakeFirst()
    assert.equal(audited?.actor, CLIENT)
    assert.equal(audited?.subject, maria)
  })

  test('authorization fraud ends every session, and the password opens nothing until it was reset (fact sheet 7.2)', async () => {
    const secret = await signedIn()
    const remembered = sqlRememberedBrowsers(idp.ground.database, (text) =>
      idp.ground.secrets.digest('remembered browser', text),
    )
    const cookie = await remembered.remember(maria)
    const answer = await post(
      await securityEvent({ type: AUTHORIZATION_FRAUD, event: { occurred_at: Math.floor(now() / 1000) } }),
    )
    assert.equal(answer.statusCode, 202)
    assert.equal((await account()).password_reset_required, true)
    const session = await sessions().find(secret)
    assert.equal(session?.accountId, undefined)
    assert.equal(session?.notice?.kind, 'password_reset_required')
    // Nor does a browser stand in for the second factor that was somebody else's, perhaps.
    assert.equal(await remembered.rememberedAt(cookie, maria), undefined)
  })
})

test('/.well-known/risc-configuration has exactly these fields (fact sheet 7.2)', async () => {
  const push = 'https://schemas.openid.net/secevent/risc/delivery-method/push'
  assert.deepEqual((await idp.app.inject('/.well-known/risc-configuration')).json(), {
    issuer: `${ROOT}/`,
    jwks_uri: `${ROOT}/api/openid_connect/certs`,
    delivery_methods_supported: [push],
    delivery: [{ delivery_method: push, url: URL }],
  })
})
