import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { type AdministratorTable, sqlAdministrators } from '../src/administrators/administrators.ts'
import { migrations } from '../src/migrations.ts'
import { OPERATOR, startDesk } from './desk.ts'

const REVOKER = { roles: ['revoker' as const] }

onEveryEngine(({ freshDatabase }) => {
  async function open() {
    const database = await openDatabase<AdministratorTable>(await freshDatabase(), 'admin')
    await migrate(database, migrations)
    return { ...sqlAdministrators(database), [Symbol.asyncDispose]: () => database.destroy() }
  }

  test('the first subject is bound, and another with the same address is nobody', async () => {
    await using administrators = await open()
    const { after } = await administrators.put('Rosa@Example.com', REVOKER)
    assert.equal(await administrators.of('rosa'), undefined)
    assert.deepEqual(await administrators.admit('rosa@EXAMPLE.com', 'rosa'), { kind: 'bound', id: after.id })
    assert.deepEqual(await administrators.admit('rosa@example.com', 'rosa'), { kind: 'known', id: after.id })
    assert.equal((await administrators.admit('rosa@example.com', 'mallory')).kind, 'another-subject')
    assert.equal(await administrators.of('mallory'), undefined)
    assert.equal((await administrators.of('rosa'))?.email, 'rosa@example.com')
  })

  test('who is bound stays the same administrator when the address at the provider changes', async () => {
    await using administrators = await open()
    const { after } = await administrators.put('rosa@example.com', REVOKER)
    await administrators.put('amir@example.com', REVOKER)
    await administrators.admit('rosa@example.com', 'rosa')
    assert.deepEqual(await administrators.admit('amir@example.com', 'rosa'), { kind: 'known', id: after.id })
    assert.equal((await administrators.find('amir@example.com'))?.subject, null)
  })

  test('of twenty subjects at once, one is bound', async () => {
    await using administrators = await open()
    await administrators.put('rosa@example.com', REVOKER)
    const admissions = await Promise.all(
      Array.from({ length: 20 }, (_, index) => administrators.admit('rosa@example.com', `subject-${index}`)),
    )
    assert.equal(admissions.filter(({ kind }) => kind === 'bound').length, 1)
    assert.equal(admissions.filter(({ kind }) => kind === 'another-subject').length, 19)
  })

  test('a change of roles leaves the binding alone; a removal frees it and keeps the name for the audit trail', async () => {
    await using administrators = await open()
    const first = await administrators.put('rosa@example.com', { ...REVOKER, name: 'Rosa Sample' })
    await administrators.admit('rosa@example.com', 'rosa')
    const { before, after } = await administrators.put('rosa@example.com', { roles: ['viewer'] })
    assert.deepEqual(before?.roles, ['revoker'])
    assert.equal(after.subject, 'rosa')
    assert.equal(after.name, 'Rosa Sample')

    await administrators.remove('rosa@example.com')
    assert.equal(await administrators.of('rosa'), undefined)
    assert.equal(await administrators.byId(first.after.id), undefined)
    assert.equal((await administrators.named([first.after.id]))[0]?.name, 'Rosa Sample')
    await administrators.put('rosa@example.com', REVOKER)
    assert.equal((await administrators.admit('rosa@example.com', 'somebody-else')).kind, 'bound')
  })

  test('who was added once stays removed', async () => {
    await using administrators = await open()
    await administrators.addOnce('persona-rosa', 'rosa@example.com', REVOKER)
    await administrators.remove('rosa@example.com')
    await administrators.addOnce('persona-rosa', 'rosa@example.com', REVOKER)
    assert.deepEqual(await administrators.all(), [])
  })
})

