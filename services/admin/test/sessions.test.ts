import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import type { Tokens } from '@gatehouse/relying-party/relying-party'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import { sqlAdministrators } from '../src/administrators/administrators.ts'
import { createSessions } from '../src/sessions/sessions.ts'
import { createSessionStore } from '../src/sessions/store.ts'
import { createFeed, startDesk } from './desk.ts'

const MINUTE = 60_000
const ID = 'a'.repeat(43)

/** Sessions over the console's own tables, with a sign-in of which a test says what became of it. */
async function open() {
  const desk = await startDesk()
  const feed = createFeed()
  const ended = new Set<string>()
  const claims: AccessTokenClaims = {
    iss: 'https://sign-in.example',
    sub: 'subject-rosa',
    aud: 'urn:gatehouse:admin',
    client_id: 'admin',
    iat: epochSeconds(),
    exp: epochSeconds() + 300,
    jti: 'token-1',
    sid: 'session-1',
  }
  const sessions = createSessions({
    store: createSessionStore(desk.ground.database, desk.ground.secrets),
    administrators: sqlAdministrators(desk.ground.database),
    feed,
    verify: async () => claims,
    hasEnded: async ({ subject }) => ended.has(subject),
    audit: desk.ground.audit,
  })
  const identity = {
    subject: 'subject-rosa',
    name: 'Rosa Sample',
    email: 'rosa@example.com',
    amr: ['phr'],
    authenticatedAt: epochSeconds(),
  }
  const origin = { subject: 'subject-rosa', issuedAt: epochSeconds() }
  return {
    desk,
    feed,
    ended,
    sessions,
    start: (id = ID, previous?: string) =>
      sessions.start(id, identity, { accessToken: 'token' } as Tokens, previous, origin),
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  }
}

/** Lets the time pass as it does while the service runs: with a look at all sessions every minute. */
async function pass(sessions: { sweep(): Promise<void> }, milliseconds: number): Promise<void> {
  const end = now() + milliseconds
  while (now() < end) {
    advanceClock(Math.min(MINUTE, end - now()))
    await sessions.sweep()
  }
}

test('a session that is not used for 15 minutes is over (NIST SP 800-63B-4 §2.2.3)', async () => {
  await using console = await open()
  const { sessions, start } = console
  await start()
  await pass(sessions, 14 * MINUTE)
  assert.equal((await sessions.find(ID))?.subject, 'subject-rosa')
  await pass(sessions, 14 * MINUTE)
  assert.ok(await sessions.find(ID), 'using it keeps it')
  await pass(sessions, 15 * MINUTE)
  assert.equal(await sessions.find(ID), undefined)
})

test('no session lasts longer than 12 hours, however much it is used (NIST SP 800-63B-4 §2.2.3)', async () => {
  await using console = await open()
  const { sessions, start } = console
  await start()
  for (let quarters = 0; quarters < 12 * 6 - 1; quarters += 1) {
    await pass(sessions, 10 * MINUTE)
    assert.ok(await sessions.find(ID), `${quarters}`)
  }
  await pass(sessions, 10 * MINUTE)
  assert.equal(await sessions.find(ID), undefined)
})

test('a revoked session is over at its next request', async () => {
  await using console = await open()
  const { sessions, start, feed, desk } = console
  await start()
  feed.revoked = ({ sid }) => sid === 'session-1'
  assert.equal(await sessions.find(ID), undefined)
  feed.revoked = () => false
  assert.equal(await sessions.find(ID), undefined, 'for good')
  const [told] = await desk.told('session.ended')
  assert.equal(JSON.parse(told?.details ?? '').because, 'revoked')
})

test('a session that was revoked while nobody used it is over, also after rules are forgotten', async () => {
  await using console = await open()
  const { sessions, start, feed } = console
  await start()
  feed.revoked = () => true
  await pass(sessions, 2 * MINUTE)
  feed.revoked = () => false
  await pass(sessions, 6 * MINUTE)
  assert.equal(await sessions.find(ID), undefined)
})

test('a session of which nobody could say for four minutes that it stands is over', async () => {
  await using console = await open()
  const { sessions, start, feed } = console
  await start()
  feed.blind = 'silent'
  await pass(sessions, 4 * MINUTE)
  feed.blind = undefined
  assert.equal(await sessions.find(ID), undefined)
})

