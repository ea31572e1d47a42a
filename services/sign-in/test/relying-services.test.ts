import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { Registered, RelyingService, RelyingServices } from '@gatehouse/contracts/relying-services'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { sql } from 'kysely'
import { Value } from 'typebox/value'
import { createRelyingService } from './relying-service.ts'
import { buildSignIn } from './signing-in.ts'

const suite = await buildSignIn()
const { app } = suite
after(() => app.close())

const order = { by: 'rosa', reason: 'a new relying service' }
const metadata = {
  client_name: 'Example Payroll',
  redirect_uris: ['https://payroll.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile bso cbsv.verify',
}

async function call(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  payload?: object,
  headers?: Record<string, string>,
) {
  return app.inject({
    method,
    url,
    headers: headers ?? (await suite.as('admin', 'clients.write')),
    ...(payload ? { payload } : {}),
  })
}

async function register(change: object = {}): Promise<Registered> {
  const response = await call('POST', '/relying-services', { metadata: { ...metadata, ...change }, ...order })
  assert.equal(response.statusCode, 201, response.body)
  assert.ok(Value.Check(Registered, response.json()), response.body)
  return response.json()
}

/** As the relying service itself would act. */
const asClient = ({ relyingService, clientSecret }: Registered, assertion?: () => Promise<string>) =>
  createRelyingService(
    app,
    {
      client_id: relyingService.clientId,
      ...(clientSecret ? { client_secret: clientSecret } : {}),
      redirect_uris: relyingService.metadata.redirect_uris ?? [],
    },
    assertion,
  )

const codeFor = async (client: ReturnType<typeof asClient>) => {
  const { redirect } = await suite.walk(suite.newBrowser(), client.authorizeUrl())
  return String(redirect?.searchParams.get('code'))
}

const auditOf = (subject: string) =>
  suite.ground.database.selectFrom('auditEvents').selectAll().where('subject', '=', subject).execute()

test('a relying service that the console registers signs people in at once', async () => {
  const registered = await register()
  const { relyingService } = registered
  assert.equal(relyingService.registration, 'registered')
  assert.ok(
    relyingService.hasSecret && Math.abs((relyingService.registeredAt ?? 0) / 1000 - epochSeconds()) < 60,
  )
  assert.deepEqual(relyingService.metadata.redirect_uris, metadata.redirect_uris)
  const client = asClient(registered)
  assert.equal((await client.redeem(await codeFor(client))).statusCode, 200)

  const found = await call('GET', `/relying-services/${relyingService.clientId}`)
  assert.deepEqual(found.json(), relyingService)
  assert.doesNotMatch(found.body, new RegExp(String(registered.clientSecret)))
})

test('what may not be registered is refused as at POST /registration, by field and rule, never by value', async () => {
  for (const [change, detail] of [
    [{ grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }, /grant_types/],
    [{ redirect_uris: ['http://relying.example/callback'] }, /redirect_uris/],
    [{ scope: 'openid challenges.write' }, /scope/],
    [{ identity_providers: ['nobody'] }, /identity_providers/],
    [{ backchannel_logout_uri: 'http://relying.example/logout' }, /backchannel_logout_uri/],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, /jwks/],
    [{ jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, /JSON Web Key Set/],
  ] as const) {
    const payload = { metadata: { ...metadata, ...change }, ...order }
    const response = await call('POST', '/relying-services', payload)
    assert.deepEqual([response.statusCode, response.json().code], [422, 'client_metadata_refused'])
    assert.match(response.json().detail, detail)
    assert.doesNotMatch(response.json().detail, /nobody|relying\.example|challenges|c2VjcmV0/)
    const same = await suite.register({ ...metadata, ...change })
    assert.equal(same.statusCode, 400)
    assert.equal(same.json().error_description, response.json().detail)
  }
  const events = await suite.ground.database
    .selectFrom('auditEvents')
    .select(['outcome', 'details'])
    .where('event', '=', 'relying-service.registered')
    .where('outcome', '=', 'refusal')
    .execute()
  assert.equal(events.length, 7)
})

test('the console registers no client of its own interface, whose owner could act for other administrators', async () => {
  const payload = { metadata: { ...metadata, scope: 'openid admin' }, ...order }
  const response = await call('POST', '/relying-services', payload)
  assert.deepEqual([response.statusCode, response.json().code], [422, 'client_metadata_refused'])
  assert.match(response.json().detail, /^scope /)
})

test('what the operator registers is in the audit trail as well (RFC 7591 §3)', async () => {
  const answer = await suite.register(metadata)
  assert.equal(answer.statusCode, 201, answer.body)
  const { client_id, client_secret } = answer.json()
  const entries = await auditOf(client_id)
  assert.deepEqual(
    entries.map(({ event, outcome, actor }) => [event, outcome, actor]),
    [['relying-service.registered', 'success', 'operator']],
  )
  assert.deepEqual(JSON.parse(String(entries[0]?.stateAfter)).redirectUris, metadata.redirect_uris)
  assert.ok(!JSON.stringify(entries).includes(client_secret))
})

test('a relying service is neither made, changed nor removed without its entry in the audit trail', async () => {
  const { relyingService } = await register()
  const url = `/relying-services/${relyingService.clientId}`
  const headers = await suite.as('admin', 'clients.write')
  const { database } = suite.ground
  const clients = () =>
    database.selectFrom('oidcModels').selectAll().where('model', '=', 'Client').orderBy('id').execute()
  const before = await clients()
  await sql`alter table audit_events rename to out_of_reach`.execute(database)
  try {
    for (const [path, payload] of [
      ['/relying-services', { metadata, ...order }],
      [`${url}/secrets`, order],
      [`${url}/removals`, order],
    ] as const) {
      assert.equal((await call('POST', path, payload, headers)).statusCode, 500)
    }
    assert.equal((await suite.register(metadata)).statusCode, 500)
  } finally {
    await sql`alter table out_of_reach rename to audit_events`.execute(database)
  }
  assert.deepEqual(await clients(), before)
})

test('a public client may not act in its own name (RFC 6749 §4.4)', async () => {
  const { statusCode, body } = await suite.register({
    ...metadata,
    grant_types: ['client_credentials'],
    response_types: [],
    scope: 'openid ssf.manage',
    token_endpoint_auth_method: 'none',
  })
  assert.equal(statusCode, 400, body)
  assert.match(body, /token_endpoint_auth_method/)
})

test('a new secret ends the old one at once, and is shown this once', async () => {
  const registered = await register()
  const { clientId } = registered.relyingService
  const code = await codeFor(asClient(registered))
  const rotated = await call('POST', `/relying-services/${clientId}/secrets`, order)
  assert.equal(rotated.statusCode, 200, rotated.body)
  assert.equal(rotated.headers['cache-control'], 'no-store')
  const { clientSecret } = rotated.json()
  assert.notEqual(clientSecret, registered.clientSecret)
  assert.equal((await asClient(registered).redeem(code)).statusCode, 401)
  const client = asClient({ ...registered, clientSecret })
  assert.equal((await client.redeem(await codeFor(client))).statusCode, 200)

  const events = JSON.stringify(await auditOf(clientId))
  assert.match(events, /relying-service\.registered.*relying-service\.secret-rotated/)
  const [row] = await suite.ground.database
    .selectFrom('oidcModels')
    .select('payload')
    .where('id', '=', clientId)
    .execute()
  for (const secret of [clientSecret, registered.clientSecret]) {
    assert.ok(!events.includes(secret) && !row?.payload.includes(secret))
    assert.ok(!suite.logLines.join().includes(secret))
  }
})

test('of ten orders at once to rotate a secret, each that is answered with one has given out the one that counts', async () => {
  const registered = await register()
  const url = `/relying-services/${registered.relyingService.clientId}/secrets`
  const headers = await suite.as('admin', 'clients.write')
  const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST', url, order, headers)))
  const refused = answers.filter(({ statusCode }) => statusCode !== 200)
  for (const answer of refused) assert.equal(answer.json().code, 'client_changed')
  assert.ok(refused.length < 10)
  const last = answers
    .filter(({ statusCode }) => statusCode === 200)
    .map((answer) => answer.json().clientSecret)
  const kept = await Promise.all(
    last.map(async (clientSecret) => {
      const client = asClient({ ...registered, clientSecret })
      return (await client.redeem(await codeFor(client))).statusCode
    }),
  )
  assert.equal(kept.filter((status) => status === 200).length, 1)
})

test('new keys end the old ones at once', async () => {
  const keys = async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    return { privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] } }
  }
  const [old, fresh] = [await keys(), await keys()]
  const registered = await register({
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: old.jwks,
  })
  assert.equal(registered.clientSecret, undefined)
  const { clientId } = registered.relyingService
  const redeemWith = async ({ privateKey }: typeof old) => {
    const client = asClient(registered, () =>
      new SignJWT({ iss: clientId, sub: clientId, aud: 'http://localhost:4000', jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuedAt(epochSeconds())
        .setExpirationTime(epochSeconds() + 60)
        .sign(privateKey),
    )
    return (await client.redeem(await codeFor(client))).statusCode
  }
  assert.equal(await redeemWith(old), 200)
  const url = `/relying-services/${clientId}/keys`
  const replaced = await call('PUT', url, { ...order, jwks: fresh.jwks })
  assert.equal(replaced.statusCode, 200, replaced.body)
  assert.ok(Value.Check(RelyingService, replaced.json()))
  assert.equal(await redeemWith(old), 401)
  assert.equal(await redeemWith(fresh), 200)

  for (const payload of [order, { ...order, jwks: fresh.jwks, jwks_uri: 'https://payroll.example/jwks' }]) {
    assert.deepEqual((await call('PUT', url, payload)).json().code, 'invalid_request')
  }
  const asPrivate = await exportJWK(fresh.privateKey)
  const unsafe = await call('PUT', url, { ...order, jwks: { keys: [asPrivate] } })
  assert.equal(unsafe.json().code, 'client_metadata_refused')
  assert.ok(!unsafe.body.includes(String(asPrivate.d)))
  assert.equal(
    (await call('POST', `/relying-services/${clientId}/secrets`, order)).json().code,
    'client_without_secret',
  )
  const address = await call('PUT', url, { ...order, jwks_uri: 'https://payroll.example/jwks' })
  assert.deepEqual(
    [address.json().metadata.jwks, address.json().metadata.jwks_uri],
    [undefined, 'https://payroll.example/jwks'],
  )
})

