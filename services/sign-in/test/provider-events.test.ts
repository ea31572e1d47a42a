import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { buildSignIn } from './signing-in.ts'
import { createReceiver, newestSignIn, revoke, until } from './support/receiver.ts'

const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
const LOGIN_GOV = 'https://schemas.login.gov/secevent/risc/event-type/'
const URL_HERE = 'http://localhost:4000/federation/login.gov/security-events'

const suite = await buildSignIn()
after(() => suite.app.close())
afterEach(() => void suite.stub.heal())

let people = 0
/** Somebody new, signed in by way of Login.gov; `also` another provider leads to the same account. */
async function signedInPerson() {
  people += 1
  const subject = `person-of-provider-${people}`
  Object.assign(suite.stub.state.claims, {
    sub: subject,
    given_name: `Provided${people}`,
    social_security_number: `9876520${String(people).padStart(2, '0')}`,
  })
  const signedIn = await suite.signedIn()
  const signIn = await newestSignIn(suite)
  advanceClock(2_000)
  return { ...signIn, subject, signedIn }
}
type Person = Awaited<ReturnType<typeof signedInPerson>>

const claims = (type: string, subject: string, more: Record<string, unknown> = {}) => ({
  iss: suite.stub.issuer,
  aud: URL_HERE,
  iat: epochSeconds(),
  exp: epochSeconds() + 12 * 3600,
  jti: randomUUID(),
  events: { [type]: { subject: { subject_type: 'iss-sub', iss: suite.stub.issuer, sub: subject } } },
  ...more,
})

const send = (token: string, provider = 'login.gov') =>
  suite.app.inject({
    method: 'POST',
    url: `/federation/${provider}/security-events`,
    headers: { 'content-type': 'application/secevent+jwt' },
    payload: token,
  })

/** Pushes an event and waits until it was acted upon. */
async function told(type: string, subject: string, more: Record<string, unknown> = {}) {
  const content = claims(type, subject, more)
  const answer = await send(await suite.stub.securityEvent(content))
  assert.deepEqual([answer.statusCode, answer.body], [202, ''])
  await until(async () => (await stateOf(content.jti)) === 'done')
  return content
}

async function stateOf(jti: string): Promise<string | undefined> {
  const row = await suite.ground.database
    .selectFrom('providerEvents')
    .select('state')
    .where('jti', '=', jti)
    .executeTakeFirst()
  return row?.state
}

/** Whether what the person had still serves: the refresh token, and so the session. */
async function isSignedIn({ signedIn }: Person): Promise<boolean> {
  const answer = await signedIn.client.refresh(signedIn.refresh_token)
  if (answer.statusCode === 200) signedIn.refresh_token = answer.json().refresh_token
  return answer.statusCode === 200
}

/** Whether Login.gov lets the person in here now. */
async function canSignIn(person: Person): Promise<boolean> {
  suite.stub.state.claims.sub = person.subject
  const walked = await suite.walk(suite.newBrowser())
  return walked.redirect?.searchParams.has('code') ?? false
}

const standing = async (person: Person) => {
  const rows = await suite.ground.database
    .selectFrom('revocations')
    .select(['kind', 'value', 'lasting', 'reinstatedAt', 'orderedBy'])
    .where('orderedBy', '=', 'provider:login.gov')
    .where('value', 'in', [`login.gov:${person.subject}`, person.accountId])
    .orderBy('orderedAt')
    .orderBy('kind', 'desc')
    .execute()
  return rows.map(({ kind, lasting, reinstatedAt }) => [kind, lasting === 1 && reinstatedAt === null])
}

for (const type of [
  `${LOGIN_GOV}password-reset`,
  `${LOGIN_GOV}mfa-limit-account-locked`,
  `${RISC}recovery-activated`,
  `${RISC}account-credential-change-required`,
  `${RISC}credential-compromise`,
]) {
  test(`${type.split('/').at(-1)} at Login.gov ends what came of the credential, and the person may sign in again (facts: login-gov §7.1)`, async () => {
    const person = await signedInPerson()
    await told(type, person.subject)
    assert.equal(await isSignedIn(person), false)
    advanceClock(1_000)
    assert.equal(await canSignIn(person), true)
    assert.deepEqual(await standing(person), [['credential', false]])
  })
}

