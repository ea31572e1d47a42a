import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SigningKeys } from '@gatehouse/contracts/signing-keys'
import { createLocalJWKSet, decodeProtectedHeader, type JWK, jwtVerify } from 'jose'
import { Value } from 'typebox/value'
import { buildSignIn, OPERATOR_TOKEN } from './signing-in.ts'

const suite = await buildSignIn()
const { app, ground } = suite
after(() => app.close())

const jwks = async () => (await app.inject({ url: '/jwks' })).json<{ keys: JWK[] }>()
const kidOf = (token: string) => decodeProtectedHeader(token).kid
const rows = () =>
  ground.database.selectFrom('signingKeys').selectAll().execute() as Promise<
    { kid: string; alg: string; state: string; sealedKey: string }[]
  >
const rotate = (token = OPERATOR_TOKEN) =>
  app.inject({
    method: 'POST',
    url: '/signing-keys/rotations',
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })

test('at first there are a current and a next key of each algorithm, and nothing private is published', async () => {
  const states = (await rows()).map(({ alg, state }) => `${alg} ${state}`).sort()
  assert.deepEqual(states, ['ES256 current', 'ES256 next', 'RS256 current', 'RS256 next'])
  const { keys } = await jwks()
  assert.equal(keys.length, 4)
  for (const key of keys) {
    assert.equal(key.use, 'sig')
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      assert.equal(key[secret as keyof JWK], undefined)
  }
})

test('the keys are sealed in the table (ASVS 13.3.1)', async () => {
  for (const { sealedKey } of await rows()) {
    assert.doesNotMatch(sealedKey, /"d"|"kty"/)
    const key = JSON.parse(ground.secrets.unseal('signing key', sealedKey))
    assert.ok(key.d)
    assert.ok(!sealedKey.includes(key.d))
    assert.throws(() => ground.secrets.unseal('client secret', sealedKey))
  }
})

for (const [what, token] of [
  ['without the operator token', ''],
  ['with a wrong one', 'operator-token-of-this-test-012345678X'],
] as const) {
  test(`nobody rotates the keys ${what}`, async () => {
    const before = await jwks()
    const refused = await rotate(token)
    assert.equal(refused.statusCode, 401)
    assert.match(String(refused.headers['www-authenticate']), /^Bearer/)
    assert.deepEqual(await jwks(), before)
  })
}

test('after a rotation the next key signs, and what the one before signed still verifies', async () => {
  const before = await suite.signedIn()
  const next = (await rows()).filter(({ state }) => state === 'next').map(({ kid }) => kid)
  const rotated = await rotate()
  assert.equal(rotated.statusCode, 201)
  assert.deepEqual(rotated.json().current.sort(), next.sort())

  const after = await suite.signedIn()
  assert.notEqual(kidOf(after.access_token), kidOf(before.access_token))
  assert.ok(next.includes(String(kidOf(after.access_token))))
  assert.ok(next.includes(String(kidOf(after.id_token))))
  const published = await jwks()
  assert.equal(published.keys.length, 6)
  for (const { access_token, id_token } of [before, after]) {
    await jwtVerify(access_token, createLocalJWKSet(published))
    await jwtVerify(id_token, createLocalJWKSet(published))
  }
  // Sessions and grants are none of the keys' business.
  assert.equal((await suite.relying.refresh(before.refresh_token)).statusCode, 200)

  await rotate()
  assert.ok(!(await jwks()).keys.some(({ kid }) => kid === kidOf(before.access_token)))
  assert.ok((await jwks()).keys.some(({ kid }) => kid === kidOf(after.access_token)))
})

const administer = async (payload?: object, scope = 'signing-keys.write') =>
  app.inject({
    method: payload ? 'POST' : 'GET',
    url: '/signing-keys',
    headers: await suite.as('admin', scope),
    ...(payload ? { payload } : {}),
  })
const order = { by: 'rosa', reason: 'once a quarter' }

test('the console sees the keys without what is private, and rotates them once for each order', async () => {
  const listed = await administer()
  assert.ok(Value.Check(SigningKeys, listed.json()), listed.body)
  assert.doesNotMatch(listed.body, /"d"|sealed/)
  const [current] = listed.json().signingKeys
  assert.equal(current.state, 'current')
  const headers = await suite.as('admin', 'signing-keys.write')
  const payload = { ...order, current: current.kid }
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => app.inject({ method: 'POST', url: '/signing-keys', headers, payload })),
  )
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409, 409, 409])
  const refused = answers.find(({ statusCode }) => statusCode === 409)
  assert.equal(refused?.json().code, 'signing_keys_rotated')
  const rotated = answers.find(({ statusCode }) => statusCode === 201)?.json().signingKeys
  assert.equal(rotated.find(({ kid }: { kid: string }) => kid === current.kid).state, 'previous')
  const { access_token } = await suite.signedIn()
  assert.equal(kidOf(access_token), rotated[0].kid)

  const events = await ground.database
    .selectFrom('auditEvents')
    .select(['actor', 'outcome', 'reason', 'stateAfter'])
    .where('event', '=', 'signing-keys.rotated')
    .where('actor', '=', 'rosa')
    .execute()
  assert.equal(events.filter(({ outcome }) => outcome === 'refusal').length, 4)
  const done = events.find(({ outcome }) => outcome === 'success')
  assert.equal(done?.reason, 'once a quarter')
  assert.ok(JSON.parse(done?.stateAfter).current.includes(rotated[0].kid))
})

test('signing keys are for the console alone (RFC 6750 section 3.1)', async () => {
  for (const payload of [undefined, order]) {
    assert.equal((await administer(payload, 'clients.write')).json().code, 'insufficient_scope')
    const method = payload ? 'POST' : 'GET'
    const nobody = await app.inject({ method, url: '/signing-keys', ...(payload ? { payload } : {}) })
    assert.equal(nobody.statusCode, 401)
  }
})

test('a rotation reaches another process on the same database within seconds, and nothing restarts', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-signing-keys-'))
  const databaseUrl = `sqlite:${directory}/sign-in.sqlite`
  const shared = { databaseUrl, secrets: ground.secrets, stub: suite.stub }
  const one = await buildSignIn(shared)
  const other = await buildSignIn(shared)
  try {
    const published = async ({ app }: typeof one) =>
      (await app.inject({ url: '/jwks' })).json<{ keys: JWK[] }>().keys.map(({ kid }) => kid)
    const rotated = await one.app.inject({
      method: 'POST',
      url: '/signing-keys',
      headers: await one.as('admin', 'signing-keys.write'),
      payload: order,
    })
    assert.equal(rotated.statusCode, 201, rotated.body)
    const { signingKeys } = rotated.json()
    const fresh = signingKeys.find(({ state }: { state: string }) => state === 'next').kid
    assert.ok((await published(one)).includes(fresh))
    const deadline = performance.now() + 10_000
    while (!(await published(other)).includes(fresh)) {
      assert.ok(performance.now() < deadline, 'the other process has not seen the rotation')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const { access_token } = await other.signedIn()
    assert.equal(kidOf(access_token), signingKeys[0].kid)
  } finally {
    await one.app.close()
    await other.app.close()
    rmSync(directory, { recursive: true, force: true })
  }
})

test('a rotation is written into the audit trail', async () => {
  const events = await ground.database.selectFrom('auditEvents').select(['event', 'actor']).execute()
  assert.ok(events.some(({ event, actor }) => event === 'signing-keys.rotated' && actor === 'operator'))
})
