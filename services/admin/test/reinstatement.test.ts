import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { location } from '@gatehouse/relying-party/browser-for-tests'
import { atConsole, expectPage, hiddenValue } from './console.ts'
import { startDesk } from './desk.ts'
import { WHY } from './examples.ts'
import { EIN, USER_ID } from './owners.ts'

const DISABLE = { target: { kind: 'bso_user_id', value: USER_ID }, lasting: true }
const HOUR = 60 * 60 * 1000

async function startWithOrders() {
  const desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  return {
    ...desk,
    rosa,
    /** Disables the User ID once more and answers the id of the act, and that of its revocation. */
    async disable(reason: string, more: object = {}) {
      const { act } = (await rosa.post('/revocations', { ...DISABLE, ...more, reason })).json()
      assert.equal(act.state, 'done')
      return { actId: act.actId as string, revocationId: act.revocationId as string }
    },
    reinstate: (revocationId: string) => rosa.post(`/revocations/${revocationId}/reinstatements`, WHY),
    orders: () => desk.owners.disabled.get(USER_ID)?.orders.map(({ order }) => order) ?? [],
  }
}

test('each act that disables is an order of its own with the owner, under the id of the act', async () => {
  await using desk = await startWithOrders()
  const one = await desk.disable('The laptop was stolen')
  const endsAt = now() + HOUR
  const other = await desk.disable('The holder left the company', { endsAt })
  assert.deepEqual(desk.orders(), [one.actId, other.actId])
  const { disabled } = (await desk.rosa.get(`/user-ids/${USER_ID}`)).json()
  assert.equal(disabled.orders[1].until, endsAt)
})

test('reinstating takes back one order, and says which others keep it disabled', async () => {
  await using desk = await startWithOrders()
  const one = await desk.disable('The laptop was stolen')
  const other = await desk.disable('The holder left the company')
  const { act } = (await desk.reinstate(one.revocationId)).json()
  assert.equal(act.state, 'done')
  assert.equal(act.lifts, one.actId)
  assert.deepEqual(desk.orders(), [other.actId])
  const shown = (await desk.rosa.get(`/acts/${act.actId}`)).json()
  assert.deepEqual(
    shown.disablements.rows.map(({ order, reason }: Record<string, string>) => [order, reason]),
    [[other.actId, 'The holder left the company']],
  )
  const [told] = await desk.told('access.reinstated')
  assert.equal(JSON.parse(told?.details ?? '').lifts, one.actId)

  await desk.reinstate(other.revocationId)
  assert.deepEqual(desk.orders(), [])
})

test('an order that was taken back, or ended only what was open, is not taken back again', async () => {
  await using desk = await startWithOrders()
  const one = await desk.disable('The laptop was stolen')
  await desk.disable('The holder left the company')
  assert.equal((await desk.reinstate(one.revocationId)).statusCode, 201)
  const again = await desk.reinstate(one.revocationId)
  assert.equal(again.statusCode, 409)
  assert.equal(again.json().code, 'not_standing')
  const once = (await desk.rosa.post('/revocations', { ...DISABLE, ...WHY, lasting: false })).json()
  assert.equal((await desk.reinstate(once.revocation.revocationId)).json().code, 'not_standing')
  assert.equal(desk.orders().length, 1, 'and nothing else is opened by it')
})

test('while the owner is away a reinstatement is under way, and takes back the one order when it is back', async () => {
  await using desk = await startWithOrders()
  const one = await desk.disable('The laptop was stolen')
  const other = await desk.disable('The holder left the company')
  desk.owners.down.add('bso-user-ids')
  const { act } = (await desk.reinstate(one.revocationId)).json()
  assert.equal(act.state, 'under-way')
  const found = (await desk.rosa.get(`/revocations/${one.revocationId}`)).json()
  assert.deepEqual(found.disablements.unavailable, ['bso-user-ids'])
  desk.owners.down.clear()
  assert.equal((await desk.rosa.post(`/acts/${act.actId}/retries`, WHY)).json().act.state, 'done')
  assert.deepEqual(desk.orders(), [other.actId])
})

