import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { createLogger } from '@gatehouse/http/logging'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import type { Order } from '../src/acts/act.ts'
import { createCarryingOut } from '../src/acts/carrying-out.ts'
import { createActStore } from '../src/acts/store.ts'
import type { ActTable } from '../src/acts/table.ts'
import { migrations } from '../src/migrations.ts'
import { startDesk } from './desk.ts'
import { WHY } from './examples.ts'
import { ACCOUNT, createOwners, EIN, USER_ID } from './owners.ts'

const DISABLE = `bso-user-ids POST /user-ids/${USER_ID}/disablements`
const REVOKE = 'sign-in POST /revocations'

test('revoking answers what was ended and how long each gateway took', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const order = { target: { kind: 'account', value: ACCOUNT }, ...WHY, ticket: 'SEC-7', lasting: true }
  const answer = await rosa.post('/revocations', order)
  assert.equal(answer.statusCode, 201)
  const { act, revocation } = answer.json()
  assert.equal(act.state, 'done')
  assert.equal(revocation.by, rosa.administratorId)
  assert.equal(revocation.lasting, true)
  assert.equal(revocation.ticket, 'SEC-7')
  assert.equal(revocation.enforcement[0].milliseconds, 3)
  const shown = (await rosa.get(`/revocations/${revocation.revocationId}`)).json()
  assert.deepEqual(shown.acts, [act])

  const [ordered] = await desk.told('revocation.ordered')
  assert.equal(ordered?.actor, rosa.administratorId)
  assert.equal(ordered?.reason, WHY.reason)
  assert.deepEqual(JSON.parse(ordered?.stateAfter ?? ''), {
    act: act.actId,
    state: 'done',
    sessions: 1,
    grants: 2,
    refreshTokens: 1,
  })
  assert.equal((await desk.told('access.ended')).length, 1)
  const [taken] = await desk.told('order.taken')
  assert.equal(taken?.actor, rosa.administratorId)
  assert.equal(JSON.parse(taken?.details ?? '').act, act.actId)
})

test('a User ID is disabled by its owner first, and then what is in flight ends', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const { act, revocation } = (await rosa.post(`/user-ids/${USER_ID}/disablements`, WHY)).json()
  assert.equal(act.state, 'done')
  assert.deepEqual(desk.owners.done(), [DISABLE, REVOKE])
  assert.equal(revocation.lasting, false, 'its owner keeps it')
  assert.equal((await rosa.get(`/user-ids/${USER_ID}`)).json().disabled.by, rosa.administratorId)
  const [told] = await desk.told('user-id.disabled')
  assert.deepEqual(JSON.parse(told?.stateBefore ?? ''), { disabled: false })

  const again = await rosa.post(`/user-ids/${USER_ID}/enablements`, WHY)
  assert.equal(again.json().act.state, 'done')
  assert.equal((await rosa.get(`/user-ids/${USER_ID}`)).json().disabled, undefined)
})

test('while the owner of User IDs is away what is in flight ends at once, and both are done when it is back', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const order = { target: { kind: 'bso_user_id', value: USER_ID }, ...WHY, lasting: true }
  desk.owners.down.add('bso-user-ids')
  const half = (await rosa.post('/revocations', order)).json().act
  assert.equal(half.state, 'under-way')
  assert.deepEqual(
    half.steps.map(({ step, state, because }: Record<string, string>) => [step, state, because]),
    [
      ['disable', 'failed', 'service_unavailable'],
      ['revoke', 'to-do', undefined],
    ],
  )
  assert.deepEqual([...desk.owners.revocations.keys()], [`${half.actId}-meanwhile`])
  assert.deepEqual((await rosa.get('/acts?state=under-way')).json().acts, [half])

  desk.owners.down.clear()
  const whole = (await rosa.post(`/acts/${half.actId}/retries`, WHY)).json()
  assert.equal(whole.act.state, 'done')
  assert.deepEqual([...desk.owners.revocations.keys()], [`${half.actId}-meanwhile`, half.actId])
  assert.ok(desk.owners.disabled.has(USER_ID))
  const nothing = await rosa.post(`/acts/${half.actId}/retries`, WHY)
  assert.equal(nothing.json().code, 'act_not_repeatable')
})

test('what an owner refuses is refused by its code, and is not tried again', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  desk.owners.refuse.set(REVOKE, { status: 422, code: 'target_unknown' })
  const answer = await rosa.post('/revocations', { target: { kind: 'session', value: 'none' }, ...WHY })
  assert.equal(answer.statusCode, 422)
  assert.equal(answer.json().code, 'target_unknown')
  const [act] = (await rosa.get('/acts')).json().acts
  assert.equal(act.state, 'failed')
  assert.equal(act.failure, 'target_unknown')
  const [told] = await desk.told('revocation.ordered')
  assert.equal(told?.outcome, 'refusal')
})

