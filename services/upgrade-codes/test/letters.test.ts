import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { Letter } from '@gatehouse/contracts/upgrade-codes'
import { Value } from 'typebox/value'
import { daysAfter, easternDate } from '../src/letters/eastern-date.ts'
import { address, newOwner, startService } from './service-fixture.ts'

const DAY = 24 * 3_600_000
const service = await startService()
after(() => service.close())
const { mySsa, lab, post } = service

test('a requested letter is printed and mailed at once, with a code that no answer holds', async () => {
  const owner = newOwner()
  const { status, body } = await mySsa.request({ owner })
  assert.equal(status, 201)
  assert.ok(Value.Check(Letter, body))
  assert.equal(body.state, 'delivered')
  assert.deepEqual(Object.keys(body.at), ['requested', 'printed', 'mailed', 'delivered'])
  assert.equal(body.expiresOn, daysAfter(easternDate(now()), 30))
  const letter = post.newest()
  assert.match(letter.code, /^\d{7}$/)
  assert.deepEqual(
    [letter.letterId, letter.to, letter.subject],
    [body.letterId, address, 'Your account upgrade code'],
  )
  assert.equal(letter.printedOn, easternDate(now()))
  assert.doesNotMatch(JSON.stringify(body), new RegExp(letter.code))
  assert.deepEqual(await mySsa.list(owner), [body])
})

test('a new letter ends the code of the earlier one', async () => {
  const first = await mySsa.letter()
  const second = await mySsa.letter({ owner: first.owner })
  assert.deepEqual(
    (await mySsa.list(first.owner)).map(({ letterId, state }) => [letterId, state]),
    [
      [second.letterId, 'delivered'],
      [first.letterId, 'resent'],
    ],
  )
  assert.equal((await mySsa.redeem(first.owner, first.code)).body.code, 'code_not_accepted')
  assert.equal((await mySsa.redeem(first.owner, second.code)).status, 200)
})

test('a resend goes to the same address with another code', async () => {
  const recipient = { ...address, company: 'Example Payroll Company' }
  const first = await mySsa.letter({ recipient })
  const { status, body } = await mySsa.resend(first.letterId)
  assert.equal(status, 201)
  assert.notEqual(body.letterId, first.letterId)
  assert.deepEqual(post.newest().to, recipient)
  assert.equal((await mySsa.redeem(first.owner, first.code)).status, 409)
  assert.equal((await mySsa.redeem(first.owner, post.newest().code)).status, 200)
})

test('a letter that came back opens nothing, and may be sent again', async () => {
  const { owner, code, letterId } = await mySsa.letter()
  const returned = await lab.comeBack(letterId)
  assert.deepEqual([returned.status, returned.body.state], [200, 'returned'])
  assert.deepEqual((await lab.comeBack(letterId)).body, returned.body)
  assert.equal((await mySsa.redeem(owner, code)).body.code, 'code_not_accepted')
  assert.equal((await mySsa.resend(letterId)).status, 201)
  assert.equal((await mySsa.redeem(owner, post.newest().code)).status, 200)
})

test('a cancelled letter opens nothing; to cancel without an open letter changes nothing', async () => {
  const { owner, code, letterId } = await mySsa.letter()
  for (let n = 0; n < 2; n += 1) assert.equal((await mySsa.cancel(owner)).status, 204)
  assert.deepEqual(
    (await mySsa.list(owner)).map(({ state }) => state),
    ['cancelled'],
  )
  assert.equal((await mySsa.redeem(owner, code)).body.code, 'code_not_accepted')
  assert.equal((await mySsa.resend(letterId)).body.code, 'letter_not_open')
})

test('an expired letter may be sent again, once', async () => {
  const { owner, letterId } = await mySsa.letter()
  advanceClock(32 * DAY)
  assert.equal((await mySsa.list(owner))[0]?.state, 'expired')
  assert.equal((await mySsa.resend(letterId)).status, 201)
  assert.deepEqual((await mySsa.resend(letterId)).body.code, 'letter_not_open')
})

test('a used letter is neither sent again nor returned', async () => {
  const { owner, code, letterId } = await mySsa.letter()
  await mySsa.redeem(owner, code)
  const answers = [await mySsa.resend(letterId), await lab.comeBack(letterId)]
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.code]),
    [
      [409, 'letter_not_open'],
      [409, 'letter_not_open'],
    ],
  )
})

