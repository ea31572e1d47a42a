import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDesk } from './desk.ts'
import { WHY } from './examples.ts'
import { EIN } from './owners.ts'

const COMPANY = { target: { kind: 'ein', value: EIN }, ...WHY, lasting: true }
const CARRIED_OUT = [`bso-user-ids POST /companies/${EIN}/disablements`, 'sign-in POST /revocations']

async function startWithTwo() {
  const desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker', 'approver'])
  const amir = await desk.administrator('amir', ['approver'])
  return {
    ...desk,
    rosa,
    amir,
    async ask(order: object = COMPANY) {
      return (await rosa.post('/revocations', order)).json().act.actId as string
    },
  }
}

test('a company, a provider and everything are only ended once another administrator has approved it', async () => {
  await using desk = await startWithTwo()
  for (const [target, calls] of [
    [{ kind: 'ein', value: EIN }, CARRIED_OUT.slice(1)],
    [{ kind: 'provider', value: 'login.gov' }, CARRIED_OUT.slice(1)],
    [{ kind: 'everything', value: '*' }, CARRIED_OUT.slice(1)],
  ] as const) {
    const before = desk.owners.done().length
    const answer = await desk.rosa.post('/revocations', { target, ...WHY })
    const { act } = answer.json()
    assert.equal(act.state, 'awaiting-approval')
    assert.equal(desk.owners.done().length, before, 'nothing is done yet')
    const approved = (await desk.amir.post(`/approvals/${act.actId}/approvals`, WHY)).json()
    assert.equal(approved.act.state, 'done')
    assert.equal(approved.act.decidedBy, desk.amir.administratorId)
    assert.deepEqual(desk.owners.done().slice(before), calls)
    assert.equal(approved.revocation.by, desk.rosa.administratorId)
  }
  const [told] = await desk.told('request.approved')
  assert.equal(told?.actor, desk.amir.administratorId)
  assert.equal(told?.reason, WHY.reason)
  const [decided] = await desk.told('order.decided')
  assert.equal(decided?.actor, desk.amir.administratorId)
  assert.equal(JSON.parse(decided?.details ?? '').to, 'under-way')
  const [ended] = await desk.told('access.ended')
  assert.equal(JSON.parse(ended?.details ?? '').approvedBy, desk.amir.administratorId)
})

test('disabling and enabling a company wait for approval as its revocation does', async () => {
  await using desk = await startWithTwo()
  const disable = (await desk.rosa.post(`/companies/${EIN}/disablements`, WHY)).json().act
  assert.equal(disable.state, 'awaiting-approval')
  assert.equal((await desk.amir.post(`/approvals/${disable.actId}/approvals`, WHY)).json().act.state, 'done')
  assert.deepEqual(desk.owners.done(), CARRIED_OUT)
  const enable = (await desk.rosa.post(`/companies/${EIN}/enablements`, WHY)).json().act
  assert.equal(enable.state, 'awaiting-approval')
  assert.ok(desk.owners.disabled.has(EIN))
  await desk.amir.post(`/approvals/${enable.actId}/approvals`, WHY)
  assert.ok(!desk.owners.disabled.has(EIN))
})

test('reinstating a provider waits for approval as its revocation did', async () => {
  await using desk = await startWithTwo()
  const target = { kind: 'provider', value: 'login.gov' }
  const actId = await desk.ask({ target, ...WHY, lasting: true })
  await desk.amir.post(`/approvals/${actId}/approvals`, WHY)
  const { act } = (await desk.rosa.post(`/revocations/${actId}/reinstatements`, WHY)).json()
  assert.equal(act.state, 'awaiting-approval')
  assert.equal(desk.owners.revocations.get(actId)?.standing, true)
  await desk.amir.post(`/approvals/${act.actId}/approvals`, WHY)
  assert.equal(desk.owners.revocations.get(actId)?.standing, false)
})

