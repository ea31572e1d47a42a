// The accounts over HTTP with the operator's token, and what suspension and deletion end.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { buildForTest } from '@gatehouse/http/testing'
import { Browser } from '@gatehouse/provider/for-tests/browser'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import { deriveSecrets, type Secrets } from '@gatehouse/storage/secrets'
import { decodeJwt } from 'jose'
import { sqlConsents } from '../src/consent/consents.ts'
import { sqlGrants } from '../src/openid-connect/grants.ts'
import { sqlSubjects } from '../src/openid-connect/subjects.ts'
import { sqlOutbox } from '../src/risc/outbox.ts'
import { service } from '../src/service.ts'
import { fakeOneTimeCodes } from './support/fake-one-time-codes.ts'
import {
  CLIENT,
  CLIENTS,
  configurationFiles,
  PASSWORD,
  passPassword,
  redeem,
  tokenParameters,
} from './support/login-gov.ts'
import { accountIdOf, asOperator } from './support/operator.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { openMigrated, YEAR } from './support/risc.ts'

const OPENID = 'https://schemas.openid.net/secevent/risc/event-type/'
const REPROOFED = 'https://schemas.login.gov/secevent/risc/event-type/reproof-completed'

let receiver: Receiver
let idp: Awaited<ReturnType<typeof start>>
before(async () => {
  receiver = await startReceiver()
  idp = await start()
})
after(async () => {
  await idp.app.close()
  await receiver.close()
})

async function start(
  environment: Record<string, string> = {},
  more: { databaseUrl?: string; secrets?: Secrets } = {},
) {
  const clients = CLIENTS.map((client) =>
    client.client_id === CLIENT ? { ...client, push_notification_url: receiver.url } : client,
  )
  const files = configurationFiles({ clients })
  const calls = fakeOneTimeCodes().calls
  const built = await buildForTest(service, {
    environment: { ...files.environment, ...environment },
    calls,
    fetch,
    ...more,
  })
  files.remove()
  return built
}

const operator = (...request: Parameters<ReturnType<typeof asOperator>>) => asOperator(idp.app)(...request)

const sessions = () =>
  createSessions(
    sqlSessionStore(idp.ground.database),
    (secret) => idp.ground.secrets.digest('session', secret),
    {
      idleMs: 900_000,
      longestMs: 43_200_000,
      oneBrowser: false,
    },
  )

/** Somebody in a browser who has handed a code to the client. */
async function signedIn(email = 'maria@example.com') {
  const { database, secrets } = idp.ground
  const accountId = await accountIdOf(idp.app, email)
  const { session } = await sessions().begin({ accountId })
  const entered = await sessions().signIn(session, accountId, [CLIENT], { methods: ['sms'] })
  assert.ok(entered?.session.signInId)
  await sqlConsents(database, YEAR).give(accountId, CLIENT, ['email'])
  const code = randomUUID()
  const grant = {
    accountId,
    clientId: CLIENT,
    signInId: entered.session.signInId,
    nonce: 'nonce-0123456789abcdefghij',
    scope: 'openid email',
    acrValues: 'urn:acr.login.gov:auth-only',
    codeChallenge: undefined,
    locale: 'en',
    certificate: undefined,
    authenticatedAt: undefined,
    handedOffAt: now(),
  }
  const handOff = () => sqlGrants(database).handOff(grant, secrets.digest('authorization code', code))
  await handOff()
  const browser = new Browser(idp.app)
  browser.cookies.set('_identity_idp_session', entered.secret)
  return { accountId, code, browser, secret: entered.secret, handOff }
}

async function userInfoStatus(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await idp.app.inject({ url: '/api/openid_connect/userinfo', headers })).statusCode
}

