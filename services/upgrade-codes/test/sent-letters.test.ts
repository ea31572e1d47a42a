import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentLetters } from '@gatehouse/contracts/upgrade-codes'
import { callsTo } from '@gatehouse/http/calls-for-tests'
import { startService } from './service-fixture.ts'

test('administrators read the letters of an owner, of every kind, without secret and address', async () => {
  const service = await startService()
  const first = await service.mySsa.letter({ owner: 'account-1', kind: 'upgrade-code' })
  advanceClock(1_000)
  const second = await service.mySsa.letter({ owner: 'account-1', kind: 'temporary-password' })
  advanceClock(1_000)
  const third = await service.mySsa.letter({ owner: 'account-1', kind: 'upgrade-code' })
  await service.mySsa.letter({ owner: 'account-2' })
  const { ofOwner } = sentLetters(callsTo(service, 'admin'))

  const { letters } = await ofOwner('my-ssa', 'account-1')
  assert.deepEqual(
    letters.map(({ letterId, kind, state }) => [letterId, kind, state]),
    [
      [third.letterId, 'upgrade-code', 'delivered'],
      [second.letterId, 'temporary-password', 'delivered'],
      [first.letterId, 'upgrade-code', 'resent'],
    ],
  )
  const told = JSON.stringify(letters)
  for (const secret of [first.code, second.code, third.code, 'recipient', 'street']) {
    assert.ok(!told.includes(secret))
  }
  const page = await ofOwner('my-ssa', 'account-1', { limit: 2 })
  const rest = await ofOwner('my-ssa', 'account-1', { limit: 2, cursor: page.next })
  assert.deepEqual([...page.letters, ...rest.letters], letters)
  assert.equal(rest.next, undefined)
  assert.deepEqual(await ofOwner('bso-user-ids', 'account-1'), { letters: [] })
  assert.deepEqual(await ofOwner('bso-user-ids', 'AB12CD34:000000001:CBSV'), { letters: [] })
  await service.close()
})

test('nobody but the administrators’ console reads letters of other services', async () => {
  const service = await startService()
  const url = '/callers/my-ssa/owners/account-1/letters'
  assert.equal((await service.app.inject({ url })).statusCode, 401)
  for (const headers of [
    await service.as('my-ssa', 'letters.read'),
    await service.as('admin', 'letters.write'),
  ]) {
    assert.equal((await service.app.inject({ url, headers })).statusCode, 403)
  }
  const headers = await service.as('admin', 'letters.read')
  assert.equal((await service.app.inject({ url: `${url}?cursor=made-up`, headers })).statusCode, 400)
  await service.close()
})