test('what ends once cannot be ended for longer, and an end date needs something that lasts', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  for (const [body, code] of [
    [{ target: { kind: 'session', value: 'sid' }, lasting: true }, 'cannot_last'],
    [{ target: { kind: 'everything', value: '*' }, lasting: true }, 'cannot_last'],
    [{ target: { kind: 'account', value: ACCOUNT }, endsAt: now() + 1000 }, 'end_not_usable'],
  ] as const) {
    const answer = await rosa.post('/revocations', { ...body, ...WHY })
    assert.equal(answer.statusCode, 422)
    assert.equal(answer.json().code, code)
  }
  assert.deepEqual(desk.owners.done(), [])
})

test('every change needs a reason of three characters, without a number of nine digits', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const target = { kind: 'account', value: ACCOUNT }
  for (const reason of [
    undefined,
    '',
    'ab',
    '     ',
    'x'.repeat(501),
    'her SSN is 900-12-3456',
    'her SSN is 900123456',
    'first line\n900123456\nlast line',
    'a\u0000b c',
  ]) {
    const answer = await rosa.post('/revocations', { target, reason })
    assert.equal(answer.statusCode, 400, String(reason))
    assert.doesNotMatch(answer.body, /900-?12-?3456/)
  }
  assert.deepEqual(desk.owners.done(), [])
  for (const reason of ['abc', 'EIN 12-3456789 asked', 'two\nlines', 'call 2025550123'])
    assert.equal((await rosa.post('/revocations', { target, reason })).statusCode, 201, reason)
})

test('reinstating is an act of its own, and a second one is refused', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const target = { kind: 'account', value: ACCOUNT }
  const { revocation } = (await rosa.post('/revocations', { target, ...WHY, lasting: true })).json()
  const path = `/revocations/${revocation.revocationId}/reinstatements`
  const { act } = (await rosa.post(path, WHY)).json()
  assert.equal(act.operation, 'reinstate')
  assert.equal(act.state, 'done')
  assert.equal((await rosa.post(path, WHY)).json().code, 'not_standing')
  const [told] = await desk.told('access.reinstated')
  assert.equal(told?.subject, `account ${ACCOUNT}`)
})