test('a relying service that is removed can ask for nothing, and of ten orders at once one removed it', async () => {
  const registered = await register()
  const { clientId } = registered.relyingService
  const client = asClient(registered)
  const { refresh_token } = (await client.redeem(await codeFor(client))).json()
  const headers = await suite.as('admin', 'clients.write')
  const url = `/relying-services/${clientId}/removals`
  const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST', url, order, headers)))
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [204, ...Array(9).fill(404)])
  assert.equal((await client.refresh(refresh_token)).statusCode, 401)
  assert.equal((await suite.newBrowser().get(client.authorizeUrl())).statusCode, 400)
  assert.equal((await call('GET', `/relying-services/${clientId}`)).json().code, 'client_unknown')
})

test('those of the suite are shown and not changed; services that only call others are none', async () => {
  const bso = await call('GET', '/relying-services/bso')
  assert.deepEqual(
    [bso.json().registration, bso.json().metadata.client_name],
    ['static', 'Business Services Online'],
  )
  assert.equal((await call('GET', '/relying-services/terms')).json().code, 'client_unknown')
  for (const [method, url, payload] of [
    ['POST', '/relying-services/bso/secrets', order],
    ['POST', '/relying-services/bso/removals', order],
    ['PUT', '/relying-services/bso/keys', { ...order, jwks_uri: 'https://payroll.example/jwks' }],
  ] as const) {
    const refused = await call(method, url, payload)
    assert.deepEqual([refused.statusCode, refused.json().code], [409, 'client_static'])
  }
  assert.equal((await auditOf('bso')).length, 3)
})

