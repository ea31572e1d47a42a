import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { administratorClient, signInHeadless } from '@gatehouse/testkit/sign-in'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const bounded = { timeout: 180_000 }
const WHY = { reason: 'Asked for by the security desk' }

async function administrator(id: string) {
  const { tokens } = await signInHeadless({
    urls,
    persona: gatehouse.persona(id),
    client: administratorClient,
    securityKey: true,
  })
  async function call(method: string, path: string, body?: unknown) {
    const answer = await fetch(`${urls.admin}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tokens.access_token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    })
    const given = await answer.text()
    return { status: answer.status, body: given === '' ? undefined : JSON.parse(given), text: given }
  }
  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body: unknown) => call('POST', path, body),
    put: (path: string, body: unknown) => call('PUT', path, body),
  }
}

const signInMaria = () => signInHeadless({ urls, persona: gatehouse.persona('maria') })

/** How CBSV answers a token: 401 once it is revoked. */
async function atTheGateway(accessToken: string): Promise<number> {
  const answer = await fetch(`${urls.gateway}/cbsv/verifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(20_000),
  })
  await answer.text()
  return answer.status
}

test('an administrator finds a person by everything, and sees what every service has', bounded, async () => {
  await signInMaria()
  const vera = await administrator('vera')
  const maria = gatehouse.persona('maria')
  const [held] = maria.userIds
  const accounts = new Set<string>()
  for (const [by, text] of [
    ['name', maria.lastName],
    ['email', maria.email],
    ['ssn-ending', maria.ssn?.slice(-4)],
    ['phone-ending', maria.phoneNumber.slice(-4)],
    ['user-id', held?.bsoUserId],
    ['ein', held?.ein],
  ] as const) {
    const { status, body, text: answer } = await vera.post('/people/searches', { by, text })
    assert.equal(status, 200, `${by} ${answer}`)
    assert.deepEqual(body.unavailable, [], by)
    const found = body.people.filter(({ email }: { email?: string }) => email === maria.email)
    assert.equal(found.length, 1, `${by} ${answer}`)
    accounts.add(found[0].accountId)
  }
  assert.equal(accounts.size, 1)
  const { status, body } = await vera.get(`/people/${[...accounts][0]}`)
  assert.equal(status, 200)
  for (const [name, part] of Object.entries<{ unavailable?: string[] }>(body))
    assert.deepEqual(part.unavailable ?? [], [], name)
  assert.equal(body.person.credentials[0].idp, 'login.gov')
  assert.ok(body.person.sessions.length > 0)
  assert.ok(body.attestations.rows.length > 0)
  assert.ok(body.codes.rows.length > 0)
  assert.ok(body.userIds.rows.length > 0)
  assert.deepEqual(body.phones.rows[0].phoneNumberEndings, [maria.phoneNumber.slice(-4)])
})

test(
  'a disabled User ID is refused at the gateway and not offered, until it is enabled again',
  bounded,
  async () => {
    const rosa = await administrator('rosa')
    const first = await signInMaria()
    const bsoUserId = String(first.claims.bso_user_id)
    assert.notEqual(await atTheGateway(first.tokens.access_token), 401)

    const disabled = await rosa.post(`/user-ids/${bsoUserId}/disablements`, WHY)
    assert.equal(disabled.status, 201, disabled.text)
    assert.equal(disabled.body.act.state, 'done', disabled.text)
    assert.ok(disabled.body.revocation.enforcement.length > 0)
    assert.equal(await atTheGateway(first.tokens.access_token), 401)
    assert.ok((await rosa.get(`/user-ids/${bsoUserId}`)).body.disabled)
    const [held, ...others] = gatehouse.persona('maria').userIds
    if (others.length > 0 && held) {
      const second = await signInHeadless({ urls, persona: gatehouse.persona('maria') }).catch(
        () => undefined,
      )
      assert.notEqual(second?.claims.bso_user_id, bsoUserId)
    }

    const enabled = await rosa.post(`/user-ids/${bsoUserId}/enablements`, WHY)
    assert.equal(enabled.body.act.state, 'done', enabled.text)
    assert.equal((await rosa.get(`/user-ids/${bsoUserId}`)).body.disabled, undefined)
    assert.equal(await atTheGateway(first.tokens.access_token), 401, 'what ended stays ended')
  },
)

