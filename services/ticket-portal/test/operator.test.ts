import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { enrolments } from '@gatehouse/contracts/enrolments'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { buildForTest } from '@gatehouse/http/testing'
import { service } from '../src/service.ts'
import { EMPLOYMENT, OPERATOR, startPortal } from './portal.ts'

test('enrolments are made, changed, listed and taken away with the operator’s token', async () => {
  await using portal = await startPortal()
  const made = await portal.operator('PUT', '/RuthTemplate79', EMPLOYMENT)
  assert.equal(made.statusCode, 201)
  const { id, enrolledAt, ...rest } = made.json()
  assert.deepEqual(rest, { username: 'ruthtemplate79', ...EMPLOYMENT })
  const changed = await portal.operator('PUT', '/RUTHTEMPLATE79', { ...EMPLOYMENT, kind: 'VRA' })
  assert.equal(changed.statusCode, 200)
  assert.deepEqual(changed.json(), { ...made.json(), kind: 'VRA' })
  assert.deepEqual((await portal.operator('GET', '')).json(), { enrolments: [changed.json()] })
  assert.deepEqual((await portal.operator('GET', '/RuthTemplate79')).json(), changed.json())

  await portal.browser().signIn(portal.signIn)
  const { boundAt } = (await portal.operator('GET', '/RuthTemplate79')).json()
  assert.ok(Number.isInteger(boundAt) && boundAt >= enrolledAt)

  assert.equal((await portal.operator('DELETE', '/RuthTemplate79')).statusCode, 204)
  for (const method of ['GET', 'DELETE'] as const)
    assert.equal((await portal.operator(method, '/RuthTemplate79')).statusCode, 404)
  assert.deepEqual((await portal.operator('GET', '')).json(), { enrolments: [] })
})

