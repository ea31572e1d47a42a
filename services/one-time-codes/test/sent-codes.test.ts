import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentCodes } from '@gatehouse/contracts/one-time-codes'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { newPerson, startService } from './service-fixture.ts'

const DAY = 24 * 60 * 60_000

test('administrators read what was sent to an owner, newest first, without number and code', async () => {
  const service = await startService()
  const provider = await service.caller('login-gov')
  const person = newPerson()
  const first = await provider.challenge(person)
  advanceClock(60_000)
  await provider.resend(first.challengeId, 'call')
  advanceClock(60_000)
  const second = await provider.challenge({ ...person, purpose: 'proofing' })
  await (await service.caller('id-me')).challenge({ ...newPerson(), owner: person.owner })

  const { ofOwner, byPhoneNumberEnding } = sentCodes(callsTo(service, 'admin'))
  const { codes } = await ofOwner('login-gov', person.owner)
  assert.deepEqual(
    codes.map(({ challengeId, purpose, channel, sends }) => [challengeId, purpose, channel, sends]),
    [
      [second.challengeId, 'proofing', 'text', 1],
      [first.challengeId, 'sign-in', 'call', 2],
    ],
  )
  assert.equal(codes[0]?.phoneNumberEnding, person.phoneNumber.slice(-4))
  assert.equal(typeof codes[0]?.delivery, 'string')
  const told = JSON.stringify(codes)
  for (const secret of [person.phoneNumber, first.code, second.code]) assert.ok(!told.includes(secret))

  const page = await ofOwner('login-gov', person.owner, { limit: 1 })
  const next = await ofOwner('login-gov', person.owner, { limit: 1, cursor: page.next })
  assert.deepEqual([...page.codes, ...next.codes], codes)
  assert.equal(next.next, undefined)
  assert.ok((await byPhoneNumberEnding('0142')).codes.some(({ owner }) => owner === person.owner))
  assert.deepEqual(await byPhoneNumberEnding('9999'), { codes: [] })
  await service.close()
})

test('what was sent can be told for 90 days, and its number is forgotten after one', async () => {
  const service = await startService()
  const provider = await service.caller()
  const person = newPerson()
  const { challengeId, code } = await provider.challenge(person)
  const { ofOwner } = sentCodes(callsTo(service, 'admin'))
  const tidied = async () => {
    for (let asked = 0; asked < 200; asked += 1) await provider.request()
  }
  const row = () =>
    service.ground.database
      .selectFrom('challenges')
      .select('sealedPhoneNumber')
      .where('challengeId', '=', challengeId)
      .executeTakeFirst()

  advanceClock(DAY + 1_000)
  await tidied()
  assert.equal((await row())?.sealedPhoneNumber, '')
  assert.equal((await ofOwner('login-gov', person.owner)).codes.length, 1)
  // A try at a code that is only history does not count against its owner: anybody may have kept the name of it.
  assert.equal((await provider.verify(challengeId, code)).body.code, 'code_not_accepted')
  const untouched = await provider.triesOf(newPerson().owner)
  assert.deepEqual((await provider.triesOf(person.owner)).body, untouched.body)

  advanceClock(90 * DAY)
  await tidied()
  assert.equal(await row(), undefined)
  assert.deepEqual(await ofOwner('login-gov', person.owner), { codes: [] })
  await service.close()
})

test('nobody but the administrators’ console reads what was sent, and nothing is asked without an owner', async () => {
  const service = await startService()
  const search = (payload: object, headers: Record<string, string>) =>
    service.app.inject({ method: 'POST', url: '/sent-codes/searches', headers, payload })
  const asked = { phoneNumberEnding: '0142' }
  assert.equal((await search(asked, {})).statusCode, 401)
  for (const headers of [
    await service.as('login-gov', 'challenges.read'),
    await service.as('admin', 'challenges.write'),
  ]) {
    assert.equal((await search(asked, headers)).statusCode, 403)
  }
  const headers = await service.as('admin', 'challenges.read')
  for (const payload of [
    {},
    { owner: 'a' },
    { caller: 'login-gov' },
    { ...asked, owner: 'a', caller: 'login-gov' },
    { phoneNumberEnding: '+12025550142' },
    { ...asked, cursor: 'made-up' },
    { ...asked, limit: 201 },
  ]) {
    const answer = await search(payload, headers)
    assert.equal(answer.statusCode, 400, JSON.stringify(payload))
    assert.doesNotMatch(answer.body, /2025550142/)
  }
  await service.close()
})