test('administrators are added, changed, listed and removed with the operator’s token alone', async () => {
  await using desk = await startDesk()
  const made = await desk.operator('PUT', '/Rosa@example.com', { roles: ['viewer'], name: 'Rosa Sample' })
  assert.equal(made.statusCode, 201)
  assert.equal(made.json().email, 'rosa@example.com')
  const changed = await desk.operator('PUT', '/rosa@example.com', { roles: ['revoker', 'approver'] })
  assert.equal(changed.statusCode, 200)
  assert.deepEqual(changed.json(), { ...made.json(), roles: ['revoker', 'approver'] })
  assert.deepEqual((await desk.operator('GET', '')).json(), { administrators: [changed.json()] })
  const [told] = await desk.told('administrator.changed')
  assert.deepEqual(JSON.parse(told?.stateBefore ?? ''), { roles: 'viewer' })
  assert.deepEqual(JSON.parse(told?.stateAfter ?? ''), { roles: 'revoker approver' })

  const rosa = await desk.administrator('rosa', ['revoker', 'approver'])
  for (const token of [undefined, `${OPERATOR}x`, rosa.token]) {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/rosa@example.com'],
      ['PUT', '/mallory@example.com'],
      ['DELETE', '/rosa@example.com'],
    ] as const) {
      const payload = method === 'PUT' ? { roles: ['revoker'] } : undefined
      const answer = await desk.call(method, `/administrators${path}`, token, payload)
      assert.equal(answer.statusCode, 401)
    }
  }
  assert.equal((await desk.operator('DELETE', '/rosa@example.com')).statusCode, 204)
  assert.equal((await desk.operator('DELETE', '/rosa@example.com')).statusCode, 404)
})

test('what is no address or no role is refused by field and rule', async () => {
  await using desk = await startDesk()
  for (const email of ['rosa', '@example.com', 'a@b@c', 'rosa%20x@example.com'])
    assert.equal((await desk.operator('PUT', `/${email}`, REVOKER)).statusCode, 400, email)
  for (const body of [
    {},
    { roles: [] },
    { roles: ['admin'] },
    { roles: ['viewer', 'viewer'] },
    { ...REVOKER, more: 1 },
  ])
    assert.equal((await desk.operator('PUT', '/rosa@example.com', body)).statusCode, 400)
  assert.deepEqual((await desk.operator('GET', '')).json(), { administrators: [] })
})

test('only a sign-in with a security key binds an administrator', async () => {
  await using desk = await startDesk()
  await desk.operator('PUT', '/rosa@example.com', REVOKER)
  const rosa = { sub: 'subject-rosa', email: 'rosa@example.com' }
  const phished = await desk.call('GET', '/api/me', await desk.tokenOf({ ...rosa, amr: ['mfa'] }))
  assert.equal(phished.json().code, 'not_administrator')
  const bound = await desk.call('GET', '/api/me', await desk.tokenOf(rosa))
  assert.equal(bound.statusCode, 200)
  const mallory = await desk.tokenOf({ ...rosa, sub: 'subject-mallory' })
  assert.equal((await desk.call('GET', '/api/me', mallory)).json().code, 'not_administrator')
  assert.equal((await desk.told('administrator.bound')).length, 1)
  assert.equal((await desk.told('administrator.not-bound')).length, 1)
})

test('personas are administrators at their first start, in the test profile only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'administrators-'))
  try {
    const file = join(folder, 'personas.json')
    const persona = {
      id: 'rosa',
      about: 'a revoker',
      firstName: 'Rosa',
      lastName: 'Sample',
      email: 'rosa@example.com',
      phoneNumber: '+12025550148',
      dateOfBirth: '1979-05-23',
      address: { street: '700 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
      proofing: 'proofed',
      userIds: [],
      password: 'a-password-for-this-test',
    }
    const personas = [
      { ...persona, administrator: { roles: ['revoker'] } },
      { ...persona, id: 'maria', email: 'maria@example.com' },
    ]
    await writeFile(file, JSON.stringify({ companies: [], personas }))
    await using desk = await startDesk({ environment: { PERSONAS_FILE: file } })
    const { administrators } = (await desk.operator('GET', '')).json()
    assert.deepEqual(
      administrators.map(({ email, roles, name }: Record<string, unknown>) => [email, roles, name]),
      [['rosa@example.com', ['revoker'], 'Rosa Sample']],
    )
    const live = startDesk({ environment: { PERSONAS_FILE: file, PROFILE: 'live' } })
    await assert.rejects(live, /PERSONAS_FILE/)
    await writeFile(file, '{"personas": "secret-value"}')
    const broken = startDesk({ environment: { PERSONAS_FILE: file } })
    await assert.rejects(
      broken,
      (error: Error) => /PERSONAS_FILE/.test(error.message) && !/secret-value/.test(error.message),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