onEveryEngine(({ freshDatabase }) => {
  const order: Order = {
    operation: 'revoke',
    kind: 'bso_user_id',
    value: USER_ID,
    reason: 'because',
    lasting: true,
    steps: ['disable', 'revoke'],
  }

  async function open(owners = createOwners()) {
    const database = await openDatabase<ActTable>(await freshDatabase(), 'admin')
    await migrate(database, migrations)
    const store = createActStore(database)
    const told: string[] = []
    const tell = async ({ event }: { event: string }) => void told.push(event)
    const audit = { record: tell, recordIn: async (_: unknown, event: { event: string }) => tell(event) }
    const log = createLogger('admin', { LOG_LEVEL: 'silent' })
    const carryingOut = createCarryingOut({ store, calls: owners.calls, audit, log })
    return { store, owners, told, carryingOut, [Symbol.asyncDispose]: () => database.destroy() }
  }

  test('wherever an act breaks off, resuming it does each step once and tells of it once', async () => {
    for (const lost of [DISABLE, REVOKE]) {
      await using console = await open()
      const { store, owners, carryingOut, told } = console
      await store.keep('act-number-1', order, 'rosa', false)
      // As if the process ended between the owner's answer and the note of it.
      owners.loseAnswer.add(lost)
      assert.equal((await carryingOut.now('act-number-1'))?.state, 'under-way')
      await carryingOut.resume()
      assert.equal((await store.find('act-number-1'))?.state, 'under-way', 'not at once')
      advanceClock(5_000)
      await carryingOut.resume()
      const act = await store.find('act-number-1')
      assert.equal(act?.state, 'done', lost)
      assert.deepEqual(act?.revocationId, 'act-number-1')
      assert.equal(owners.disabled.size, 1)
      assert.ok(owners.revocations.has('act-number-1'))
      assert.deepEqual(told, ['access.ended'])
      await carryingOut.resume()
      assert.deepEqual(told, ['access.ended'])
    }
  })

  test('an act that was stored and never begun is carried out after a restart', async () => {
    await using console = await open()
    const { store, owners, carryingOut } = console
    await store.keep('act-number-2', order, 'rosa', false)
    await carryingOut.resume()
    assert.equal((await store.find('act-number-2'))?.state, 'done')
    assert.deepEqual(owners.done(), [DISABLE, REVOKE])
  })

  test('a reinstatement of which the answer was lost counts as done, and one that somebody else made does not', async () => {
    await using console = await open()
    const { store, owners, carryingOut } = console
    const revoke = { ...order, kind: 'account' as const, value: ACCOUNT, steps: ['revoke' as const] }
    const reinstate = {
      ...revoke,
      operation: 'reinstate' as const,
      lasting: false,
      steps: ['reinstate' as const],
    }
    await store.keep('act-number-3', revoke, 'rosa', false)
    await carryingOut.now('act-number-3')
    await store.keep('act-number-4', { ...reinstate, revocationId: 'act-number-3' }, 'rosa', false)
    owners.loseAnswer.add('sign-in POST /revocations/history/act-number-3/reinstatements')
    assert.equal((await carryingOut.now('act-number-4'))?.state, 'under-way')
    assert.equal((await carryingOut.again('act-number-4'))?.state, 'done')

    await store.keep('act-number-5', { ...reinstate, revocationId: 'act-number-3' }, 'amir', false)
    const late = await carryingOut.now('act-number-5')
    assert.equal(late?.state, 'failed')
    assert.equal(late?.failure, 'not_standing')
  })

  test('of twenty that carry out one act at once, one does', async () => {
    await using console = await open()
    const { store, owners, carryingOut, told } = console
    await store.keep('act-number-6', order, 'rosa', false)
    await Promise.all(Array.from({ length: 20 }, () => carryingOut.now('act-number-6')))
    assert.deepEqual(owners.done(), [DISABLE, REVOKE])
    assert.deepEqual(told, ['access.ended'])
  })

  test('of twenty decisions at once about one request, one counts', async () => {
    await using console = await open()
    const { store } = console
    await store.keep('act-number-7', { ...order, kind: 'ein', value: EIN }, 'rosa', true)
    const decisions = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.decide('act-number-7', {
          by: `approver-${index}`,
          to: index % 2 === 0 ? 'under-way' : 'refused',
          reason: 'decided',
        }),
      ),
    )
    assert.equal(decisions.filter(Boolean).length, 1)
    const { decidedBy } = (await store.find('act-number-7')) ?? {}
    assert.equal(decidedBy, `approver-${decisions.indexOf(true)}`)
  })

  test('an act is taken, decided about and ended together with its entry in the audit trail, or not at all (ASVS 16.2.1)', async () => {
    await using console = await open()
    const { store } = console
    const lost = async () => {
      throw new Error('the trail could not be written')
    }
    await assert.rejects(store.keep('act-number-9', order, 'rosa', true, lost), /trail/)
    assert.equal(await store.find('act-number-9'), undefined)
    await store.keep('act-number-9', order, 'rosa', true)
    const decision = { by: 'amir', to: 'under-way', reason: 'fine' } as const
    await assert.rejects(store.decide('act-number-9', decision, lost), /trail/)
    assert.equal((await store.find('act-number-9'))?.state, 'awaiting-approval')
    assert.equal(await store.decide('act-number-9', decision), true)
    await assert.rejects(store.end('act-number-9', { to: 'done' }, lost), /trail/)
    assert.equal((await store.find('act-number-9'))?.state, 'under-way')

    let told = 0
    const tell = async () => {
      told += 1
    }
    await store.keep('act-number-9', order, 'rosa', true, tell)
    await store.decide('act-number-9', decision, tell)
    assert.equal(told, 0, 'of what was so already nothing is told')
    await Promise.all(Array.from({ length: 5 }, () => store.end('act-number-9', { to: 'done' }, tell)))
    assert.equal(told, 1)
  })

  test('no way of calling the store lets somebody decide about an act of their own, or after its time', async () => {
    await using console = await open()
    const { store } = console
    await store.keep('act-number-8', order, 'rosa', true)
    const own = { by: 'rosa', to: 'under-way', reason: 'mine' } as const
    assert.equal(await store.decide('act-number-8', own), false)
    assert.equal(await store.decide('act-number-8', { ...own, by: 'amir', to: 'withdrawn' }), false)
    advanceClock(24 * 60 * 60 * 1000)
    assert.equal(await store.decide('act-number-8', { ...own, by: 'amir' }), false)
    assert.equal((await store.find('act-number-8'))?.state, 'expired')
  })
})
