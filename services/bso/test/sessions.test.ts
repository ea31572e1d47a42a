import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import type { RefreshResult } from '@gatehouse/relying-party/relying-party'
import { createSessions } from '../src/sessions/sessions.ts'
import { createSessionStore } from '../src/sessions/store.ts'
import { location, startBso, startSignedIn } from './browser.ts'
import { MARIA } from './stub-sign-in.ts'

const MINUTE = 60_000
const PERSON = {
  subject: 'pairwise-maria',
  name: 'Maria Example',
  bsoUserId: 'MARIA7K2',
  ein: '960001012',
  services: ['CBSV'],
}

const ORIGIN = { subject: 'pairwise-maria', issuedAt: 0 }

test('who never signed in is sent to sign in, and comes back to the same page', async () => {
  await using bso = await startBso()
  const answer = await bso.browser().get('/cbsv/online-verification')
  assert.equal(answer.statusCode, 303)
  assert.equal(location(answer), '/sign-in?return_to=%2Fcbsv%2Fonline-verification')
  assert.equal(answer.headers['cache-control'], 'no-store')
})

test('a session ends after 30 minutes without a request (NIST SP 800-63B-4 §2.2.3)', async () => {
  await using bso = await startSignedIn()
  for (let used = 0; used < 3; used += 1) {
    advanceClock(29 * MINUTE)
    assert.equal((await bso.person.get('/main-menu')).statusCode, 200)
  }
  advanceClock(30 * MINUTE)
  const { statusCode, body } = await bso.person.get('/cbsv')
  assert.equal(statusCode, 403)
  assert.match(body, /<h1>Your session ended<\/h1>/)
  assert.match(body, /href="\/sign-in\?return_to&#61;%2Fcbsv">Sign in again/)
})

test('a session ends 12 hours after the sign-in however much it is used', async () => {
  await using bso = await startSignedIn()
  for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
    advanceClock(20 * MINUTE)
    assert.equal((await bso.person.get('/main-menu')).statusCode, 200)
  }
  advanceClock(20 * MINUTE)
  assert.equal((await bso.person.get('/main-menu')).statusCode, 403)
})

test('a page asked for when the access token has run out brings a new one, and not before', async () => {
  await using bso = await startSignedIn()
  advanceClock(4 * MINUTE)
  await bso.person.get('/main-menu')
  assert.equal(bso.signIn.counts.refresh, 0)
  advanceClock(MINUTE)
  await bso.person.get('/main-menu')
  await bso.person.get('/main-menu')
  assert.equal(bso.signIn.counts.refresh, 1)
})

test('tabs that ask at once share one refresh: no refresh token is used twice (RFC 9700 §4.14.2)', async () => {
  await using bso = await startSignedIn()
  for (let round = 1; round <= 3; round += 1) {
    advanceClock(5 * MINUTE)
    const pages = ['/main-menu', '/cbsv', '/cbsv/help', '/cbsv/online-verification']
    const answers = await Promise.all(pages.map((page) => bso.person.get(page)))
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode),
      [200, 200, 200, 200],
    )
    assert.equal(bso.signIn.counts.refresh, round)
  }
  assert.equal(bso.signIn.counts.reused, 0)
})

test('two processes over one store refresh once between them', async () => {
  await using bso = await startBso()
  const store = createSessionStore(bso.ground.keyValue, bso.ground.secrets)
  let refreshes = 0
  const relyingParty = {
    async refresh(): Promise<RefreshResult<typeof PERSON>> {
      refreshes += 1
      await new Promise((resolve) => setTimeout(resolve, 100))
      return {
        kind: 'refreshed',
        tokens: { accessToken: 'new', expiresAt: now() + 300_000, refreshToken: 'r2' },
      }
    },
  }
  const { audit, log } = bso.ground
  const [one, other] = [0, 1].map(() =>
    createSessions({ store, relyingParty, hasEnded: async () => false, audit, log }),
  )
  await one?.start(
    'id',
    PERSON,
    { accessToken: 'old', expiresAt: now(), refreshToken: 'r1' },
    undefined,
    ORIGIN,
  )
  const sessions = await Promise.all([one?.live('id'), other?.live('id')])
  assert.deepEqual(
    sessions.map((session) => session?.tokens.accessToken),
    ['new', 'new'],
  )
  assert.equal(refreshes, 1)
})

test('a refused refresh ends the session on a page that leads back', async () => {
  await using bso = await startSignedIn()
  bso.signIn.endGrants()
  advanceClock(5 * MINUTE)
  const { statusCode, body } = await bso.person.get('/cbsv/help')
  assert.equal(statusCode, 403)
  assert.match(body, /href="\/sign-in\?return_to&#61;%2Fcbsv%2Fhelp">Sign in again/)
  await bso.person.get('/cbsv/help')
  assert.equal(bso.signIn.counts.refresh, 1, 'the session is gone and asks no more')
  assert.equal(location(await bso.person.signIn(bso.signIn, '/cbsv/help')), '/cbsv/help')
  assert.equal((await bso.person.get('/cbsv/help')).statusCode, 200)
})

test('while sign-in is away a page that needs a refresh says so, and the session outlives it', async () => {
  await using bso = await startSignedIn()
  advanceClock(5 * MINUTE)
  bso.signIn.isDown = true
  const { statusCode, body } = await bso.person.get('/main-menu')
  assert.equal(statusCode, 503)
  assert.match(body, /Sign-in is not available right now/)
  bso.signIn.isDown = false
  assert.equal((await bso.person.get('/main-menu')).statusCode, 200)
})

