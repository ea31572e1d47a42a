import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLocalJWKSet, decodeProtectedHeader, type JWK, jwtVerify } from 'jose'
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

test('a rotation is written into the audit trail', async () => {
  const events = await ground.database.selectFrom('auditEvents').select(['event', 'actor']).execute()
  assert.ok(events.some(({ event, actor }) => event === 'signing-keys.rotated' && actor === 'operator'))
})
