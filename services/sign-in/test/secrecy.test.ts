import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { stub, ground, relying } = suite
after(() => suite.app.close())

/** Every row of every table, as text. */
async function everyRow(): Promise<string> {
  const tables = await ground.database.introspection.getTables()
  assert.ok(tables.length >= 8)
  const rows = await Promise.all(
    tables.map(async ({ name }) => {
      const result = await sql.raw(`select * from ${name}`).execute(ground.database)
      return JSON.stringify({ name, rows: result.rows })
    }),
  )
  return rows.join('\n')
}

/** Fails with the name of the secret and of the place, without printing either's content. */
function assertAbsent(place: string, content: string, secrets: Record<string, string | undefined>) {
  for (const [name, secret] of Object.entries(secrets)) {
    assert.ok(secret && secret.length >= 9, `${name} is no secret`)
    assert.ok(!content.includes(secret), `${name} stands in ${place}`)
  }
}

const SSN = { 'the SSN with hyphens': '987-65-4325', 'the SSN in digits': '987654325' }

test('after sign-ins that ended well no table and no log line has an SSN, a code, a token, a session or a secret (ASVS 14.2.4, ASVS 16.2.5)', async () => {
  const first = await suite.signedIn()
  const second = (await relying.refresh(first.refresh_token)).json()
  const forUserinfo = await suite.walk(first.browser, relying.authorizeUrl({ resource: '' }))
  const opaque = (await relying.redeem(String(forUserinfo.redirect?.searchParams.get('code')))).json()
  const unused = await suite.walk(first.browser, relying.authorizeUrl())
  // Half-way sign-ins leave rows of their own.
  await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt: 'terms' })
  await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt: 'user-id' })

  const secrets: Record<string, string | undefined> = {
    ...SSN,
    'a used code': first.code,
    'an unused code': String(unused.redirect?.searchParams.get('code')),
    'a used refresh token': first.refresh_token,
    'a live refresh token': second.refresh_token,
    'an access token': first.access_token,
    'an access token of a refresh': second.access_token,
    'an access token for userinfo': opaque.access_token,
    'an ID token': first.id_token,
    'the session cookie': first.browser.cookie('sign-in-session')[0],
    'a client secret': relying.client_secret,
    'a code verifier of the relying service': relying.codeVerifier,
  }
  stub.handedOut.forEach((secret, index) => {
    secrets[`secret ${index} of the provider`] = secret
  })
  const rows = await everyRow()
  // What is looked at is really there.
  assert.match(rows, /"model":"RefreshToken"/)
  assert.match(rows, /"model":"AuthorizationCode"/)
  assert.match(rows, /"model":"AccessToken"/)
  assert.match(rows, /"model":"Session"/)
  assert.match(rows, /"model":"Client"/)
  assert.match(rows, /sign-in\.completed/)
  assert.ok(suite.logLines.length > 20)
  assertAbsent('a table', rows, secrets)
  assertAbsent('the log', suite.logLines.join(''), secrets)
})

test('nor have they after sign-ins that failed (ASVS 16.2.5)', async () => {
  const faults: Partial<typeof stub.state>[] = [
    { idToken: { sub: 'person-2' } },
    { idToken: { nonce: 'another' } },
    { idToken: { aud: 'another' } },
    { foreignKey: true },
    { tokenStatus: 400 },
    { tokenStatus: 500 },
    { answer: { error: 'invalid_request', error_description: '987-65-4325' } },
    { claims: { ...stub.state.claims, birthdate: 12 } },
  ]
  for (const fault of faults) {
    Object.assign(stub.state, fault)
    await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt: 'terms' })
    stub.heal()
  }
  suite.answers.state.down = ['bso-user-ids']
  await suite.walk(suite.newBrowser())
  suite.answers.heal()
  await relying.redeem('a-code-that-was-never-issued')
  await relying.refresh('a-refresh-token-that-was-never-issued')
  await suite.register({}, 'an-operator-token-that-is-wrong')

  const secrets: Record<string, string> = {
    ...SSN,
    'an unknown code': 'a-code-that-was-never-issued',
    'an unknown refresh token': 'a-refresh-token-that-was-never-issued',
    'a wrong operator token': 'an-operator-token-that-is-wrong',
  }
  stub.handedOut.forEach((secret, index) => {
    secrets[`secret ${index} of the provider`] = secret
  })
  assert.ok(suite.logLines.some((line) => line.includes('federation failed')))
  assertAbsent('a table', await everyRow(), secrets)
  assertAbsent('the log', suite.logLines.join(''), secrets)
})

test('what stands in the table opens nothing: not as a code, not as a token, not as a session (ASVS 11.4.1)', async () => {
  await suite.signedIn()
  const rows = (await ground.database.selectFrom('oidcModels').select(['model', 'id']).execute()) as {
    model: string
    id: string
  }[]
  const ids = (model: string) => rows.filter((row) => row.model === model).map(({ id }) => id)
  for (const id of ids('RefreshToken')) assert.equal((await relying.refresh(id)).statusCode, 400)
  for (const id of ids('AuthorizationCode')) assert.equal((await relying.redeem(id)).statusCode, 400)
  for (const id of ids('AccessToken')) {
    const answer = await suite.app.inject({ url: '/userinfo', headers: { authorization: `Bearer ${id}` } })
    assert.equal(answer.statusCode, 401)
  }
  assert.ok(ids('RefreshToken').length > 0 && ids('AuthorizationCode').length > 0)
})

test('only the digits of the SSN leave for bso-user-ids, and to no other service', () => {
  const withSsn = suite.answers.made.filter(({ body }) => JSON.stringify(body ?? '').includes('987654325'))
  assert.ok(withSsn.length > 0)
  for (const { service, path } of withSsn) {
    assert.equal(service, 'bso-user-ids')
    assert.equal(path, '/associations')
  }
})