test('a refreshed ID token about somebody else ends the session (OIDC Core §12.2)', async () => {
  await using bso = await startSignedIn()
  bso.signIn.claims = { ...MARIA, sub: 'pairwise-james' }
  advanceClock(5 * MINUTE)
  assert.equal((await bso.person.get('/main-menu')).statusCode, 403)
})

test('what a refreshed ID token says about services is taken over', async () => {
  await using bso = await startSignedIn()
  bso.signIn.claims = { ...MARIA, bso_services: [] }
  advanceClock(5 * MINUTE)
  const { statusCode, body } = await bso.person.get('/cbsv')
  assert.equal(statusCode, 403)
  assert.match(body, /You do not have access to CBSV/)
})

test('logging out ends the session and goes on to sign-in, with no token in the address', async () => {
  await using bso = await startSignedIn()
  const { person } = bso
  const { headers } = await person.get('/main-menu')
  assert.ok(String(headers['content-security-policy']).includes(`form-action 'self' ${bso.signIn.url};`))
  const session = person.cookies.get('bso-session') ?? ''
  const answer = await person.post('/logout')
  assert.equal(answer.statusCode, 303)
  const { origin, pathname, searchParams } = new URL(location(answer))
  assert.equal(origin + pathname, `${bso.signIn.url}/session/end`)
  assert.deepEqual([...searchParams.keys()].sort(), ['client_id', 'post_logout_redirect_uri', 'state'])
  assert.equal(searchParams.get('post_logout_redirect_uri'), 'http://localhost:4010/signed-out')
  assert.equal(person.cookies.has('bso-session'), false)
  person.cookies.set('bso-session', session)
  assert.equal((await person.get('/main-menu')).statusCode, 403)

  const back = `/signed-out?state=${searchParams.get('state')}`
  assert.match((await person.get(back)).body, /You are logged out/)
  assert.doesNotMatch((await person.get(back)).body, /You are logged out/, 'a link says it to nobody')
})

test('logging out takes the form of a page of one’s own session (ASVS 3.5.1)', async () => {
  await using bso = await startSignedIn()
  const { person } = bso
  await person.get('/main-menu')
  assert.equal((await person.postWithoutToken('/logout')).statusCode, 403)
  assert.equal((await person.get('/logout')).statusCode, 404)
  assert.equal((await person.get('/main-menu')).statusCode, 200)
})

test('a session that ended meanwhile can still be logged out', async () => {
  await using bso = await startSignedIn()
  advanceClock(31 * MINUTE)
  assert.equal((await bso.person.post('/logout')).statusCode, 303)
})

test('logging out works while sign-in is away, and says what is left to do', async () => {
  await using bso = await startBso({ SIGN_IN_URL: 'http://localhost:1' })
  const { audit, keyValue, secrets, log } = bso.ground
  const store = createSessionStore(keyValue, secrets)
  const sessions = createSessions({
    store,
    relyingParty: { refresh: assert.fail },
    hasEnded: async () => false,
    audit,
    log,
  })
  const id = 'B'.repeat(43)
  await sessions.start(id, PERSON, { accessToken: 'a', expiresAt: now() + 300_000 }, undefined, ORIGIN)
  const browser = bso.browser()
  browser.cookies.set('bso-session', id)
  await browser.get('/main-menu')
  const { statusCode, body } = await browser.post('/logout')
  assert.equal(statusCode, 200)
  assert.match(body, /logged out of BSO only/)
  assert.equal(await sessions.exists(id), false)
})

test('a refresh that ends after the logout brings nothing back', async () => {
  await using bso = await startSignedIn()
  const { person } = bso
  await person.get('/main-menu')
  const session = person.cookies.get('bso-session') ?? ''
  advanceClock(5 * MINUTE)
  let release = () => {}
  const reached = new Promise<void>((resolve) => {
    bso.signIn.beforeRefresh = () => {
      resolve()
      return new Promise((done) => {
        release = done
      })
    }
  })
  const page = person.get('/main-menu')
  await reached
  await person.post('/logout')
  release()
  await page
  person.cookies.set('bso-session', session)
  assert.equal((await person.get('/main-menu')).statusCode, 403)
  const left = await bso.ground.database.selectFrom('keyValue').select('key').execute()
  assert.deepEqual(
    left.filter(({ key }) => key.startsWith('session-held:')),
    [],
  )
})

test('neither a session id nor a token nor a name stands in the database as it is (ASVS 14.2)', async () => {
  await using bso = await startSignedIn()
  const another = bso.browser()
  const { searchParams } = await another.begin()
  const rows = JSON.stringify(await bso.ground.database.selectFrom('keyValue').selectAll().execute())
  const secrets = [
    ...bso.signIn.tokensIssued,
    ...bso.person.cookies.values(),
    ...another.cookies.values(),
    'Maria',
    '960001012',
  ]
  secrets.push(searchParams.get('state') ?? '', searchParams.get('nonce') ?? '')
  assert.ok(secrets.length > 5)
  for (const secret of secrets) assert.ok(!rows.includes(secret))
})

test('starting and ending a session leave a trace without names', async () => {
  await using bso = await startSignedIn()
  await bso.person.get('/main-menu')
  await bso.person.post('/logout')
  const events = await bso.ground.database
    .selectFrom('auditEvents')
    .select(['event', 'actor', 'details'])
    .execute()
  assert.deepEqual(events, [
    {
      event: 'session.started',
      actor: 'pairwise-maria',
      details: '{"bsoUserId":"MARIA7K2","ein":"960001012"}',
    },
    {
      event: 'session.ended',
      actor: 'pairwise-maria',
      details: '{"reason":"logout","bsoUserId":"MARIA7K2"}',
    },
  ])
})