/** Waits until nothing is on its way any more, and gives how many events have arrived so far. */
async function quiet(): Promise<number> {
  for (let count = 0; count < 500; count += 1) {
    const { deliveries } = (await operator('GET', '/api/risc/deliveries')).json()
    if (deliveries.every(({ state }: { state: string }) => state !== 'waiting'))
      return receiver.received.length
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('security events go on waiting')
}

/** The events that were pushed since, by type. */
async function pushedSince(count: number, expected: number) {
  await receiver.until(count + expected)
  return receiver.received
    .slice(count)
    .map(({ body }) => decodeJwt(body).events as Record<string, { reason?: string }>)
}

describe('the operator’s token', () => {
  test('is asked for everywhere (OWASP ASVS 5.0 8.2.1)', async () => {
    const id = await accountIdOf(idp.app, 'maria@example.com')
    const routes = [
      ['GET', '/api/accounts?email=maria@example.com'],
      ['GET', `/api/accounts/${id}`],
      ['PUT', `/api/accounts/${id}/suspension`],
      ['DELETE', `/api/accounts/${id}/suspension`],
      ['PUT', `/api/accounts/${id}/identity`],
      ['DELETE', `/api/accounts/${id}`],
      ['GET', '/api/risc/deliveries'],
    ] as const
    for (const [method, url] of routes) {
      for (const authorization of [undefined, 'Bearer wrong', 'Bearer ']) {
        const headers = authorization === undefined ? {} : { authorization }
        const answer = await idp.app.inject({ method, url, headers })
        assert.equal(answer.statusCode, 401, `${method} ${url}`)
        assert.equal(answer.headers['www-authenticate'], 'Bearer realm="gatehouse"')
      }
    }
    assert.equal((await operator('GET', `/api/accounts/${id}`)).json().suspended, false)
  })
})

describe('an account', () => {
  test('is found by address, whatever its case, and told without what is secret', async () => {
    const answer = await operator('GET', '/api/accounts?email=Maria@Example.com')
    assert.equal(answer.statusCode, 200, answer.body)
    const { account_id: id, created_at: createdAt, connected_clients: _connected, ...rest } = answer.json()
    assert.match(id, /^[\da-f-]{36}$/)
    assert.equal(typeof createdAt, 'number')
    assert.deepEqual(rest, {
      email: 'maria@example.com',
      all_emails: ['maria@example.com'],
      suspended: false,
      password_reset_required: false,
      identity: 'proofed',
      second_factors: [{ kind: 'phone', name: 'Phone' }],
    })
    assert.doesNotMatch(answer.body, /987654325|2025550142|argon2/)
  })

  test('that is nobody’s is 404, by every method', async () => {
    const id = randomUUID()
    const requests = [
      ['GET', '/api/accounts?email=nobody@example.com'],
      ['GET', `/api/accounts/${id}`],
      ['PUT', `/api/accounts/${id}/suspension`],
      ['DELETE', `/api/accounts/${id}/suspension`],
      ['PUT', `/api/accounts/${id}/identity`, { state: 'proofed' }],
      ['DELETE', `/api/accounts/${id}`],
    ] as const
    for (const [method, url, body] of requests) {
      const answer = await operator(method, url, body)
      assert.equal(answer.statusCode, 404, `${method} ${url}`)
      assert.equal(answer.json().code, 'not_found')
    }
  })

  test('gets the identity that a test needs, and a second verification is told (fact sheet 7.1)', async () => {
    const { accountId } = await signedIn()
    const identity = async () => (await operator('GET', `/api/accounts/${accountId}`)).json().identity
    const set = (state: string) => operator('PUT', `/api/accounts/${accountId}/identity`, { state })
    const before = await quiet()
    for (const state of ['unproofed', 'proofed', 'face-matched']) {
      assert.equal((await set(state)).statusCode, 204)
      assert.equal(await identity(), state)
    }
    // Not for the first verification, which is none of an identity that was known.
    assert.deepEqual(
      (await pushedSince(before, 1)).map((events) => Object.keys(events)),
      [[REPROOFED]],
    )
    const refused = await set('famous')
    assert.equal(refused.statusCode, 400)
    assert.doesNotMatch(refused.body, /famous/)
    await set('proofed')
  })
})

describe('suspension', () => {
  test('ends sessions and tokens at once, is told, and reinstating opens the account again (fact sheet 7.1)', async () => {
    const { accountId, code, browser, handOff } = await signedIn()
    assert.equal((await browser.get('/account')).statusCode, 200)
    const answer = await redeem(idp.app, await tokenParameters(code))
    assert.equal(answer.statusCode, 200, answer.body)
    const { access_token: token } = answer.json()
    assert.equal(await userInfoStatus(token), 200)
    const before = await quiet()

    assert.equal((await operator('PUT', `/api/accounts/${accountId}/suspension`)).statusCode, 204)
    assert.equal((await operator('GET', `/api/accounts/${accountId}`)).json().suspended, true)
    assert.equal((await browser.get('/account')).statusCode, 302)
    assert.equal(await userInfoStatus(token), 401)
    const [disabled] = await pushedSince(before, 1)
    assert.equal(disabled?.[`${OPENID}account-disabled`]?.reason, 'account-suspension')

    // A code that was given out in that very moment.
    await handOff()
    const late = await redeem(idp.app, await tokenParameters(code))
    assert.equal(late.statusCode, 400)
    assert.match(late.json().error, /^Code is invalid/)

    assert.equal((await operator('DELETE', `/api/accounts/${accountId}/suspension`)).statusCode, 204)
    const [, enabled] = await pushedSince(before, 2)
    assert.deepEqual(Object.keys(enabled ?? {}), [`${OPENID}account-enabled`])
    assert.equal((await operator('GET', `/api/accounts/${accountId}`)).json().suspended, false)
  })

  test('asked for twice it is told once, and ends what was left both times', async () => {
    const { accountId } = await signedIn()
    const before = await quiet()
    for (let count = 0; count < 2; count += 1) {
      assert.equal((await operator('PUT', `/api/accounts/${accountId}/suspension`)).statusCode, 204)
    }
    for (let count = 0; count < 2; count += 1) {
      assert.equal((await operator('DELETE', `/api/accounts/${accountId}/suspension`)).statusCode, 204)
    }
    const pushed = await pushedSince(before, 2)
    assert.deepEqual(
      pushed.map((events) => Object.keys(events)[0]),
      [`${OPENID}account-disabled`, `${OPENID}account-enabled`],
    )
  })

  test('the right password signs nobody in, and the page says why', async () => {
    advanceClock(60_000)
    const { accountId } = await signedIn()
    await operator('PUT', `/api/accounts/${accountId}/suspension`)
    const browser = new Browser(idp.app)
    await passPassword(browser)
    assert.match(browser.last.body, /suspended/)
    assert.notEqual(browser.path, '/users/two_factor_authentication')
    assert.equal((await browser.get('/account')).statusCode, 302)
    await operator('DELETE', `/api/accounts/${accountId}/suspension`)
  })

  test('a second factor that is given in that very moment signs nobody in', async () => {
    const accountId = await accountIdOf(idp.app, 'maria@example.com')
    const { session } = await sessions().begin({ accountId })
    await operator('PUT', `/api/accounts/${accountId}/suspension`)
    assert.equal(await sessions().signIn(session, accountId, [], { methods: ['sms'] }), undefined)
    await operator('DELETE', `/api/accounts/${accountId}/suspension`)
    assert.equal(await sessions().signIn(session, accountId, [], { methods: ['sms'] }), undefined)
    const { session: later } = await sessions().begin({ accountId })
    assert.ok(await sessions().signIn(later, accountId, [], { methods: ['sms'] }))
  })
})

describe('deletion', () => {
  test('is told under the subject that is known, and leaves nothing behind (fact sheet 7.1, 8: a new account gets a new sub)', async () => {
    const { accountId, browser } = await signedIn('oliver@example.com')
    const subjects = sqlSubjects(idp.ground.database)
    const sub = await subjects.of(accountId, '1')
    const before = await quiet()
    assert.equal((await operator('DELETE', `/api/accounts/${accountId}`)).statusCode, 204)
    await receiver.until(before + 1)
    const { exp = 0, iat = 0, events } = decodeJwt(receiver.received[before]?.body ?? '')
    assert.equal(exp - iat, 12 * 3_600)
    const event = events as Record<string, { subject: { sub: string } }>
    assert.equal(event[`${OPENID}account-purged`]?.subject.sub, sub)
    assert.equal((await operator('GET', `/api/accounts/${accountId}`)).statusCode, 404)
    assert.equal((await operator('GET', '/api/accounts?email=oliver@example.com')).statusCode, 404)
    assert.equal(await subjects.find(sub, '1'), undefined)
    assert.equal(await sqlGrants(idp.ground.database).has(accountId, CLIENT), false)
    assert.equal((await browser.get('/account')).statusCode, 302)
  })
})

describe('deliveries', () => {
  test('are listed with how they ended and without what they said', async () => {
    const { accountId } = await signedIn()
    const before = await quiet()
    receiver.next.push(400)
    await operator('PUT', `/api/accounts/${accountId}/suspension`)
    await operator('DELETE', `/api/accounts/${accountId}/suspension`)
    assert.equal(await quiet(), before + 2)
    const [enabled, disabled] = (await operator('GET', '/api/risc/deliveries')).json().deliveries
    const { jti, made_at: madeAt, attempted_at: attemptedAt, ...rest } = disabled
    assert.match(jti, /^[\da-f]{32}$/)
    assert.ok(attemptedAt >= madeAt)
    assert.deepEqual(rest, {
      client_id: CLIENT,
      url: receiver.url,
      event_type: `${OPENID}account-disabled`,
      state: 'refused',
      status: 400,
      failures: 0,
    })
    assert.deepEqual([enabled.state, enabled.status], ['accepted', 202])
  })

  test('there are none where PUSH_NOTIFICATIONS_ENABLED is false (fact sheet 7.1)', async () => {
    const silent = await start({ PUSH_NOTIFICATIONS_ENABLED: 'false' })
    const id = await accountIdOf(silent.app, 'maria@example.com')
    await sqlConsents(silent.ground.database, YEAR).give(id, CLIENT, ['email'])
    const before = await quiet()
    assert.equal((await asOperator(silent.app)('PUT', `/api/accounts/${id}/suspension`)).statusCode, 204)
    assert.deepEqual((await asOperator(silent.app)('GET', '/api/risc/deliveries')).json(), { deliveries: [] })
    await silent.app.close()
    assert.equal(receiver.received.length, before)
  })
})

test('what an earlier process left in the outbox is pushed when the service starts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'login-gov-risc-'))
  const databaseUrl = `sqlite:${folder}/login-gov.sqlite`
  const secrets = deriveSecrets(randomBytes(32))
  const database = await openMigrated(databaseUrl)
  const claims = { aud: receiver.url, events: { 'urn:left-behind': {} } }
  const left = { jti: 'left', clientId: CLIENT, url: receiver.url, eventType: 'urn:left-behind', claims }
  await sqlOutbox(database, secrets).put([left], now())
  await database.destroy()
  const before = await quiet()
  const { app } = await start({}, { databaseUrl, secrets })
  assert.deepEqual(await pushedSince(before, 1), [{ 'urn:left-behind': {} }])
  await app.close()
  rmSync(folder, { recursive: true, force: true })
})

test('nothing of it logs a password, a token, an address or an SSN (OWASP ASVS 5.0 16.2.5)', () => {
  const log = idp.logLines.join('\n')
  assert.ok(log.includes('security event accepted'))
  for (const secret of [PASSWORD, 'maria@example.com', '987654325']) assert.ok(!log.includes(secret), secret)
  assert.doesNotMatch(log, /eyJ[\w-]+\.eyJ/)
})
