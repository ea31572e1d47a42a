import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, suite, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { userIdAdministration } from '@gatehouse/contracts/user-id-administration'
import { buildForTest } from '@gatehouse/http/testing'
import { Value } from 'typebox/value'
import { service } from '../src/service.ts'
import { personasFile } from './people.ts'

type UnderTest = Awaited<ReturnType<typeof buildForTest>>

const personas = personasFile()
after(() => rmSync(personas.directory, { recursive: true, force: true }))

const order = { by: 'rosa', reason: 'left the company' }

suite('administration', () => {
  let underTest: UnderTest
  before(async () => {
    underTest = await buildForTest(service, { environment: { PERSONAS_FILE: personas.path } })
  })
  after(() => underTest.app.close())

  const inject = async (
    method: 'GET' | 'POST',
    url: string,
    body?: unknown,
    headers?: { authorization: string } | Record<string, never>,
  ) =>
    underTest.app.inject({
      method,
      url,
      headers: headers ?? (await underTest.as('admin', 'user-ids.administer')),
      ...(body ? { payload: body as object } : {}),
    })

  /** The calls that the console makes, checked against their contract. */
  const calls: ServiceCalls = {
    async call(_service, { method, path, body, response }) {
      const answer = await inject(method as 'GET' | 'POST', path, body)
      assert.equal(answer.statusCode, 200, answer.body)
      assert.ok(Value.Check(response, answer.json()), answer.body)
      return answer.json()
    },
  }
  const administration = userIdAdministration(calls)

  const auditOf = (subject: string) =>
    underTest.ground.database
      .selectFrom('auditEvents')
      .select(['event', 'outcome', 'actor', 'details'])
      .select(['reason', 'stateBefore', 'stateAfter'])
      .where('subject', '=', subject)
      .execute()

  test('everything that the console asks for is answered as its contract has it', async () => {
    assert.equal((await administration.search({ by: 'user-id', text: 'J' })).userIds.length, 2)
    assert.equal((await administration.find('MARIA7K2')).holderName, 'MARIA EXAMPLE')
    assert.deepEqual(await administration.ofAccount('nobody/at all', { limit: 3 }), { userIds: [] })
    assert.equal(
      (await administration.names({ userIds: ['MARIA7K2'], eins: ['960001012'] })).companies.length,
      1,
    )
    assert.equal((await administration.searchCompanies()).companies.length, 2)
    assert.equal((await administration.findCompany('960001012')).userIds, 2)
    const { userIds, next } = await administration.userIdsOfCompany('960001012', { limit: 1 })
    assert.equal(userIds.length, 1)
    assert.ok(next)
    assert.equal((await administration.userIdsOfCompany('960001012', { cursor: next })).userIds.length, 1)
  })

  test('an order to disable, its repetition and the enabling are in the audit trail with who, why, before and after', async () => {
    const until = now() + 3_600_000
    const one = { ...order, until, order: 'act-number-one' }
    const first = await administration.disable('MARIA7K2', one)
    assert.equal(first.changed, true)
    assert.equal(first.userId.disabled?.until, until)
    assert.equal((await administration.disable('MARIA7K2', one)).changed, false)
    const other = await administration.disable('MARIA7K2', { ...one, order: 'act-number-two' })
    assert.equal(other.userId.disabled?.orders.length, 2)
    const back = { by: 'amir', reason: 'is back' }
    const still = await administration.enable('MARIA7K2', { ...back, order: 'act-number-two' })
    assert.deepEqual([still.changed, still.userId.disabled?.orders[0]?.order], [true, 'act-number-one'])
    const enabled = await administration.enable('MARIA7K2', back)
    assert.deepEqual([enabled.changed, enabled.userId.disabled], [true, undefined])

    const events = (await auditOf('MARIA7K2')).map(({ details, stateBefore, stateAfter, ...rest }) => ({
      ...rest,
      details: JSON.parse(details),
      before: JSON.parse(stateBefore),
      after: JSON.parse(stateAfter),
    }))
    const byRosa = { event: 'user-id.disabled', outcome: 'success', actor: 'rosa', reason: order.reason }
    const byAmir = { event: 'user-id.enabled', outcome: 'success', actor: 'amir', reason: 'is back' }
    const withOrders = (orders: number) => ({ disabled: true, orders, until })
    const enabledState = { disabled: false }
    assert.deepEqual(events, [
      {
        ...byRosa,
        details: { changed: true, order: 'act-number-one' },
        before: enabledState,
        after: withOrders(1),
      },
      {
        ...byRosa,
        details: { changed: false, order: 'act-number-one' },
        before: withOrders(1),
        after: withOrders(1),
      },
      {
        ...byRosa,
        details: { changed: true, order: 'act-number-two' },
        before: withOrders(1),
        after: withOrders(2),
      },
      {
        ...byAmir,
        details: { changed: true, order: 'act-number-two' },
        before: withOrders(2),
        after: withOrders(1),
      },
      { ...byAmir, details: { changed: true }, before: withOrders(1), after: enabledState },
    ])
  })

  test('a company is disabled and enabled', async () => {
    const { company, changed } = await administration.disableCompany('960002037', order)
    assert.deepEqual([changed, company.disabled?.reason], [true, order.reason])
    const back = await administration.enableCompany('960002037', order)
    assert.deepEqual([back.changed, back.company.disabled], [true, undefined])
    assert.deepEqual(
      (await auditOf('960002037')).map(({ event }) => event),
      ['company.disabled', 'company.enabled'],
    )
  })

  test('refused orders change nothing and are in the audit trail', async () => {
    const over = await inject('POST', '/user-ids/JAMES4Q9/disablements', { ...order, until: now() - 1 })
    assert.deepEqual([over.statusCode, over.json().code], [422, 'end_not_ahead'])
    const unknown = await inject('POST', '/companies/969999999/disablements', order)
    assert.deepEqual([unknown.statusCode, unknown.json().code], [404, 'not_found'])
    assert.equal((await administration.find('JAMES4Q9')).disabled, undefined)
    const [event] = await auditOf('JAMES4Q9')
    assert.deepEqual(
      [event?.event, event?.outcome, event?.details],
      ['user-id.disabled', 'refusal', '{"code":"end_not_ahead"}'],
    )
    assert.equal((await auditOf('969999999'))[0]?.outcome, 'refusal')
  })

  for (const [what, body] of [
    ['no reason', { by: 'rosa' }],
    ['an empty reason', { by: 'rosa', reason: ' ' }],
    ['nobody who orders it', { reason: 'because' }],
    ['an end that is no instant', { ...order, until: '2026-12-01' }],
    ['an unknown field', { ...order, forever: true }],
    ['a name that is no name of an order', { ...order, order: 'short' }],
  ] as const) {
    test(`an order with ${what} is refused`, async () => {
      const response = await inject('POST', '/user-ids/JAMES8W3/disablements', body)
      assert.deepEqual([response.statusCode, response.json().code], [400, 'invalid_request'])
    })
  }

  for (const [method, url, body] of [
    ['POST', '/user-ids/searches', { by: 'user-id', text: 'J' }],
    ['POST', '/names/searches', { userIds: ['MARIA7K2'], eins: [] }],
    ['GET', '/user-ids?accountId=nobody', undefined],
    ['GET', '/user-ids/MARIA7K2', undefined],
    ['POST', '/user-ids/MARIA7K2/disablements', order],
    ['POST', '/user-ids/MARIA7K2/enablements', order],
    ['POST', '/companies/searches', {}],
    ['GET', '/companies/960001012', undefined],
    ['GET', '/companies/960001012/user-ids', undefined],
    ['POST', '/companies/960001012/disablements', order],
    ['POST', '/companies/960001012/enablements', order],
  ] as const) {
    test(`${method} ${url} is for the console alone (RFC 6750 section 3.1)`, async () => {
      assert.equal((await inject(method, url, body, {})).statusCode, 401)
      for (const [caller, scope] of [
        ['sign-in', 'user-ids.administer'],
        ['admin', 'user-ids.write'],
      ] as const) {
        const refused = await inject(method, url, body, await underTest.as(caller, scope))
        assert.deepEqual([refused.statusCode, refused.json().code], [403, 'insufficient_scope'])
      }
      assert.equal((await inject(method, url, body)).statusCode, 200)
    })
  }
})