for (const type of [
  `${RISC}recovery-information-changed`,
  `${RISC}identifier-changed`,
  `${LOGIN_GOV}reproof-completed`,
  'https://schemas.example/secevent/unheard-of',
]) {
  test(`${type.split('/').at(-1)} is accepted and audited, and nothing follows`, async () => {
    const person = await signedInPerson()
    const { jti } = await told(type, person.subject)
    assert.equal(await isSignedIn(person), true)
    assert.deepEqual(await standing(person), [])
    assert.equal(await stateOf(jti), 'done')
    const events = await suite.ground.database
      .selectFrom('auditEvents')
      .select('details')
      .where('event', '=', 'provider-event.received')
      .where('subject', '=', `credential login.gov:${person.subject}`)
      .execute()
    assert.deepEqual(
      events.map(({ details }) => JSON.parse(details).type),
      [type.split('/').at(-1)],
    )
  })
}

test('an event about an e-mail address is accepted, and nothing of the address is kept', async () => {
  const content = claims(`${RISC}identifier-changed`, '', {
    events: {
      [`${RISC}identifier-changed`]: { subject: { subject_type: 'email', email: 'maria@example.com' } },
    },
  })
  assert.equal((await send(await suite.stub.securityEvent(content))).statusCode, 202)
  await until(async () => (await stateOf(content.jti)) === 'done')
  const rows = await suite.ground.database.selectFrom('providerEvents').selectAll().execute()
  assert.ok(!JSON.stringify(rows).includes('maria@example.com'))
  assert.ok(!suite.logLines.join('').includes('maria@example.com'))
})

test('an account that Login.gov disabled keeps the person out, until Login.gov enables it', async () => {
  const person = await signedInPerson()
  await told(`${RISC}account-disabled`, person.subject)
  assert.equal(await isSignedIn(person), false)
  advanceClock(2_000)
  assert.equal(await canSignIn(person), false)
  await told(`${RISC}account-enabled`, person.subject)
  assert.equal(await canSignIn(person), true)
  assert.deepEqual(await standing(person), [['credential', false]])
})

test('what an administrator ended stays ended when Login.gov enables the account', async () => {
  const person = await signedInPerson()
  await revoke(suite, 'credential', `login.gov:${person.subject}`, { lasting: true })
  await told(`${RISC}account-disabled`, person.subject)
  await told(`${RISC}account-enabled`, person.subject)
  advanceClock(2_000)
  assert.equal(await canSignIn(person), false)
})

test('a disabling that arrives after the enabling that followed it does not keep the person out', async () => {
  const person = await signedInPerson()
  const before = epochSeconds()
  advanceClock(5_000)
  await told(`${RISC}account-enabled`, person.subject)
  await told(`${RISC}account-disabled`, person.subject, { iat: before })
  assert.equal(await isSignedIn(person), false)
  advanceClock(2_000)
  assert.equal(await canSignIn(person), true)
})