test('nobody decides about what they asked for themselves, whatever their roles, and the attempt is told', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask()
  for (const way of ['approvals', 'refusals']) {
    const answer = await desk.rosa.post(`/approvals/${actId}/${way}`, WHY)
    assert.equal(answer.statusCode, 403)
    assert.equal(answer.json().code, 'own_request')
  }
  assert.deepEqual(desk.owners.done(), [])
  const [told] = await desk.told('request.approved')
  assert.equal(told?.outcome, 'refusal')
  assert.equal(JSON.parse(told?.details ?? '').because, 'own_request')
})

test('a request is decided once', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask()
  assert.equal((await desk.amir.post(`/approvals/${actId}/refusals`, WHY)).json().act.state, 'refused')
  for (const way of ['approvals', 'refusals']) {
    const answer = await desk.amir.post(`/approvals/${actId}/${way}`, WHY)
    assert.equal(answer.statusCode, 409)
    assert.equal(answer.json().code, 'already_decided')
  }
  assert.equal((await desk.rosa.post(`/approvals/${actId}/withdrawals`, WHY)).json().code, 'already_decided')
  assert.deepEqual(desk.owners.done(), [])
})

test('of ten approvals and refusals at once one counts, and the act is carried out once at most', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask()
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      desk.amir.post(`/approvals/${actId}/${index % 2 === 0 ? 'approvals' : 'refusals'}`, WHY),
    ),
  )
  assert.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1)
  const { state } = (await desk.amir.get(`/acts/${actId}`)).json().act
  assert.deepEqual(desk.owners.done(), state === 'done' ? CARRIED_OUT : [])
})

test('after 24 hours nobody can approve a request any more', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask()
  advanceClock(24 * 60 * 60 * 1000)
  const late = await desk.tokenOf({ sub: 'subject-amir', email: 'amir@example.com' })
  const answer = await desk.call('POST', `/api/approvals/${actId}/approvals`, late, WHY)
  assert.equal(answer.statusCode, 409)
  assert.equal(answer.json().code, 'request_expired')
  const { acts } = (await desk.call('GET', '/api/approvals?state=expired', late)).json()
  assert.equal(acts[0].actId, actId)
  const waiting = (await desk.call('GET', '/api/approvals?state=awaiting-approval', late)).json()
  assert.deepEqual(waiting.acts, [])
})

test('who asked can withdraw, and nobody else can', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask()
  const other = await desk.administrator('other', ['revoker'])
  assert.equal((await other.post(`/approvals/${actId}/withdrawals`, WHY)).json().code, 'not_own_request')
  assert.equal((await desk.rosa.post(`/approvals/${actId}/withdrawals`, WHY)).json().act.state, 'withdrawn')
  assert.equal((await desk.amir.post(`/approvals/${actId}/approvals`, WHY)).json().code, 'already_decided')
})

test('a request of somebody who may not ask any more is not approved', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask()
  await desk.operator('PUT', `/${desk.rosa.email}`, { roles: ['viewer'] })
  assert.equal(
    (await desk.amir.post(`/approvals/${actId}/approvals`, WHY)).json().code,
    'requester_without_role',
  )
  await desk.operator('DELETE', `/${desk.rosa.email}`)
  assert.equal(
    (await desk.amir.post(`/approvals/${actId}/approvals`, WHY)).json().code,
    'requester_without_role',
  )
  assert.deepEqual(desk.owners.done(), [])
})

test('an act that needed no approval is nothing to decide about', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask({ target: { kind: 'session', value: 'sid' }, ...WHY })
  assert.equal((await desk.amir.post(`/approvals/${actId}/approvals`, WHY)).statusCode, 404)
})

test('an approved act whose owner is away is under way, and finished when it is back', async () => {
  await using desk = await startWithTwo()
  const actId = await desk.ask()
  desk.owners.down.add('sign-in').add('bso-user-ids')
  assert.equal((await desk.amir.post(`/approvals/${actId}/approvals`, WHY)).json().act.state, 'under-way')
  desk.owners.down.clear()
  assert.equal((await desk.rosa.post(`/acts/${actId}/retries`, WHY)).json().act.state, 'done')
})