test('to enable a User ID takes back every order', async () => {
  await using desk = await startWithOrders()
  await desk.disable('The laptop was stolen')
  await desk.disable('The holder left the company')
  const { act } = (await desk.rosa.post(`/user-ids/${USER_ID}/enablements`, WHY)).json()
  assert.equal(act.lifts, undefined)
  assert.deepEqual(desk.orders(), [])
  const { revocations } = (await desk.rosa.get('/revocations')).json()
  for (const { cause } of revocations) assert.equal(cause.liftedAt, act.doneAt)
})

test('the list tells how long a User ID stays disabled, although sign-in ends only what is open', async () => {
  await using desk = await startWithOrders()
  const endsAt = now() + HOUR
  const one = await desk.disable('The laptop was stolen', { endsAt })
  const [listed] = (await desk.rosa.get('/revocations')).json().revocations
  assert.equal(listed.lasting, false)
  assert.deepEqual(listed.cause, { actId: one.actId, lasting: true, endsAt, disables: true })
  const browser = await atConsole(desk, 'vera', ['viewer'])
  assert.match((await browser.get('/revocations')).body, /Access is ended/)
  advanceClock(HOUR)
  const later = await atConsole(desk, 'vera', ['viewer'])
  assert.doesNotMatch((await later.get('/revocations')).body, /Access is ended</)
})

test('the page of an older order takes back that order, and tells before and after what stays', async () => {
  await using desk = await startWithOrders()
  const older = await desk.disable('The laptop was stolen')
  const newer = await desk.disable('The holder left the company')
  const browser = await atConsole(desk, 'amir', ['revoker'])
  const page = await browser.get(`/revocations/${older.revocationId}`)
  expectPage(page.body, 'an older revocation')
  assert.match(page.body, /until somebody reinstates it/)
  assert.match(
    page.body,
    new RegExp(`Disabled[\\s\\S]*/acts/${newer.actId}[\\s\\S]*The holder left the company`),
  )
  const asked = await browser.get(`/revocations/${older.revocationId}/reinstatement`)
  expectPage(asked.body, 'reinstating an older order')
  assert.match(asked.body, /Another order stays[\s\S]*The holder left the company/)
  const stays = asked.body.slice(asked.body.indexOf('Another order stays'))
  assert.doesNotMatch(stays, /The laptop was stolen/)
  const order = { reason: 'Found it', reference: hiddenValue(asked.body, 'reference') }
  const done = await browser.post(`/revocations/${older.revocationId}/reinstatement`, order)
  const act = await browser.get(location(done))
  expectPage(act.body, 'a reinstatement that opens nothing')
  assert.match(act.body, /It is still disabled[\s\S]*The holder left the company/)
  assert.match(act.body, new RegExp(`Takes back[\\s\\S]*/acts/${older.actId}`))
  const after = await browser.get(`/revocations/${older.revocationId}`)
  assert.match(after.body, /Reinstated/)
  assert.doesNotMatch(after.body, /reinstatement">Reinstate/)
  assert.deepEqual(desk.orders(), [newer.actId])

  const userId = await browser.get(`/user-ids/${USER_ID}`)
  expectPage(userId.body, 'a disabled User ID')
  assert.match(userId.body, new RegExp(`Disabled[\\s\\S]*/acts/${newer.actId}`))
  assert.doesNotMatch(userId.body, /orders that disable it are taken back/)
  await desk.disable('Both at once')
  assert.match((await browser.get(`/user-ids/${USER_ID}`)).body, /All 2 orders that disable it/)
})

test('reinstating one order of a company waits for approval too, and leaves the other', async () => {
  await using desk = await startWithOrders()
  const amir = await desk.administrator('amir', ['approver'])
  async function approved(path: string, body: object) {
    const { act } = (await desk.rosa.post(path, body)).json()
    return (await amir.post(`/approvals/${act.actId}/approvals`, WHY)).json().act
  }
  const one = await approved(`/companies/${EIN}/disablements`, { reason: 'The company was dissolved' })
  const other = await approved(`/companies/${EIN}/disablements`, { reason: 'Its address is a letter box' })
  const back = await approved(`/revocations/${one.revocationId}/reinstatements`, WHY)
  assert.equal(back.state, 'done')
  assert.deepEqual(
    desk.owners.disabled.get(EIN)?.orders.map(({ order }) => order),
    [other.actId],
  )
})