test(
  'a company ends when a second administrator approves, and the audit trail tells of both',
  bounded,
  async () => {
    const rosa = await administrator('rosa')
    const amir = await administrator('amir')
    const { tokens, claims } = await signInMaria()
    const ein = String(claims.ein)
    assert.notEqual(await atTheGateway(tokens.access_token), 401)

    const preview = await rosa.post('/revocations/previews', { kind: 'ein', value: ein })
    assert.equal(preview.status, 200, preview.text)
    const asked = await rosa.post('/revocations', {
      target: { kind: 'ein', value: ein },
      ...WHY,
      ticket: 'SEC-1',
    })
    assert.equal(asked.body.act.state, 'awaiting-approval', asked.text)
    assert.notEqual(await atTheGateway(tokens.access_token), 401)
    const { actId } = asked.body.act
    assert.equal((await rosa.post(`/approvals/${actId}/approvals`, WHY)).status, 403)
    const approved = await amir.post(`/approvals/${actId}/approvals`, WHY)
    assert.equal(approved.body.act.state, 'done', approved.text)
    assert.equal(await atTheGateway(tokens.access_token), 401)

    const trail = await rosa.get(`/audit-events?text=${actId}`)
    assert.equal(trail.status, 200, trail.text)
    assert.deepEqual(trail.body.unavailable, [])
    const events = trail.body.events as { event: string; actorName?: string; service: string }[]
    const approval = events.find(({ event }) => event === 'request.approved')
    const { firstName, lastName } = gatehouse.persona('amir')
    assert.equal(approval?.actorName, `${firstName} ${lastName}`)
    const { trails } = (await rosa.post('/audit-verifications', undefined)).body
    for (const { service, intact } of trails) assert.equal(intact, true, service)
  },
)

test('everything else that administrators do works over the whole suite', bounded, async () => {
  const rosa = await administrator('rosa')
  const registered = await rosa.post('/relying-services', {
    metadata: { client_name: 'A service', redirect_uris: ['https://service.example/callback'] },
    ...WHY,
  })
  assert.equal(registered.status, 201, registered.text)
  const { clientId } = registered.body.relyingService
  assert.ok(registered.body.clientSecret)
  const rotated = await rosa.post(`/relying-services/${clientId}/secrets`, WHY)
  assert.equal(rotated.status, 201, rotated.text)
  assert.notEqual(rotated.body.clientSecret, registered.body.clientSecret)
  const removed = await rosa.post(`/relying-services/${clientId}/removals`, WHY)
  assert.equal(removed.status, 200, removed.text)
  const services = await rosa.get('/relying-services')
  assert.equal(services.status, 200, services.text)
  assert.ok(!services.text.includes(clientId))

  const username = 'RuthTemplate79'
  const enrolled = await rosa.put(`/enrolments/${username}`, {
    organization: 'A Network',
    kind: 'EN',
    ...WHY,
  })
  assert.equal(enrolled.status, 200, enrolled.text)
  assert.equal((await rosa.post(`/enrolments/${username}/removals`, WHY)).status, 200)
  assert.equal((await rosa.get(`/enrolments/${username}`)).status, 404)

  const versions = await rosa.get('/terms-versions')
  assert.equal(versions.status, 200, versions.text)
  const [inForce] = versions.body.versions
  const { text } = (await rosa.get(`/terms-versions/${inForce.version}`)).body
  const preview = await rosa.post('/terms-versions/previews', { text })
  assert.equal(preview.body.isSameText, true, preview.text)
  const published = await rosa.post('/terms-versions', {
    version: 'journey-1',
    text: { ...text, agreement: 'I agree to all of it' },
    ...WHY,
  })
  assert.equal(published.status, 201, published.text)
  assert.equal(published.body.isInForce, true)

  const keys = await rosa.get('/signing-keys')
  assert.equal(keys.status, 200, keys.text)
  const rotation = await rosa.post('/signing-keys/rotations', WHY)
  assert.equal(rotation.status, 201, rotation.text)
})

test(
  'revoking an administrator, and then everything, ends what administrators have too',
  bounded,
  async () => {
    const rosa = await administrator('rosa')
    const amir = await administrator('amir')
    const vera = await administrator('vera')
    const found = await rosa.post('/people/searches', { by: 'email', text: gatehouse.persona('vera').email })
    const [{ accountId }] = found.body.people
    const target = { kind: 'account', value: accountId }
    const ended = await rosa.post('/revocations', { target, ...WHY })
    assert.equal(ended.body.act.state, 'done', ended.text)
    assert.equal((await vera.get('/me')).status, 401)
    assert.equal((await amir.get('/me')).status, 200)

    const all = { target: { kind: 'everything', value: '*' }, ...WHY }
    const { actId } = (await rosa.post('/revocations', all)).body.act
    const approved = await amir.post(`/approvals/${actId}/approvals`, WHY)
    assert.equal(approved.body.act.state, 'done', 'who approves still hears of it')
    for (const somebody of [rosa, amir]) assert.equal((await somebody.get('/me')).status, 401)
  },
)
