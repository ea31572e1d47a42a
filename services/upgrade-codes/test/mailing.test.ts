import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { newOwner, startService, until } from './service-fixture.ts'

const service = await startService()
after(() => service.close())
const { mySsa, post } = service
afterEach(() => post.now('takes'))
const bounded = { timeout: 15_000 }

const stateOf = async (owner: string) => (await mySsa.list(owner))[0]?.state

test(
  'while the mail is down a request is taken all the same, and mailed once it is up',
  bounded,
  async () => {
    post.now('down')
    const owner = newOwner()
    const { status, body } = await mySsa.request({ owner })
    assert.deepEqual([status, body.state, body.expiresOn], [201, 'requested', undefined])
    assert.deepEqual(Object.keys(body.at), ['requested'])
    post.now('takes')
    advanceClock(5_000)
    // The timer finds it by itself.
    await until(async () => (await stateOf(owner)) === 'delivered')
    assert.equal((await mySsa.redeem(owner, post.newest().code)).status, 200)
  },
)

test('the next letter takes along what was waiting for the mail', bounded, async () => {
  post.now('down')
  const waiting = newOwner()
  await mySsa.request({ owner: waiting })
  post.now('takes')
  advanceClock(5_000)
  await mySsa.letter()
  await until(async () => (await stateOf(waiting)) === 'delivered')
})

test('while the mail is down one letter finds that out in each look', bounded, async () => {
  post.now('down')
  const owners = Array.from({ length: 6 }, newOwner)
  for (const owner of owners) await mySsa.request({ owner })
  advanceClock(5_000)
  const before = post.calls
  await until(async () => post.calls > before)
  assert.equal(post.calls, before + 1)
  post.now('takes')
  advanceClock(5_000)
  await until(async () => (await Promise.all(owners.map(stateOf))).every((state) => state === 'delivered'))
})

test(
  'a letter that the mail took without saying so is printed anew, and the later code is the one that counts',
  bounded,
  async () => {
    post.now('takes and does not say so')
    const owner = newOwner()
    await mySsa.request({ owner })
    const lost = post.newest()
    post.now('takes')
    advanceClock(5_000)
    await until(async () => (await stateOf(owner)) === 'delivered')
    const kept = post.newest()
    assert.equal(kept.letterId, lost.letterId)
    assert.equal((await mySsa.redeem(owner, lost.code)).status, 409)
    assert.equal((await mySsa.redeem(owner, kept.code)).status, 200)
  },
)

test('a letter that the mail refuses keeps no other back', bounded, async () => {
  post.now('refuses')
  const refused = newOwner()
  await mySsa.request({ owner: refused })
  post.now('down')
  const waiting = newOwner()
  await mySsa.request({ owner: waiting })
  post.now('takes')
  advanceClock(5_000)
  await until(async () => (await stateOf(waiting)) === 'delivered')
  assert.equal(await stateOf(refused), 'requested')
  assert.match(service.logLines.join(''), /"why":"lab refused: invalid_request"/)
  advanceClock(60_000)
  await until(async () => (await stateOf(refused)) === 'delivered')
})

test(
  'a slow mail does not keep the answer back, and a moved clock does not print the letter twice',
  bounded,
  async () => {
    const hold = post.holdNext()
    const owner = newOwner()
    const asked = mySsa.request({ owner })
    await hold.arrived
    const before = post.calls
    advanceClock(3_600_000)
    const { status, body } = await asked
    assert.deepEqual([status, body.state], [201, 'printed'])
    await mySsa.letter()
    assert.equal(post.calls, before + 1)
    hold.release()
    await until(async () => (await stateOf(owner)) === 'delivered')
  },
)

test('the code of a letter that is faster than its receipt is good', bounded, async () => {
  const hold = post.holdNext()
  const owner = newOwner()
  const asked = mySsa.request({ owner })
  await hold.arrived
  assert.equal(await stateOf(owner), 'printed')
  assert.equal((await mySsa.redeem(owner, post.newest().code)).status, 200)
  hold.release()
  assert.equal((await asked).body.state, 'used')
})

test('a letter that is cancelled on its way arrives and opens nothing', bounded, async () => {
  const hold = post.holdNext()
  const owner = newOwner()
  const asked = mySsa.request({ owner })
  await hold.arrived
  await mySsa.cancel(owner)
  hold.release()
  assert.equal((await asked).body.state, 'cancelled')
  assert.equal((await mySsa.redeem(owner, post.newest().code)).status, 409)
})

test(
  'a service that was killed with a letter in hand prints it anew after its restart',
  bounded,
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-letters-'))
    after(() => rmSync(directory, { recursive: true, force: true }))
    const databaseUrl = `sqlite:${directory}/letters.sqlite`
    const killed = await startService({}, { databaseUrl })
    const { secrets } = killed.ground
    const hold = killed.post.holdNext()
    const owner = newOwner()
    const lost = killed.mySsa.request({ owner })
    await hold.arrived

    // The first one never hears from the mail; the second one finds the letter in the same database.
    const restarted = await startService({}, { databaseUrl, secrets })
    assert.equal((await restarted.mySsa.list(owner))[0]?.state, 'printed')
    advanceClock(15_000)
    await until(async () => (await restarted.mySsa.list(owner))[0]?.state === 'delivered')
    const { code } = restarted.post.newest()

    hold.release()
    await lost
    assert.equal((await restarted.mySsa.redeem(owner, killed.post.newest().code)).status, 409)
    assert.equal((await restarted.mySsa.redeem(owner, code)).status, 200)
    await killed.close()
    await restarted.close()
  },
)

test('closing waits for the letter in hand and begins no other', bounded, async () => {
  const closing = await startService()
  const hold = closing.post.holdNext()
  const asked = closing.mySsa.request()
  await hold.arrived
  const closed = closing.close()
  hold.release()
  await closed
  await asked.catch(() => {})
  assert.equal(closing.post.calls, 1)
  assert.doesNotMatch(closing.logLines.join(''), /"level":50/)
})
