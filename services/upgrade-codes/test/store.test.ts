import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import fc from 'fast-check'
import { mayBecome, stateAt } from '../src/letters/states.ts'
import { sqlLetterStore } from '../src/letters/store.ts'
import { type Printing, sqlMailingStore } from '../src/mailing/store.ts'
import { migrations } from '../src/migrations.ts'
import { sqlRedemptionStore } from '../src/redemptions/store.ts'
import type { Holder, LetterRow } from '../src/tables.ts'

// Instants as large as real ones: they do not fit in 32 bits.
const AT = 1_800_000_000_000
const DAY = 24 * 3_600_000
const me: Holder = { caller: 'my-ssa', owner: 'account-1', kind: 'upgrade-code' }
const plenty = { letters: 100, spanDays: 30 }
const limit = { wrongTries: 3, lockOutMs: 60_000 }

async function openStores(url: string) {
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  const database = await openDatabase<any>(url, 'upgrade_codes')
  await migrate(database, migrations)
  const letters = sqlLetterStore(database)
  const mailing = sqlMailingStore(database)
  const redemptions = sqlRedemptionStore(database)
  const add = (letterId: string, at = AT, holder = me, most = plenty) =>
    letters.add({ ...holder, letterId, subject: null, sealedRecipient: 'sealed' }, most, at)
  return {
    letters,
    mailing,
    add,
    print: (letterId: string, at = AT, codeDigest = `digest of ${letterId}`) =>
      mailing.print(letterId, printing(codeDigest, at)),
    /** A letter in the mail. */
    async mail(letterId: string, at = AT, holder = me) {
      await add(letterId, at, holder)
      await mailing.print(letterId, printing(`digest of ${letterId}`, at))
      assert.equal(await mailing.mailed(letterId, `digest of ${letterId}`, at), true)
    },
    redeem: (codeDigest: string, reference = 'r', at = AT + 1, holder = me, within = limit) =>
      redemptions.redeem({ ...holder, codeDigest, reference }, within, at),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

function printing(codeDigest: string, printedAt: number): Printing {
  const expiresAt = printedAt + 30 * DAY
  return {
    codeDigest,
    printedAt,
    expiresOn: '2027-02-14',
    expiresAt,
    deliverAt: printedAt + DAY,
    dueAt: printedAt + 15_000,
  }
}

onEveryEngine((engine) => {
  test('of a hundred redemptions of one letter at once exactly one wins (OWASP ASVS 5.0 15.4.2)', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.mail('a')
    const many = { wrongTries: 100, lockOutMs: 60_000 }
    const tries = Array.from({ length: 100 }, (_, n) =>
      stores.redeem('digest of a', `reference-${n}`, AT + 1, me, many),
    )
    const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome)
    assert.equal(outcomes.filter((outcome) => outcome === 'redeemed').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'wrong').length, 99)
  })

  test('of two letters requested at once the code of one counts', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await Promise.all(Array.from({ length: 10 }, (_, n) => stores.add(`letter-${n}`)))
    const states = (await stores.letters.list(me, 50)).map(({ state }) => state)
    assert.deepEqual(states, ['requested', ...Array.from({ length: 9 }, () => 'resent')])
  })

  test('of two processes that look for letters at once one prints each', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.add('a')
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, n) => stores.print('a', AT, `digest ${n}`)),
    )
    assert.equal(claims.filter(Boolean).length, 1)
  })

  test('a letter whose printer was killed is printed anew, and the code of the first printing opens nothing', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.add('a')
    await stores.print('a', AT, 'first')
    assert.deepEqual(await stores.mailing.due(AT + 14_999, 10), [])
    assert.deepEqual(await stores.mailing.due(AT + 15_000, 10), [{ letterId: 'a', ...me }])
    assert.ok(await stores.print('a', AT + 15_000, 'second'))
    assert.equal(await stores.mailing.mailed('a', 'first', AT + 15_001), false)
    assert.equal(await stores.mailing.mailed('a', 'second', AT + 15_001), true)
    assert.equal((await stores.redeem('first', 'r', AT + 15_002)).outcome, 'wrong')
    assert.equal((await stores.redeem('second', 'r', AT + 15_002)).outcome, 'redeemed')
  })

  test('a letter that the mail did not take is requested again, without a code', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.add('a')
    await stores.print('a')
    await stores.mailing.notTaken('a', 'digest of a', AT + 5_000)
    const row = await stores.letters.find('a')
    assert.deepEqual([row?.state, row?.codeDigest, row?.printedAt], ['requested', null, null])
    assert.equal((await stores.redeem('digest of a')).outcome, 'wrong')
    assert.deepEqual(await stores.mailing.due(AT + 4_999, 10), [])
    assert.equal((await stores.mailing.due(AT + 5_000, 10)).length, 1)
  })

  test('what became of an earlier printing changes nothing at a later one', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.add('a')
    await stores.print('a', AT, 'first')
    await stores.print('a', AT + 15_000, 'second')
    await stores.mailing.notTaken('a', 'first', AT + 20_000)
    assert.equal((await stores.letters.find('a'))?.state, 'printed')
  })

  test('of tries at once no more than the limit look at a code', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.mail('a')
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => stores.redeem('wrong')))
    assert.equal(outcomes.filter(({ outcome }) => outcome === 'wrong').length, 3)
    assert.deepEqual(
      outcomes.find(({ outcome }) => outcome === 'locked'),
      { outcome: 'locked', until: AT + 1 + limit.lockOutMs },
    )
    assert.equal((await stores.redeem('digest of a', 'r', AT + limit.lockOutMs)).outcome, 'locked')
    assert.equal((await stores.redeem('digest of a', 'r', AT + 1 + limit.lockOutMs)).outcome, 'redeemed')
  })

  test('the same code with the same reference is answered like the first time, and takes no other try back', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.mail('a')
    const first = await stores.redeem('digest of a', 'enrolment-1', AT + 1)
    assert.deepEqual(first, { outcome: 'redeemed', letterId: 'a', usedAt: AT + 1, repeated: false })
    await stores.mail('b', AT + 2)
    assert.equal((await stores.redeem('wrong', 'x', AT + 3)).outcome, 'wrong')
    assert.equal((await stores.redeem('wrong', 'x', AT + 3)).outcome, 'wrong')
    const again = await stores.redeem('digest of a', 'enrolment-1', AT + 40 * DAY)
    assert.deepEqual(again, { outcome: 'redeemed', letterId: 'a', usedAt: AT + 1, repeated: true })
    const third = await stores.redeem('digest of a', 'enrolment-2', AT + 40 * DAY)
    assert.deepEqual(
      [third.outcome, 'lockedUntil' in third && third.lockedUntil > 0, 'tries' in third && third.tries],
      ['wrong', true, 3],
    )
  })

  test('callers, owners and kinds are kept apart', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.mail('a')
    const others: Holder[] = [
      { ...me, caller: 'bso-user-ids' },
      { ...me, owner: 'account-2' },
      { ...me, kind: 'reset-code' },
    ]
    for (const [n, holder] of others.entries()) {
      await stores.mail(`other-${n}`, AT, holder)
      assert.equal((await stores.redeem('digest of a', 'r', AT + 1, holder)).outcome, 'wrong')
    }
    assert.equal((await stores.redeem('digest of a')).outcome, 'redeemed')
  })

  test('a code is good up to the last millisecond of its last day', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.mail('a')
    const end = AT + 30 * DAY
    assert.deepEqual(await stores.redeem('digest of a', 'r', end), {
      outcome: 'wrong',
      tries: 1,
      lockedUntil: 0,
      why: 'expired',
    })
    assert.equal((await stores.redeem('digest of a', 'r', end - 1)).outcome, 'redeemed')
  })

  test('one letter too many changes nothing, and says when there may be another', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const two = { letters: 2, spanDays: 30 }
    await stores.add('a', AT, me, two)
    await stores.add('b', AT + DAY, me, two)
    assert.deepEqual(await stores.add('c', AT + 2 * DAY, me, two), { tooMany: AT + 30 * DAY })
    const again = await stores.letters.addAgain('my-ssa', 'b', 'c', () => two, AT + 2 * DAY)
    assert.deepEqual(again, { tooMany: AT + 30 * DAY })
    assert.equal((await stores.letters.find('b'))?.state, 'requested')
    assert.ok('letter' in (await stores.add('c', AT + 30 * DAY, me, two)))
  })

  test('of resends of one letter at once one is sent', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    await stores.mail('a')
    const resends = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        stores.letters.addAgain('my-ssa', 'a', `again-${n}`, () => plenty, AT + 1),
      ),
    )
    assert.equal(resends.filter((each) => each === 'not open').length, 7)
  })

  test('a letter cannot be cancelled and used at once', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    for (let n = 0; n < 5; n += 1) {
      const holder = { ...me, owner: `account-${n}` }
      await stores.mail(`a-${n}`, AT, holder)
      const [cancelled, redeemed] = await Promise.all([
        stores.letters.cancel(holder, AT + 1),
        stores.redeem(`digest of a-${n}`, 'r', AT + 1, holder),
      ])
      assert.notEqual(cancelled === undefined, redeemed.outcome !== 'redeemed')
    }
  })
})