test('the fifth letter in thirty days is refused until the first is thirty days old', async () => {
  const owner = newOwner()
  const { body: first } = await mySsa.request({ owner })
  for (let n = 2; n <= 4; n += 1) assert.equal((await mySsa.request({ owner })).status, 201)
  const fifth = await mySsa.request({ owner })
  assert.deepEqual([fifth.status, fifth.body.code], [429, 'too_many_letters'])
  assert.equal(fifth.body.retryAt, first.at.requested + 30 * DAY)
  assert.ok(Number(fifth.answer.headers['retry-after']) > 29 * 24 * 3600)
  // The fourth letter is as it was, and other kinds count for themselves.
  assert.equal((await mySsa.list(owner))[0]?.state, 'delivered')
  assert.equal((await mySsa.request({ owner, kind: 'reset-code' })).status, 201)
  advanceClock(30 * DAY)
  assert.equal((await mySsa.request({ owner })).status, 201)
})

test('with days in the mail a letter is mailed first and delivered later', async () => {
  const slow = await startService({ LETTER_POLICIES: '{"my-ssa":{"upgrade-code":{"deliveryDays":5}}}' })
  after(() => slow.close())
  const { owner, body } = await slow.mySsa.letter()
  assert.equal(body.state, 'mailed')
  assert.equal(slow.post.newest().deliverAt, body.at.printed! + 5 * DAY)
  advanceClock(5 * DAY)
  const [delivered] = await slow.mySsa.list(owner)
  assert.deepEqual([delivered?.state, delivered?.at.delivered], ['delivered', body.at.printed! + 5 * DAY])
})

test('callers see their own letters only, and each scope its own routes', async () => {
  const { owner, letterId, code } = await mySsa.letter()
  const other = await service.caller('bso-user-ids')
  assert.deepEqual(await other.list(owner), [])
  assert.equal((await other.resend(letterId)).status, 404)
  assert.equal((await other.redeem(owner, code)).status, 409)
  await other.cancel(owner)
  assert.equal((await mySsa.comeBack(letterId)).status, 403)
  const asLab = await service.caller('lab', 'letters.write')
  assert.equal((await asLab.request()).status, 403)
  assert.equal((await mySsa.list(owner))[0]?.state, 'delivered')
  assert.equal((await service.app.inject({ method: 'POST', url: '/letters' })).statusCode, 401)
  assert.equal((await lab.comeBack('AAAAAAAAAAAAAAAAAAAAAA')).status, 404)
  assert.equal((await mySsa.resend('AAAAAAAAAAAAAAAAAAAAAA')).status, 404)
})

test('what happened is in the audit trail, and neither a code nor an address is in it, in a table or in the log (OWASP ASVS 5.0 6.5.2, 16.2.5)', async () => {
  const recipient = { ...address, name: 'Zebulon Quimby', street: '91735 Unlikely Street' }
  const { owner, letterId, code } = await mySsa.letter({ recipient })
  await mySsa.redeem(owner, '0')
  await mySsa.resend(letterId)
  await lab.comeBack(post.newest().letterId)
  const third = await mySsa.letter({ owner, recipient })
  await mySsa.redeem(owner, third.code)
  const events = (await service.audit()).filter(({ subject }) => subject === owner)
  assert.deepEqual(
    events.map(({ event }) => event),
    [
      'letter.requested',
      'letter.mailed',
      'code.refused',
      'letter.resent',
      'letter.mailed',
      'letter.returned',
      'letter.requested',
      'letter.mailed',
      'code.redeemed',
    ],
  )
  const codes = post.delivered.filter(({ to }) => to.name === recipient.name).map((each) => each.code)
  assert.ok(codes.includes(code) && codes.length === 3)
  const secret = new RegExp([...codes, 'Quimby', 'Unlikely'].join('|'))
  for (const table of ['letters', 'holders', 'auditEvents', 'keyValue']) {
    const rows = await service.ground.database.selectFrom(table).selectAll().execute()
    assert.doesNotMatch(JSON.stringify(rows), secret)
  }
  assert.doesNotMatch(service.logLines.join(''), secret)
})

test('once a letter is used, cancelled or replaced its address is not kept', async () => {
  const used = await mySsa.letter()
  await mySsa.redeem(used.owner, used.code)
  const cancelled = await mySsa.letter()
  await mySsa.cancel(cancelled.owner)
  const replaced = await mySsa.letter()
  await mySsa.resend(replaced.letterId)
  const kept = await service.ground.database
    .selectFrom('letters')
    .select('sealedRecipient')
    .where('letterId', 'in', [used.letterId, cancelled.letterId, replaced.letterId])
    .execute()
  assert.deepEqual(
    kept.map(({ sealedRecipient }) => sealedRecipient),
    ['', '', ''],
  )
})

test('the OpenAPI document names every route', async () => {
  const { paths } = (await service.app.inject({ url: '/openapi.json' })).json()
  const named = Object.keys(paths).filter((path) => /letters|owners/.test(path))
  assert.deepEqual(named.sort(), [
    '/callers/{caller}/owners/{owner}/letters',
    '/letters',
    '/letters/{letterId}/resends',
    '/letters/{letterId}/returns',
    '/owners/{owner}/letters',
    '/owners/{owner}/redemptions',
  ])
})
