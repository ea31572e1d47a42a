import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLabels, labelOf } from '../src/console/labels.ts'
import { atConsole } from './console.ts'
import { startDesk } from './desk.ts'
import { WHY } from './examples.ts'
import { ACCOUNT, createOwners, EIN, USER_ID } from './owners.ts'

const NAMES = ['sign-in POST /revocations/labels', 'bso-user-ids POST /names/searches']

test('all names of a page come of one call to each owner, however often they stand on it', async () => {
  const owners = createOwners()
  const account = { kind: 'account' as const, value: ACCOUNT }
  const targets = [
    account,
    account,
    { kind: 'client' as const, value: 'bso' },
    { kind: 'bso_user_id' as const, value: USER_ID },
    { kind: 'ein' as const, value: EIN },
    { kind: 'everything' as const, value: '*' },
    { kind: 'account' as const, value: 'nobody' },
  ]
  const labels = await createLabels(owners.calls)(targets)
  assert.deepEqual(owners.asked, NAMES)
  assert.deepEqual(
    targets.map((target) => labelOf(target, labels)),
    [
      'Maria Example',
      'Maria Example',
      'Business Services Online',
      'MARIA EXAMPLE',
      '=Example, Inc.',
      undefined,
      undefined,
    ],
  )
  owners.asked.length = 0
  assert.equal((await createLabels(owners.calls)([{ kind: 'everything', value: '*' }])).size, 0)
  assert.deepEqual(owners.asked, [], 'nobody is asked for nothing')
})

test('revocations, orders and approvals are shown by name, in one call to an owner and page', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const order = async (kind: string, value: string) =>
    (await rosa.post('/revocations', { target: { kind, value }, ...WHY })).json().act.actId as string
  const person = await order('account', ACCOUNT)
  await order('credential', 'login.gov:subject-maria')
  await order('client', 'bso')
  await order('bso_user_id', USER_ID)
  await order('ein', EIN)
  const browser = await atConsole(desk, 'vera', ['viewer'])
  desk.owners.asked.length = 0
  const { body } = await browser.get('/revocations')
  assert.match(body, />Person Maria Example<\/a>/)
  assert.match(body, />Credential of Maria Example<\/a>/)
  assert.match(body, />Relying service Business Services Online<\/a>/)
  assert.match(body, /BSO User ID <code[^>]*>ABCD1234<\/code> \(MARIA EXAMPLE\)/)
  assert.deepEqual(desk.owners.asked.filter((line) => NAMES.includes(line)).sort(), NAMES.toSorted())
  assert.match(
    (await browser.get('/approvals')).body,
    /Company &#61;Example, Inc\., <span[^>]*>EIN 12-3456789/,
  )
  const act = (await browser.get(`/acts/${person}`)).body
  assert.match(act, /<title>Revocation of Maria Example/)
  assert.match(
    act,
    new RegExp(`Person Maria Example <code[^>]*>${ACCOUNT}`),
    'the id too, where there is room',
  )
})

test('while an owner is away its names are ids, and the page is there all the same', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  await rosa.post('/revocations', { target: { kind: 'ein', value: EIN }, ...WHY })
  const browser = await atConsole(desk, 'vera', ['viewer'])
  desk.owners.down.add('bso-user-ids').add('sign-in')
  const { statusCode, body } = await browser.get('/approvals')
  assert.equal(statusCode, 200)
  assert.match(body, />EIN 12-3456789/)
})