test('an account that was deleted at Login.gov ends here with its credential, and relying services are told (RISC 1.0 §2.2)', async () => {
  const person = await signedInPerson()
  const receiver = await createReceiver(suite)
  const stream = await receiver.stream()
  const there = await suite.signedIn({ client: receiver.client, browser: person.signedIn.browser })
  advanceClock(2_000)
  await told(`${RISC}account-purged`, person.subject)
  assert.equal(await isSignedIn(person), false)
  assert.deepEqual(await standing(person), [
    ['credential', true],
    ['account', false],
  ])
  let events: Awaited<ReturnType<typeof receiver.poll>>['events'] = []
  await until(async () => {
    events = (await receiver.poll(stream)).events
    return events.some((event) => `${RISC}account-purged` in event.events)
  })
  const revoked = events.find((event) => Object.keys(event.events)[0]?.endsWith('session-revoked'))
  assert.equal(Object.values(revoked?.events ?? {})[0]?.initiating_entity, 'system')
  for (const event of events) assert.equal((event.sub_id as { sub: string }).sub, there.person.sub)
  assert.ok(!events.some((event) => `${RISC}account-disabled` in event.events))

  // The person makes another account there: known by what was proofed, they are let in.
  advanceClock(2_000)
  assert.equal(await canSignIn(person), false)
  assert.equal(await canSignIn({ ...person, subject: `${person.subject}-anew` }), true)
})

test('where the person has another credential, the account goes on', async () => {
  const person = await signedInPerson()
  await suite.ground.database
    .insertInto('credentials')
    .values({
      idp: 'id.me',
      subject: `other-of-${person.subject}`,
      accountId: person.accountId,
      acr: null,
      amr: '[]',
      lastUsedAt: 0,
    })
    .execute()
  await told(`${RISC}account-purged`, person.subject)
  assert.deepEqual(await standing(person), [['credential', true]])
})

test('the subject of RFC 9493 is understood too', async () => {
  const person = await signedInPerson()
  const type = `${RISC}sessions-revoked`
  await told(type, '', {
    events: { [type]: { subject: { format: 'iss_sub', iss: suite.stub.issuer, sub: person.subject } } },
  })
  assert.equal(await isSignedIn(person), false)
})

test('an account that never came here is nothing to us, and accepted', async () => {
  const { jti } = await told(`${RISC}account-purged`, 'nobody-here')
  assert.equal(await stateOf(jti), 'done')
})

test('a token that comes again is accepted, and ends no later session (RFC 8935 §2)', async () => {
  const person = await signedInPerson()
  const content = claims(`${RISC}account-disabled`, person.subject)
  const token = await suite.stub.securityEvent(content)
  assert.equal((await send(token)).statusCode, 202)
  await until(async () => (await stateOf(content.jti)) === 'done')
  advanceClock(2_000)
  await told(`${RISC}account-enabled`, person.subject)
  suite.stub.state.claims.sub = person.subject
  const again = { ...person, signedIn: await suite.signedIn() }
  advanceClock(2_000)
  assert.equal((await send(token)).statusCode, 202)
  assert.equal(await isSignedIn(again), true)
  assert.equal(await canSignIn(person), true)
})