test('the list goes page by page, those of the suite first, each once', async () => {
  const whole = await call('GET', '/relying-services?limit=200')
  assert.ok(Value.Check(RelyingServices, whole.json()), whole.body)
  assert.doesNotMatch(whole.body, /"client_secret":|"clientSecret"/)
  const ids: string[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 30; pages += 1) {
    const page = await call('GET', `/relying-services?limit=2${cursor ? `&cursor=${cursor}` : ''}`)
    ids.push(...page.json().relyingServices.map(({ clientId }: RelyingService) => clientId))
    cursor = page.json().next
    if (!cursor) break
  }
  const all = whole.json().relyingServices.map(({ clientId }: RelyingService) => clientId)
  assert.deepEqual(ids, all)
  assert.deepEqual(all.slice(0, 4), ['admin', 'bso', 'gatehouse-cli', 'ticket-portal'])
  assert.equal(new Set(all).size, all.length)
})

for (const [method, url, payload] of [
  ['GET', '/relying-services', undefined],
  ['GET', '/relying-services/bso', undefined],
  ['POST', '/relying-services', { metadata, ...order }],
  ['POST', '/relying-services/bso/secrets', order],
  ['PUT', '/relying-services/bso/keys', order],
  ['POST', '/relying-services/bso/removals', order],
] as const) {
  test(`${method} ${url} is for the console alone (RFC 6750 section 3.1)`, async () => {
    assert.equal((await call(method, url, payload, { accept: 'application/json' })).statusCode, 401)
    for (const headers of [await suite.as('bso', 'clients.write'), await suite.as('admin', 'people.read')]) {
      const refused = await call(method, url, payload, headers)
      assert.deepEqual([refused.statusCode, refused.json().code], [403, 'insufficient_scope'])
    }
  })
}
