import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, afterEach, beforeEach, suite, test } from 'node:test'
import { CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { activations, ServiceStanding, ServiceStandings } from '@gatehouse/contracts/service-activations'
import { buildForTest } from '@gatehouse/http/testing'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { service } from '../src/service.ts'
import { personasFile } from './people.ts'
import { stubLetters } from './stub-letters.ts'

const personas = personasFile()
after(() => rmSync(personas.directory, { recursive: true, force: true }))

const JAMES = { bsoUserId: 'JAMES8W3', ein: '960002037' }
const MARIA = { bsoUserId: 'MARIA7K2', ein: '960001012' }
const SERVICES = '/employers/960002037/user-ids/JAMES8W3/services'

suite('activation routes', () => {
  let underTest: Awaited<ReturnType<typeof buildForTest>>
  let letters: ReturnType<typeof stubLetters>
  beforeEach(async () => {
    letters = stubLetters()
    underTest = await buildForTest(service, {
      environment: { PERSONAS_FILE: personas.path },
      calls: letters.calls,
    })
  })
  afterEach(() => underTest.app.close())

  async function inject(method: 'GET' | 'POST', url: string, payload?: object, scope = 'activations.write') {
    const headers = await underTest.as('bso', scope)
    return underTest.app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
  }

  /** What `bso` calls with, answered by the routes. */
  const client = activations({
    async call(name, { method, path, body }) {
      assert.equal(name, 'bso-user-ids')
      const response = await inject(method as 'GET' | 'POST', path, body as object | undefined)
      const answer = response.json()
      if (response.statusCode >= 400) throw new CallRefused('bso-user-ids', answer)
      return answer
    },
  } as ServiceCalls)

  const refusedWith = (code: string, status: number) => (error: unknown) => {
    assert.ok(error instanceof CallRefused, String(error))
    assert.deepEqual([error.code, error.status], [code, status])
    return true
  }
  const auditOf = (actor: string) =>
    underTest.ground.database
      .selectFrom('auditEvents')
      .select(['event', 'outcome', 'subject', 'details'])
      .where('actor', '=', actor)
      .execute()

  test('from request to active service, as the contract of bso has it, and audited without the code', async () => {
    const none = await client.list(JAMES)
    assert.ok(Value.Check(ServiceStandings, none))
    assert.deepEqual(none, { services: [{ service: 'CBSV', state: 'none' }] })
    const pending = await client.request(JAMES, 'CBSV')
    assert.ok(Value.Check(ServiceStanding, pending))
    assert.deepEqual((await client.list(JAMES)).services, [pending])
    assert.equal(letters.printed[0]?.owner, 'JAMES8W3:960002037:CBSV')
    await client.request(JAMES, 'CBSV', { insteadOf: pending.requestedAt! })
    await assert.rejects(client.activate(JAMES, 'CBSV', 'CODE1'), refusedWith('code_not_accepted', 409))
    const active = await client.activate(JAMES, 'CBSV', 'CODE2')
    assert.ok(Value.Check(ServiceStanding, active))
    assert.deepEqual((await client.list(JAMES)).services, [active])
    assert.equal(active.state, 'active')
    assert.deepEqual(await auditOf('JAMES8W3'), [
      {
        event: 'service.requested',
        outcome: 'success',
        subject: 'CBSV',
        details: '{"ein":"960002037","again":false}',
      },
      {
        event: 'service.requested',
        outcome: 'success',
        subject: 'CBSV',
        details: '{"ein":"960002037","again":true}',
      },
      {
        event: 'service.activation-refused',
        outcome: 'refusal',
        subject: 'CBSV',
        details: '{"code":"code_not_accepted"}',
      },
      {
        event: 'service.activated',
        outcome: 'success',
        subject: 'CBSV',
        details: '{"ein":"960002037"}',
      },
    ])
  })

  test('an active service is one of those that sign-in gets with the User ID', async () => {
    const account = '/accounts/account-james/user-ids'
    const headers = await underTest.as('sign-in', 'user-ids.write')
    const person = { firstName: 'James', lastName: 'Sample', dateOfBirth: '1975-11-30', ssn: '987654326' }
    await underTest.app.inject({
      method: 'POST',
      url: '/associations',
      headers,
      payload: { accountId: 'account-james', credential: { idp: 'login.gov', subject: 's' }, person },
    })
    const services = async () => {
      const read = await underTest.as('sign-in', 'user-ids.read')
      const { userIds } = (await underTest.app.inject({ url: account, headers: read })).json()
      return userIds.find(({ bsoUserId }: { bsoUserId: string }) => bsoUserId === 'JAMES8W3').services
    }
    await client.request(JAMES, 'CBSV')
    assert.deepEqual(await services(), [])
    await client.activate(JAMES, 'CBSV', 'CODE1')
    assert.deepEqual(await services(), ['CBSV'])
  })

  test('each refusal has its status and code', async () => {
    await assert.rejects(client.request(MARIA, 'CBSV'), refusedWith('service_active', 409))
    await assert.rejects(client.activate(JAMES, 'CBSV', 'CODE1'), refusedWith('nothing_requested', 409))
    await assert.rejects(client.list({ ...JAMES, ein: MARIA.ein }), refusedWith('user_id_unknown', 404))
    const { requestedAt } = await client.request(JAMES, 'CBSV')
    await assert.rejects(client.request(JAMES, 'CBSV'), refusedWith('service_pending', 409))
    letters.most = 1
    await assert.rejects(
      client.request(JAMES, 'CBSV', { insteadOf: requestedAt! }),
      refusedWith('too_many_letters', 429),
    )
    for (let tries = 0; tries < 4; tries += 1)
      await assert.rejects(client.activate(JAMES, 'CBSV', ''), refusedWith('code_not_accepted', 409))
    const locked = await inject('POST', `${SERVICES}/CBSV/activations`, { code: 'WRONG' })
    assert.deepEqual([locked.statusCode, locked.json().code], [429, 'locked_out'])
    assert.equal(locked.headers['retry-after'], '86400')
    assert.equal(typeof locked.json().retryAt, 'number')

    const companies = underTest.ground.database.updateTable('companies').set({ street: null })
    await companies.execute()
    await assert.rejects(
      client.request(JAMES, 'CBSV', { insteadOf: requestedAt! }),
      refusedWith('company_address_missing', 422),
    )
  })

  test('while upgrade-codes is away the answer is 503, and nothing is lost', async () => {
    letters.isDown = true
    const away = await inject('POST', `${SERVICES}/CBSV/requests`, {})
    assert.deepEqual([away.statusCode, away.json().code], [503, 'service_unavailable'])
    assert.ok(away.headers['retry-after'])
    letters.isDown = false
    const { services } = await client.list(JAMES)
    await client.request(JAMES, 'CBSV', { insteadOf: services[0]!.requestedAt! })
    letters.isDown = true
    assert.equal((await inject('POST', `${SERVICES}/CBSV/activations`, { code: 'CODE1' })).statusCode, 503)
    letters.isDown = false
    assert.equal((await client.activate(JAMES, 'CBSV', 'CODE1')).state, 'active')
  })

  test('of twenty calls with the same code at once one is answered with 200', async () => {
    await client.request(JAMES, 'CBSV')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => inject('POST', `${SERVICES}/CBSV/activations`, { code: 'CODE1' })),
    )
    const statuses = answers.map(({ statusCode }) => statusCode).sort()
    assert.deepEqual(statuses, [200, ...Array.from({ length: 19 }, () => 409)])
  })

  test('a code is in no log line, table, answer or audit event', async () => {
    await client.request(JAMES, 'CBSV')
    letters.printed[0]!.code = 'QZ7KX3WP9'
    const answers = [
      await inject('POST', `${SERVICES}/CBSV/activations`, { code: 'QZ7KX3WP8' }),
      await inject('POST', `${SERVICES}/CBSV/activations`, { code: 'QZ7KX3WP9', note: 'QZ7KX3WP9' }),
      await inject('POST', `${SERVICES}/CBSV/activations`, { code: 'QZ7KX3WP9' }),
    ]
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode),
      [409, 400, 200],
    )
    const kept = await Promise.all(
      ['serviceRequests', 'userIdServices', 'auditEvents', 'keyValue'].map((table) =>
        underTest.ground.database.selectFrom(table).selectAll().execute(),
      ),
    )
    const seen = JSON.stringify([kept, underTest.logLines, answers.map(({ body }) => body)])
    assert.doesNotMatch(seen, /QZ7KX3WP/)
    assert.doesNotMatch(seen, /Payroll Plaza/)
  })

  const routes: ['GET' | 'POST', string][] = [
    ['GET', SERVICES],
    ['POST', `${SERVICES}/CBSV/requests`],
    ['POST', `${SERVICES}/CBSV/activations`],
  ]
  for (const [method, url] of routes) {
    test(`${method} ${url} needs a token of bso with activations.write (RFC 6750 section 3.1)`, async () => {
      const call = (headers: Record<string, string>) => underTest.app.inject({ method, url, headers })
      const answers = [
        await call({}),
        await call(await underTest.as('bso', 'activations.write', { aud: 'urn:gatehouse:service:terms' })),
        await call(await underTest.as('bso', 'user-ids.write')),
        await call(await underTest.as('sign-in', 'activations.write')),
        await call(await underTest.as('bso', 'activations.write', { sub: 'a person' })),
      ]
      assert.deepEqual(
        answers.map(({ statusCode }) => statusCode),
        [401, 401, 403, 403, 403],
      )
    })
  }

  test('whatever is sent, the answer is no 500', async () => {
    await client.request(JAMES, 'CBSV')
    const name = fc.oneof(fc.constantFrom('JAMES8W3', '960002037', 'CBSV'), fc.string({ maxLength: 12 }))
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(name, name, name),
        fc.constantFrom('requests', 'activations'),
        fc.oneof(fc.record({ code: fc.string() }), fc.record({ insteadOf: fc.anything() }), fc.object()),
        async ([ein, bsoUserId, name], what, body) => {
          const path = [ein, bsoUserId].map(encodeURIComponent)
          const url = `/employers/${path[0]}/user-ids/${path[1]}/services/${encodeURIComponent(name)}/${what}`
          const response = await inject('POST', url, body)
          assert.ok(response.statusCode < 500, `${response.statusCode} ${url}`)
        },
      ),
      { numRuns: 200 },
    )
  })
})