test('while revocations are unknown no session opens anything, and afterwards it stands', async () => {
  await using console = await open()
  const { sessions, start, feed } = console
  await start()
  feed.blind = 'silent'
  await assert.rejects(sessions.find(ID), { code: 'revocations_unknown' })
  await assert.rejects(start('b'.repeat(43)), { code: 'revocations_unknown' })
  feed.blind = undefined
  assert.ok(await sessions.find(ID))
})

test('a console that was only held up itself waits until sign-in confirms, and then refuses by what it heard', async () => {
  await using console = await open()
  const { sessions, start, feed } = console
  await start()
  feed.sight = async () => {
    feed.blind = undefined
  }
  feed.blind = 'silent'
  assert.ok(await sessions.find(ID))
  feed.blind = 'silent'
  feed.sight = async () => {
    feed.blind = undefined
    feed.revoked = () => true
  }
  assert.equal(await sessions.find(ID), undefined)
})

test('a session whose sign-in ended it by back-channel logout is over', async () => {
  await using console = await open()
  const { sessions, start, ended } = console
  await start()
  ended.add('subject-rosa')
  assert.equal(await sessions.find(ID), undefined)
})

test('a session is not started on a token that is revoked, or of somebody else', async () => {
  await using console = await open()
  const { sessions, start, feed } = console
  feed.revoked = () => true
  await assert.rejects(start(), { code: 'sign_in_failed' })
  feed.revoked = () => false
  assert.equal(await sessions.find(ID), undefined)
})

test('a new session takes the place of the one before in the same browser (ASVS 7.2.4)', async () => {
  await using console = await open()
  const { sessions, start } = console
  await start()
  await start('b'.repeat(43), ID)
  assert.equal(await sessions.find(ID), undefined)
  assert.ok(await sessions.find('b'.repeat(43)))
})

test('the console asks for a phishing-resistant factor and for its own interface', async () => {
  await using desk = await startDesk()
  const { searchParams } = await desk.browser().begin()
  assert.equal(
    searchParams.get('acr_values'),
    'http://idmanagement.gov/ns/assurance/aal/2?phishing_resistant=true',
  )
  assert.equal(searchParams.get('resource'), 'urn:gatehouse:admin')
  assert.equal(searchParams.get('scope'), 'openid profile email admin')
})

test('signing in with a security key binds the administrator; without one it does not', async () => {
  await using desk = await startDesk()
  await desk.operator('PUT', '/rosa@example.com', { roles: ['revoker'] })
  const amr = desk.signIn.claims.amr
  desk.signIn.claims.amr = ['mfa']
  assert.equal((await desk.browser().signIn(desk.signIn)).statusCode, 303)
  assert.equal((await desk.operator('GET', '/rosa@example.com')).json().boundAt, undefined)
  desk.signIn.claims.amr = amr
  assert.equal((await desk.browser().signIn(desk.signIn)).statusCode, 303)
  assert.ok((await desk.operator('GET', '/rosa@example.com')).json().boundAt)
})

test('a sign-in whose access token is for somebody else, or for another service, starts no session', async () => {
  await using desk = await startDesk()
  desk.signIn.accessToken = () => desk.tokenOf({ sub: 'subject-mallory', client_id: 'admin' })
  assert.equal((await desk.browser().signIn(desk.signIn)).statusCode, 502)
  desk.signIn.accessToken = () => desk.tokenOf({ sub: 'subject-rosa', aud: 'urn:gatehouse:cbsv' })
  const person = desk.browser()
  assert.equal((await person.signIn(desk.signIn)).statusCode, 502)
  assert.deepEqual(await desk.ground.database.selectFrom('consoleSessions').selectAll().execute(), [])
})

test('no session id, token, name or address stands in the table of sessions or in the log (ASVS 14.2)', async () => {
  await using desk = await startDesk()
  const person = desk.browser()
  await person.signIn(desk.signIn)
  const rows = JSON.stringify(await desk.ground.database.selectFrom('consoleSessions').selectAll().execute())
  assert.ok(rows.length > 100)
  const secrets = [...desk.signIn.tokensIssued, ...person.cookies.values(), 'Rosa Sample', 'Rosa@example.com']
  for (const secret of secrets) {
    assert.ok(secret && !rows.includes(secret))
    assert.ok(!desk.logLines.join('').includes(secret))
  }
})
