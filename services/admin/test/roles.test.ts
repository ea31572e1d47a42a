import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { OperationId } from '../src/operations.ts'
import { type Desk, OPERATOR, startDesk } from './desk.ts'
import { addressOf, examples } from './examples.ts'

interface Documented {
  id: OperationId
  method: 'GET' | 'POST' | 'PUT'
  path: string
  role: 'viewer' | 'revoker' | 'approver'
}

/** Every operation of the OpenAPI document that is no health check, key or clock. */
async function documented({ call }: Desk): Promise<Documented[]> {
  const document = (await call('GET', '/openapi.json')).json()
  return Object.entries<Record<string, Record<string, unknown>>>(document.paths).flatMap(([path, methods]) =>
    path.startsWith('/api/')
      ? Object.entries(methods).map(([method, told]) => ({
          id: told.operationId as OperationId,
          method: method.toUpperCase() as Documented['method'],
          path,
          role: told['x-role'] as Documented['role'],
        }))
      : [],
  )
}

function ask({ call }: Desk, { id, method, path }: Documented, token?: string) {
  const example = examples[id]
  return call(method, addressOf(path, example), token, example.body)
}

/** Holds the answer of every operation to what is expected; whoever is refused has changed nothing. */
async function expectForAll(
  desk: Desk,
  token: string | undefined,
  expected: (operation: Documented) => { status: number; code: string } | undefined,
): Promise<void> {
  for (const operation of await documented(desk)) {
    const before = desk.owners.asked.length
    const answer = await ask(desk, operation, token)
    const refusal = expected(operation)
    if (refusal) {
      assert.equal(answer.statusCode, refusal.status, operation.id)
      assert.equal(answer.json().code, refusal.code, operation.id)
      assert.equal(desk.owners.asked.length, before, `${operation.id} asks nobody`)
    } else {
      assert.ok(![401, 403, 500, 503].includes(answer.statusCode), `${operation.id} ${answer.body}`)
      assert.notEqual(answer.json().code, 'invalid_request', `${operation.id} ${answer.body}`)
    }
  }
}

const UNAUTHENTICATED = { status: 401, code: 'invalid_token' }
const WITHOUT_ROLE = { status: 403, code: 'role_missing' }
const PHISHABLE = { status: 403, code: 'phishing_resistant_needed' }

test('every operation in the OpenAPI document says its role, its name and how callers authenticate', async () => {
  await using desk = await startDesk()
  const operations = await documented(desk)
  assert.ok(operations.length > 40)
  assert.deepEqual(operations.map(({ id }) => id).sort(), Object.keys(examples).sort())
  for (const { id, role } of operations) assert.match(role, /^(viewer|revoker|approver)$/, id)
  const { paths, components } = (await desk.call('GET', '/openapi.json')).json()
  assert.equal(components.securitySchemes.administrator.scheme, 'bearer')
  assert.deepEqual(paths['/api/revocations'].post.security, [{ administrator: [] }])
})

test('without a token nothing is answered (RFC 6750 §3.1, ASVS 8.2.1)', async () => {
  await using desk = await startDesk()
  await expectForAll(desk, undefined, () => UNAUTHENTICATED)
  await expectForAll(desk, OPERATOR, () => UNAUTHENTICATED)
})

test('a viewer reads everything and changes nothing', async () => {
  await using desk = await startDesk()
  const { token } = await desk.administrator('vera', ['viewer'])
  await expectForAll(desk, token, ({ role }) => (role === 'viewer' ? undefined : WITHOUT_ROLE))
})

test('a revoker changes everything and decides about nothing', async () => {
  await using desk = await startDesk()
  const { token } = await desk.administrator('rosa', ['revoker'])
  await expectForAll(desk, token, ({ role }) => (role === 'approver' ? WITHOUT_ROLE : undefined))
})

test('an approver decides and changes nothing else', async () => {
  await using desk = await startDesk()
  const { token } = await desk.administrator('amir', ['approver'])
  await expectForAll(desk, token, ({ role }) => (role === 'revoker' ? WITHOUT_ROLE : undefined))
})

test('whoever could have been phished only reads, whatever the roles (NIST SP 800-63B-4 §2.2.2)', async () => {
  await using desk = await startDesk()
  for (const amr of [['mfa', 'otp'], ['phrh'], ['pwd']]) {
    const { token } = await desk.administrator('rosa', ['revoker', 'approver'], { amr })
    await expectForAll(desk, token, ({ role }) => (role === 'viewer' ? undefined : PHISHABLE))
  }
})

