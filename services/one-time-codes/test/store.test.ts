import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { type Acceptance, sqlChallengeStore } from '../src/challenges/store.ts'
import { sqlDeliveryStore } from '../src/deliveries/store.ts'
import { sqlLockOutStore, subjectOf } from '../src/lock-outs/store.ts'
import { migrations } from '../src/migrations.ts'

// Instants as large as real ones: they do not fit in 32 bits.
const AT = 1_800_000_000_000
const LIFETIME = 600_000
const me = { caller: 'login-gov', owner: 'account-1', purpose: 'sign-in' }
const subject = subjectOf(me.caller, 'unused', me.owner)
const limit = { wrongTries: 3, lockOutMs: 60_000 }

async function openStores(url: string) {
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  const database = await openDatabase<any>(url, 'one_time_codes')
  await migrate(database, migrations)
  const challenges = sqlChallengeStore(database)
  const deliveries = sqlDeliveryStore(database)
  return {
    challenges,
    deliveries,
    lockOuts: sqlLockOutStore(database),
    /** A challenge with a send that the carrier took. */
    async accept(
      challengeId: string,
      sendNumber = 1,
      requestedAt = AT,
      kind: Acceptance['kind'] = 'challenge',
    ) {
      const deliveryId = `${challenge(challengeId).challengeId}-${sendNumber}`
      const expiresAt = requestedAt + LIFETIME
      await deliveries.add({
        deliveryId,
        challengeId,
        sendNumber,
        channel: 'call',
        maximumReadings: 2,
        expiresAt,
      })
      const code = {
        ...me,
        challengeId,
        sendNumber,
        deliveryId,
        channel: 'call' as const,
        requestedAt,
        expiresAt,
      }
      const isNewest = await challenges.accept({ kind, ...code })
      await deliveries.answered(deliveryId, 'call', 'queued')
      return isNewest
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

function challenge(challengeId: string) {
  return {
    challengeId,
    ...me,
    length: 6,
    sealedPhoneNumber: 'sealed',
    phoneNumberEnding: '0142',
    sender: 'Login.gov',
    origin: null,
    language: 'en' as const,
    sends: 1,
    requestedAt: AT,
    resendAt: AT + 10_000,
  }
}

onEveryEngine((engine) => {
  test('of calls at once one spends a code, and the wrong tries go with it', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.challenges.add(challenge('a'))
    await stores.accept('a')
    await stores.lockOuts.countTry(subject, limit, AT)
    const spend = () => stores.challenges.spend({ challengeId: 'a', sendNumber: 1, at: AT + 1 }, subject)
    const spent = await Promise.all(Array.from({ length: 20 }, spend))
    assert.deepEqual(spent.filter(Boolean), [{ channel: 'call' }])
    assert.deepEqual(await stores.lockOuts.countTry(subject, limit, AT), {
      locked: false,
      tries: 1,
      lockedUntil: 0,
    })
  })

  test('a code is spent up to its last millisecond, and only with the number of its send', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.challenges.add(challenge('a'))
    await stores.accept('a')
    const spend = (sendNumber: number, at: number) =>
      stores.challenges.spend({ challengeId: 'a', sendNumber, at }, subject)
    assert.equal(await spend(1, AT + LIFETIME), undefined)
    assert.equal(await spend(0, AT), undefined)
    assert.equal(await spend(2, AT), undefined)
    assert.deepEqual(await spend(1, AT + LIFETIME - 1), { channel: 'call' })
  })

  test('the newest request wins, in whatever order the carrier answers', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    for (const id of ['a', 'b', 'c']) await stores.challenges.add(challenge(id))
    assert.equal(await stores.accept('b', 1, AT + 5), true)
    assert.equal(await stores.accept('a', 1, AT + 4), false)
    assert.equal(await stores.accept('c', 1, AT + 6), true)
    assert.equal(await stores.challenges.findOpen(me.caller, 'b'), undefined)
    assert.equal((await stores.challenges.findOpen(me.caller, 'c'))?.delivery, 'queued')
    assert.equal(await stores.accept('b', 2, AT + 7, 'resend'), false)
  })

  test('resends of a challenge only go forward', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.challenges.add(challenge('a'))
    await stores.accept('a')
    assert.equal(await stores.accept('a', 3, AT + 2, 'resend'), true)
    assert.equal(await stores.accept('a', 2, AT + 1, 'resend'), false)
    assert.equal((await stores.challenges.findOpen(me.caller, 'a'))?.sendNumber, 3)
  })

  test('of resends at once one is claimed, from the end of the cool-down on', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.challenges.add(challenge('a'))
    const claim = (at: number) => stores.challenges.claimResend('a', at, at + 10_000)
    assert.equal(await claim(AT + 9_999), undefined)
    const claimed = await Promise.all(Array.from({ length: 10 }, () => claim(AT + 10_000)))
    assert.deepEqual(claimed.filter(Boolean), [2])
  })

  test('of tries at once no more than the limit are let through', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const counted = await Promise.all(
      Array.from({ length: 20 }, () => stores.lockOuts.countTry(subject, limit, AT)),
    )
    const through = counted.filter(({ locked }) => !locked)
    assert.deepEqual(through.map((each) => !each.locked && each.tries).sort(), [1, 2, 3])
    assert.deepEqual(
      counted.find(({ locked }) => locked),
      { locked: true, until: AT + limit.lockOutMs },
    )
  })

  test('a lock-out ends at its instant and takes the tries with it', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.lockOuts.countTry(subject, limit, AT)
    await stores.lockOuts.lock(subject, AT + 60_000, AT)
    await stores.lockOuts.lock(subject, AT + 30_000, AT)
    assert.equal(await stores.lockOuts.lockedUntil(subject, AT + 59_999), AT + 60_000)
    assert.equal(await stores.lockOuts.lockedUntil(subject, AT + 60_000), undefined)
    const next = await stores.lockOuts.countTry(subject, limit, AT + 60_000)
    assert.deepEqual(next, { locked: false, tries: 1, lockedUntil: 0 })
  })

  test('to look counts nothing, and shows a lock-out until it ends', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const find = (at: number) => stores.lockOuts.find(subject, at)
    assert.deepEqual(await find(AT), { tries: 0, lockedUntil: 0 })
    await stores.lockOuts.countTry(subject, limit, AT)
    assert.deepEqual([await find(AT), await find(AT)], Array(2).fill({ tries: 1, lockedUntil: 0 }))
    await stores.lockOuts.countTry(subject, limit, AT)
    await stores.lockOuts.countTry(subject, limit, AT)
    assert.deepEqual(await find(AT + 59_999), { tries: 3, lockedUntil: AT + 60_000 })
    assert.deepEqual(await find(AT + 60_000), { tries: 0, lockedUntil: 0 })
  })

  test('of calls at once one forgets the tries and the lock-out, and only those of its caller and owner', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const others = [
      { caller: 'id-me', subject: subject.subject },
      { caller: me.caller, subject: 'owner account-2' },
    ]
    for (const each of [subject, ...others]) {
      for (let n = 0; n < 3; n += 1) await stores.lockOuts.countTry(each, limit, AT)
    }
    const forgotten = await Promise.all(Array.from({ length: 10 }, () => stores.lockOuts.forget(subject, AT)))
    assert.deepEqual(forgotten.filter(Boolean), [{ tries: 3, lockedUntil: AT + 60_000 }])
    assert.deepEqual(await stores.lockOuts.countTry(subject, limit, AT), {
      locked: false,
      tries: 1,
      lockedUntil: 0,
    })
    for (const each of others) assert.equal(await stores.lockOuts.lockedUntil(each, AT), AT + 60_000)
  })

  test('a lock-out that has ended is forgotten as none', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.lockOuts.lock(subject, AT + 60_000, AT)
    assert.deepEqual(await stores.lockOuts.forget(subject, AT + 60_000), { tries: 0, lockedUntil: 0 })
  })

  test('with a limit of one the first wrong try locks out', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const counted = await stores.lockOuts.countTry(subject, { ...limit, wrongTries: 1 }, AT)
    assert.deepEqual(counted, { locked: false, tries: 1, lockedUntil: AT + limit.lockOutMs })
  })

  test('the code of a call is read as often as it may be, also before the carrier has answered', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.challenges.add(challenge('a'))
    const delivery = { deliveryId: 'd', challengeId: 'a', sendNumber: 1, channel: 'call' as const }
    await stores.deliveries.add({ ...delivery, maximumReadings: 2, expiresAt: AT + 1 })
    assert.equal(await stores.deliveries.read('d', AT + 1), undefined)
    assert.equal((await stores.deliveries.read('d', AT))?.repeatsLeft, 1)
    assert.equal((await stores.deliveries.read('d', AT))?.repeatsLeft, 0)
    assert.equal(await stores.deliveries.read('d', AT), undefined)
    assert.deepEqual(await stores.deliveries.find('d'), { language: 'en', isReadOut: true })
  })

  test('a code that the carrier refused is never read', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.challenges.add(challenge('a'))
    const delivery = { deliveryId: 'd', challengeId: 'a', sendNumber: 1, channel: 'call' as const }
    await stores.deliveries.add({ ...delivery, maximumReadings: 2, expiresAt: AT + 1 })
    await stores.deliveries.answered('d', 'call', 'failed')
    assert.equal(await stores.deliveries.read('d', AT), undefined)
  })

  test("what is a day old is removed, and an owner's wrong tries are not", async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.challenges.add(challenge('a'))
    await stores.accept('a')
    const unknown = subjectOf(me.caller, 'nobody-knows', undefined)
    for (const each of [subject, unknown]) await stores.lockOuts.countTry(each, limit, AT)
    const later = AT + LIFETIME + 1
    await Promise.all([
      stores.challenges.tidy(later, later),
      stores.deliveries.tidy(later),
      stores.lockOuts.tidy(later),
    ])
    assert.equal(await stores.challenges.find(me.caller, 'a'), undefined)
    assert.equal(await stores.deliveries.find('a-1'), undefined)
    const tries = async (each: typeof subject) => {
      const counted = await stores.lockOuts.countTry(each, limit, AT)
      return !counted.locked && counted.tries
    }
    assert.deepEqual([await tries(subject), await tries(unknown)], [2, 1])
  })
})