const type = `${RISC}account-disabled`
const subjectOf = (more: object) => ({ [type]: { subject: { subject_type: 'iss-sub', ...more } } })
const REFUSED: [string, string, (person: Person) => Promise<string>][] = [
  [
    'of another issuer',
    'invalid_issuer',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { iss: 'https://other.example/' })),
  ],
  [
    'for another receiver',
    'invalid_audience',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { aud: 'gatehouse' })),
  ],
  [
    'signed with a foreign key',
    'invalid_key',
    (p) => suite.stub.securityEvent(claims(type, p.subject), { key: 'foreign' }),
  ],
  [
    'of an unknown key',
    'invalid_key',
    (p) => suite.stub.securityEvent(claims(type, p.subject), { kid: 'other' }),
  ],
  [
    'without a key id',
    'invalid_key',
    (p) => suite.stub.securityEvent(claims(type, p.subject), { kid: undefined }),
  ],
  [
    'with another typ, as an ID token has',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject), { typ: 'JWT' }),
  ],
  [
    'with another algorithm',
    'invalid_request',
    async (p) => {
      const [, payload, signature] = (await suite.stub.securityEvent(claims(type, p.subject))).split('.')
      const header = { alg: 'RS512', typ: 'secevent+jwt', kid: 'provider' }
      return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.${signature}`
    },
  ],
  [
    'that has expired',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { exp: epochSeconds() - 60 })),
  ],
  [
    'that never expires',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { exp: undefined })),
  ],
  [
    'that expires in a year',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { exp: epochSeconds() + 3e7 })),
  ],
  [
    'of the future',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { iat: epochSeconds() + 600 })),
  ],
  [
    'without iat',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { iat: undefined })),
  ],
  [
    'without jti',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { jti: undefined })),
  ],
  [
    'without events',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { events: undefined })),
  ],
  [
    'with no event',
    'invalid_request',
    (p) => suite.stub.securityEvent(claims(type, p.subject, { events: {} })),
  ],
  [
    'about somebody of another issuer',
    'invalid_request',
    (p) =>
      suite.stub.securityEvent(
        claims(type, '', { events: subjectOf({ iss: 'https://other.example/', sub: p.subject }) }),
      ),
  ],
  [
    'about nobody',
    'invalid_request',
    () => suite.stub.securityEvent(claims(type, '', { events: { [type]: {} } })),
  ],
  [
    'without a signature',
    'invalid_request',
    async (p) => {
      const [, payload] = (await suite.stub.securityEvent(claims(type, p.subject))).split('.')
      return `${Buffer.from('{"alg":"none","typ":"secevent+jwt"}').toString('base64url')}.${payload}.`
    },
  ],
  [
    'that names a member twice',
    'invalid_request',
    async (p) => {
      const [header, payload = '', signature] = (
        await suite.stub.securityEvent(claims(type, p.subject))
      ).split('.')
      const twice = Buffer.from(payload, 'base64url').toString().replace('{', '{"iss":"x",')
      return `${header}.${Buffer.from(twice).toString('base64url')}.${signature}`
    },
  ],
  ['that is none', 'invalid_request', async () => 'Maria'],
]
for (const [which, err, make] of REFUSED) {
  test(`a token ${which} is answered ${err} and changes nothing (RFC 8935 §2.3, RFC 8417)`, async () => {
    const person = await signedInPerson()
    const token = await make(person)
    const answer = await send(token)
    assert.equal(answer.statusCode, 400, answer.body)
    assert.match(String(answer.headers['content-type']), /^application\/json/)
    const { err: told_, description } = answer.json()
    assert.deepEqual([told_, typeof description], [err, 'string'])
    assert.ok(!answer.body.includes(person.subject))
    assert.equal(await isSignedIn(person), true)
  })
}

test('while the keys of the provider cannot be had the answer is 503, and the provider comes again', async () => {
  const other = await buildSignIn()
  try {
    other.stub.state.isDown = true
    const token = await other.stub.securityEvent({})
    const answer = await other.app.inject({
      method: 'POST',
      url: '/federation/login.gov/security-events',
      headers: { 'content-type': 'application/secevent+jwt' },
      payload: token,
    })
    assert.deepEqual([answer.statusCode, answer.headers['retry-after']], [503, '5'])
  } finally {
    await other.app.close()
  }
})

test('a provider that is not known has no such address', async () => {
  assert.equal((await send(await suite.stub.securityEvent({}), 'nobody')).statusCode, 404)
})

test('an event that was received and not acted upon before a restart is acted upon after it', async () => {
  const person = await signedInPerson()
  await suite.ground.database
    .insertInto('providerEvents')
    .values({
      idp: 'login.gov',
      jti: 'left-behind',
      eventType: type,
      subject: person.subject,
      issuedAt: epochSeconds(),
      receivedAt: 1,
      expiresAt: Number.MAX_SAFE_INTEGER,
      state: 'received',
      dueAt: 1,
      attempts: 1,
    })
    .execute()
  await until(async () => (await stateOf('left-behind')) === 'done')
  assert.equal(await isSignedIn(person), false)
})

test('no log line has a token or a subject of a provider’s event', () => {
  const log = suite.logLines.join('')
  assert.ok(!/eyJ[\w-]{20,}/.test(log))
  assert.ok(!log.includes('person-of-provider'))
})