test('an administrator who was removed is nobody from the next request on (ASVS 8.3.2)', async () => {
  await using desk = await startDesk()
  const { token, email } = await desk.administrator('rosa', ['revoker', 'approver'])
  assert.equal((await desk.operator('DELETE', `/${email}`)).statusCode, 204)
  await expectForAll(desk, token, () => ({ status: 403, code: 'not_administrator' }))
})

test('roles that the operator takes away are gone with the next request (ASVS 8.3.2)', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  assert.deepEqual((await rosa.get('/me')).json().rights, ['viewer', 'revoker'])
  await desk.operator('PUT', `/${rosa.email}`, { roles: ['viewer'] })
  await expectForAll(desk, rosa.token, ({ role }) => (role === 'viewer' ? undefined : WITHOUT_ROLE))
})

test('a person who is no administrator gets nothing, and the attempt is told', async () => {
  await using desk = await startDesk()
  const token = await desk.tokenOf({ sub: 'subject-stranger', email: 'stranger@example.com' })
  await expectForAll(desk, token, () => ({ status: 403, code: 'not_administrator' }))
  const [told] = await desk.told('operation.refused')
  assert.equal(told?.actor, 'subject-stranger')
})

test('only tokens for the console count: audience, issuer, scope and time (RFC 9068 §4)', async () => {
  await using desk = await startDesk()
  await desk.administrator('rosa', ['revoker', 'approver'])
  const rosa = { sub: 'subject-rosa', email: 'rosa@example.com' }
  for (const claims of [
    { aud: 'urn:gatehouse:cbsv' },
    { aud: 'urn:gatehouse:service:admin' },
    { iss: 'https://another.example' },
    { iat: epochSeconds() - 600, exp: epochSeconds() - 300 },
  ]) {
    const token = await desk.tokenOf({ ...rosa, ...claims })
    await expectForAll(desk, token, () => UNAUTHENTICATED)
  }
  for (const claims of [
    { scope: 'openid profile' },
    { scope: 'administrators' },
    { sub: 'gatehouse-cli' },
    { sid: undefined },
  ]) {
    const token = await desk.tokenOf({ ...rosa, ...claims })
    await expectForAll(desk, token, () => ({ status: 403, code: 'insufficient_scope' }))
  }
})

test('a token of a revoked session is refused, and while that cannot be known every token is', async () => {
  await using desk = await startDesk()
  const { token } = await desk.administrator('rosa', ['revoker', 'approver'])
  desk.feed.revoked = ({ sid }) => sid === 'session-of-subject-rosa'
  await expectForAll(desk, token, () => UNAUTHENTICATED)
  desk.feed.revoked = () => false
  desk.feed.blind = 'silent'
  await expectForAll(desk, token, () => ({ status: 503, code: 'revocations_unknown' }))
  desk.feed.blind = undefined
  assert.equal((await desk.call('GET', '/api/me', token)).statusCode, 200)
})

test('a session of the console opens no operation of the API, so that no other site can (ASVS 3.5.1)', async () => {
  await using desk = await startDesk()
  await desk.operator('PUT', '/rosa@example.com', { roles: ['revoker', 'approver'] })
  const person = desk.browser()
  await person.signIn(desk.signIn)
  const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  for (const operation of await documented(desk)) {
    const example = examples[operation.id]
    const answer = await desk.call(
      operation.method,
      addressOf(operation.path, example),
      undefined,
      example.body,
      { cookie },
    )
    assert.equal(answer.statusCode, 401, operation.id)
  }
})

test('a refusal for a missing role is told with who, what and from where', async () => {
  await using desk = await startDesk()
  const vera = await desk.administrator('vera', ['viewer'])
  await vera.post('/revocations', examples.revoke.body)
  const [told] = await desk.told('operation.refused')
  assert.equal(told?.actor, vera.administratorId)
  assert.equal(told?.fromAddress, '127.0.0.1')
  const details = JSON.parse(told?.details ?? '')
  assert.deepEqual(details, { operation: 'revoke', role: 'revoker', because: 'role_missing' })
})

test('a token that expires while it is remembered is refused at once', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['viewer'])
  assert.equal((await rosa.get('/me')).statusCode, 200)
  advanceClock(300_000)
  assert.equal((await rosa.get('/me')).statusCode, 401)
})