const steps = fc.array(
  fc.oneof(
    fc
      .constantFrom('add', 'again', 'print', 'mailed', 'notTaken', 'cancel', 'comeBack', 'redeem')
      .map((action) => ({ action, days: 0 })),
    fc.integer({ min: 1, max: 20 }).map((days) => ({ action: 'wait', days })),
  ),
  { maxLength: 25 },
)

test('whatever happens in whatever order, letters take allowed steps only and one code counts at most', async () => {
  const property = fc.asyncProperty(steps, async (actions) => {
    await using stores = await openStores('sqlite::memory:')
    let at = AT
    let made = 0
    const all = () => stores.letters.list(me, 100)
    const newest = async () => (await all())[0]
    const next = () => {
      made += 1
      return `letter-${made}`
    }
    const digest = (row: LetterRow | undefined) => row?.codeDigest ?? 'none'
    const act: Record<string, () => Promise<unknown>> = {
      add: () => stores.add(next(), at),
      again: async () =>
        stores.letters.addAgain('my-ssa', (await newest())?.letterId ?? '', next(), () => plenty, at),
      print: async () => stores.print((await newest())?.letterId ?? '', at, `digest ${at} ${made}`),
      mailed: async () => stores.mailing.mailed((await newest())?.letterId ?? '', digest(await newest()), at),
      notTaken: async () =>
        stores.mailing.notTaken((await newest())?.letterId ?? '', digest(await newest()), at),
      cancel: () => stores.letters.cancel(me, at),
      comeBack: async () => stores.letters.comeBack((await newest())?.letterId ?? '', at),
      redeem: async () => stores.redeem(digest(await newest()), 'r', at),
      wait: async () => {},
    }
    for (const { action, days } of actions) {
      const before = new Map((await all()).map((row) => [row.letterId, row]))
      await act[action]!()
      at += 1 + days * DAY
      const after = await all()
      for (const row of after) {
        const earlier = before.get(row.letterId)
        if (!earlier) continue
        // Between the two looks the clock may have taken the letter on by itself.
        const taken = [stateAt(earlier, at - 1 - days * DAY), stateAt(row, at - 1 - days * DAY)] as const
        assert.ok(taken[0] === taken[1] || mayBecome(...taken), `${action}: ${taken.join(' > ')}`)
      }
      const open = after.filter((row) => mayBecome(stateAt(row, at), 'used'))
      assert.ok(open.length <= 1)
      if (open[0]) assert.equal(open[0].number, after[0]?.number)
    }
  })
  await fc.assert(property, { numRuns: 60 })
})