test('without the operator’s token, or the console’s, nothing is told or done', async () => {
  await using portal = await startPortal()
  await portal.operator('PUT', '/RuthTemplate79', EMPLOYMENT)
  const session = portal.browser()
  await session.signIn(portal.signIn)
  const cookie = [...session.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  for (const headers of [{}, { authorization: `Bearer ${OPERATOR}x` }, { cookie }])
    for (const [method, url] of [
      ['GET', '/enrolments'],
      ['GET', '/enrolments/RuthTemplate79'],
      ['PUT', '/enrolments/DanielPattern68'],
      ['DELETE', '/enrolments/RuthTemplate79'],
    ] as const) {
      const payload = method === 'PUT' ? { payload: EMPLOYMENT } : {}
      const answer = await portal.app.inject({ method, url, headers, ...payload })
      assert.equal(answer.statusCode, 401)
      assert.equal(answer.json().code, 'invalid_token')
    }
  for (const headers of [await portal.as('lab', 'clock.write'), await portal.as('lab', 'enrolments.write')]) {
    const answer = await portal.app.inject({ url: '/enrolments', headers })
    assert.deepEqual([answer.statusCode, answer.json().code], [403, 'insufficient_scope'])
  }
  assert.equal((await portal.operator('GET', '')).json().enrolments.length, 1)
})

test('the administrators’ console enrols and removes people, and reads the list page by page', async () => {
  await using portal = await startPortal()
  const service = enrolments(callsTo(portal, 'admin'))
  const made = await service.enrol('RuthTemplate79', EMPLOYMENT)
  await service.enrol('DanielPattern68', { ...EMPLOYMENT, kind: 'VRA' })
  await service.enrol('MariaExample84', EMPLOYMENT)
  assert.deepEqual(await service.find('ruthtemplate79'), made)
  const first = await service.list({ limit: 2 })
  const second = await service.list({ limit: 2, cursor: first.next })
  assert.deepEqual(
    [...first.enrolments, ...second.enrolments].map(({ username }) => username),
    ['danielpattern68', 'mariaexample84', 'ruthtemplate79'],
  )
  assert.equal(second.next, undefined)
  await service.remove('MariaExample84')
  await assert.rejects(service.find('MariaExample84'), { code: 'not_found' })
  await assert.rejects(service.list({ cursor: 'made-up' }), { code: 'invalid_request' })
  const audited = await portal.ground.database.selectFrom('auditEvents').select(['event', 'actor']).execute()
  assert.deepEqual(
    audited.map(({ event, actor }) => [event, actor]),
    [
      ['enrolment.made', 'admin'],
      ['enrolment.made', 'admin'],
      ['enrolment.made', 'admin'],
      ['enrolment.removed', 'admin'],
    ],
  )
})

test('what is no username or no employment is refused by field and rule, without the value', async () => {
  await using portal = await startPortal()
  for (const username of ['short7', 'x'.repeat(21), 'Ruth-Template', 'Ruth%20Template', '%E2%84%AAimsKiosk1'])
    assert.equal((await portal.operator('PUT', `/${username}`, EMPLOYMENT)).statusCode, 400, username)
  for (const body of [
    {},
    { ...EMPLOYMENT, kind: 'secret-value' },
    { ...EMPLOYMENT, organization: '  ' },
    { ...EMPLOYMENT, organization: 'secret-value\nnext line' },
    { ...EMPLOYMENT, organization: 'x'.repeat(101) },
    { ...EMPLOYMENT, extra: 'secret-value' },
  ]) {
    const answer = await portal.operator('PUT', '/RuthTemplate79', body)
    assert.equal(answer.statusCode, 400, JSON.stringify(body))
    assert.equal(answer.json().code, 'invalid_request')
    assert.doesNotMatch(answer.body, /secret-value/)
  }
  assert.deepEqual((await portal.operator('GET', '')).json(), { enrolments: [] })
})

test('personas are enrolled at their first start, and a removed one stays removed over a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ticket-portal-'))
  try {
    const file = join(folder, 'personas.json')
    const persona = {
      id: 'ruth',
      about: 'enrolled',
      firstName: 'Ruth',
      lastName: 'Template',
      email: 'ruth@example.com',
      phoneNumber: '+12025550148',
      dateOfBirth: '1979-05-23',
      address: { street: '700 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
      proofing: 'proofed',
      userIds: [],
      password: 'a-password-for-this-test',
    }
    const mySsa = { username: 'RuthTemplate79', extraSecurity: 'on' }
    const personas = [
      { ...persona, mySsa, ticketPortal: EMPLOYMENT },
      { ...persona, id: 'maria', mySsa: { ...mySsa, username: 'MariaExample84' } },
      { ...persona, id: 'nadia', ticketPortal: EMPLOYMENT },
    ]
    await writeFile(file, JSON.stringify({ companies: [], personas }))
    const environment = { PERSONAS_FILE: file, OPERATOR_TOKEN: OPERATOR }
    const headers = { authorization: `Bearer ${OPERATOR}` }
    const start = () =>
      buildForTest(service, { environment, databaseUrl: `sqlite:${join(folder, 'database')}` })
    async function enrolled() {
      const { app } = await start()
      const list = (await app.inject({ url: '/enrolments', headers })).json().enrolments
      await app.close()
      return list.map(({ username }: { username: string }) => username)
    }

    assert.deepEqual(await enrolled(), ['ruthtemplate79'])
    assert.deepEqual(await enrolled(), ['ruthtemplate79'])
    const { app } = await start()
    await app.inject({ method: 'DELETE', url: '/enrolments/RuthTemplate79', headers })
    await app.close()
    assert.deepEqual(await enrolled(), [])

    for (const [content, profile] of [
      ['{"personas": "secret-value"}', 'test'],
      ['secret-value', 'test'],
      [JSON.stringify({ companies: [], personas }), 'live'],
    ] as const) {
      await writeFile(file, content)
      const broken = buildForTest(service, { environment: { ...environment, PROFILE: profile } })
      await assert.rejects(
        broken,
        (error: Error) => /PERSONAS_FILE/.test(error.message) && !/secret-value/.test(error.message),
      )
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
