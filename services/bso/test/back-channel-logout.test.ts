import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { LOGOUT_EVENTS, logoutToken } from '@gatehouse/relying-party/logout-tokens-for-tests'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { startBso, startSignedIn } from './browser.ts'

type Bso = Awaited<ReturnType<typeof startBso>>

const tokenFor = (bso: Bso, claims: Record<string, unknown>, header = {}, key: JWK = bso.ground.serviceKey) =>
  logoutToken(key, { issuer: bso.signIn.url, clientId: 'bso' }, claims, header)

const send = (bso: Bso, fields: Record<string, string>) =>
  bso.app.inject({
    method: 'POST',
    url: '/back-channel-logout',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  })

async function logOut(bso: Bso, claims: Record<string, unknown>) {
  const answer = await send(bso, { logout_token: await tokenFor(bso, claims) })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer
}

const page = async (person: { get(url: string): Promise<{ statusCode: number }> }) =>
  (await person.get('/main-menu')).statusCode

test('a logout token ends the session that its sid names, and no other of the person (OIDC Back-Channel Logout §2.7)', async () => {
  await using bso = await startSignedIn('/main-menu', { sid: 'one' })
  bso.signIn.idToken = { sid: 'other' }
  const other = bso.browser()
  await other.signIn(bso.signIn)
  const answer = await logOut(bso, { sub: 'pairwise-maria', sid: 'one' })
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.deepEqual([await page(bso.person), await page(other)], [403, 200])
  const ends = await bso.ground.database
    .selectFrom('auditEvents')
    .select('event')
    .where('event', 'in', ['back-channel-logout.received', 'session.ended'])
    .execute()
  assert.deepEqual(ends.map(({ event }) => event).sort(), ['back-channel-logout.received', 'session.ended'])
})

test('a logout token without sid ends every session of the person, and nobody else’s', async () => {
  await using bso = await startSignedIn('/main-menu', { sid: 'one' })
  bso.signIn.idToken = { sid: 'other' }
  const other = bso.browser()
  await other.signIn(bso.signIn)
  bso.signIn.idToken = { sid: 'third', sub: 'pairwise-henry' }
  const henry = bso.browser()
  await henry.signIn(bso.signIn)
  await logOut(bso, { sub: 'pairwise-maria' })
  assert.deepEqual([await page(bso.person), await page(other), await page(henry)], [403, 403, 200])
})

test('a session that is made from an ID token of before the logout is over when it begins', async () => {
  await using bso = await startBso()
  const late = epochSeconds()
  bso.signIn.idToken = { sid: 'one', iat: late }
  await logOut(bso, { sid: 'one' })
  advanceClock(2_000)
  const person = bso.browser()
  await person.signIn(bso.signIn)
  assert.equal(await page(person), 403)
})

test('who signs in again afterwards is let in, in the same session at sign-in too', async () => {
  await using bso = await startSignedIn('/main-menu', { sid: 'one' })
  await logOut(bso, { sub: 'pairwise-maria' })
  await logOut(bso, { sid: 'one' })
  advanceClock(1_000)
  await bso.person.signIn(bso.signIn)
  assert.equal(await page(bso.person), 200)
})

test('a logout that arrives late does not take back a newer one', async () => {
  await using bso = await startSignedIn('/main-menu', { sid: 'one' })
  const before = epochSeconds() - 60
  await logOut(bso, { sid: 'one' })
  await logOut(bso, { sid: 'one', iat: before })
  assert.equal(await page(bso.person), 403)
})

const foreign = await generateKeyPair('ES256', { extractable: true })
const foreignKey = { ...(await exportJWK(foreign.privateKey)), kid: 'test' }

const REFUSED: [string, (bso: Bso) => Promise<string>][] = [
  ['signed with another key', (bso) => tokenFor(bso, { sub: 'pairwise-maria' }, {}, foreignKey)],
  ['of an unknown key id', (bso) => tokenFor(bso, { sub: 'pairwise-maria' }, { kid: 'other' })],
  ['that is an ID token by its typ', (bso) => tokenFor(bso, { sub: 'pairwise-maria' }, { typ: 'JWT' })],
  [
    'that is an access token by its typ',
    (bso) => tokenFor(bso, { sub: 'pairwise-maria' }, { typ: 'at+jwt' }),
  ],
  ['of another issuer', (bso) => tokenFor(bso, { sub: 'pairwise-maria', iss: 'https://other.example' })],
  ['for another client', (bso) => tokenFor(bso, { sub: 'pairwise-maria', aud: 'ticket-portal' })],
  ['that has expired', (bso) => tokenFor(bso, { sub: 'pairwise-maria', exp: epochSeconds() - 60 })],
  ['without exp', (bso) => tokenFor(bso, { sub: 'pairwise-maria', exp: undefined })],
  ['without iat', (bso) => tokenFor(bso, { sub: 'pairwise-maria', iat: undefined })],
  ['without jti', (bso) => tokenFor(bso, { sub: 'pairwise-maria', jti: undefined })],
  ['without sub and sid', (bso) => tokenFor(bso, {})],
  ['with a nonce', (bso) => tokenFor(bso, { sub: 'pairwise-maria', nonce: 'n' })],
  ['without events', (bso) => tokenFor(bso, { sub: 'pairwise-maria', events: undefined })],
  ['with another event', (bso) => tokenFor(bso, { sub: 'pairwise-maria', events: { other: {} } })],
  [
    'whose event is no object',
    (bso) =>
      tokenFor(bso, { sub: 'pairwise-maria', events: { [Object.keys(LOGOUT_EVENTS)[0] as string]: 1 } }),
  ],
  [
    'without a signature',
    async (bso) => {
      const [, payload] = (await tokenFor(bso, { sub: 'pairwise-maria' })).split('.')
      return `${Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url')}.${payload}.`
    },
  ],
  ['that is none', async () => 'logout'],
  ['of more than 8 KiB', (bso) => tokenFor(bso, { sub: 'pairwise-maria', filler: 'x'.repeat(8192) })],
]

for (const [which, make] of REFUSED) {
  test(`a token ${which} ends nothing (OIDC Back-Channel Logout §2.6)`, async () => {
    await using bso = await startSignedIn('/main-menu', { sid: 'one' })
    const token = await make(bso)
    const answer = await send(bso, { logout_token: token })
    assert.equal(answer.statusCode, 400, answer.body)
    assert.equal(answer.json().error, 'invalid_request')
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.equal(await page(bso.person), 200)
    assert.ok(!bso.logLines.join('').includes(token.slice(-40)) || token === 'logout')
  })
}

test('a token is good once: nobody ends a later session with it', async () => {
  await using bso = await startSignedIn('/main-menu', { sid: 'one' })
  const token = await tokenFor(bso, { sub: 'pairwise-maria' })
  assert.equal((await send(bso, { logout_token: token })).statusCode, 200)
  assert.equal((await send(bso, { logout_token: token })).statusCode, 400)
  assert.equal((await send(bso, {})).statusCode, 400)
})
