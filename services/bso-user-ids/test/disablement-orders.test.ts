import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import fc from 'fast-check'
import { sql } from 'kysely'
import { createAssociations } from '../src/associations/associations.ts'
import { sqlAssociationStore } from '../src/associations/store.ts'
import { auditedDisablements } from '../src/disablements/audited.ts'
import { createDisablements } from '../src/disablements/disablements.ts'
import { sqlDisablementStore } from '../src/disablements/store.ts'
import { migrations } from '../src/migrations.ts'
import { registerPersonas } from '../src/personas/registration.ts'
import { sqlRegistryStore } from '../src/personas/store.ts'
import { createRegister } from '../src/register/register.ts'
import { sqlRegisterStore } from '../src/register/store.ts'
import type { Tables } from '../src/tables.ts'
import { sqlUserIdStore } from '../src/user-ids/store.ts'
import { createUserIds } from '../src/user-ids/user-ids.ts'
import { file, personOf } from './people.ts'

const digest = (ssn: string) => `digest of ${Number(ssn) % 1000}`
const MARIA = { bsoUserId: 'MARIA7K2' }
const COMPANY = { ein: '960001012' }
const why = { by: 'rosa', reason: 'left the company' }
const HOUR = 3_600_000
const named = (order: string, hours?: number) => ({
  ...why,
  order,
  ...(hours === undefined ? {} : { until: now() + hours * HOUR }),
})

/** Maria's User ID at her company, linked to an account. */
async function open(url: string) {
  const database = await openDatabase<Tables>(url, 'bso_user_ids')
  await migrate(database, migrations)
  await registerPersonas(file, sqlRegistryStore(database), digest)
  await createAssociations(sqlAssociationStore(database), digest).associate({
    accountId: 'account',
    credential: { idp: 'login.gov', subject: 'maria' },
    person: personOf('maria'),
  })
  const register = createRegister(sqlRegisterStore(database))
  const userIds = createUserIds(sqlUserIdStore(database))
  return {
    disablements: createDisablements(sqlDisablementStore(database)),
    counts: async () => (await userIds.of('account')).length === 1,
    about: async (target: typeof MARIA | typeof COMPANY) =>
      'ein' in target
        ? (await register.company(target.ein)).disabled
        : (await register.userId(target.bsoUserId)).disabled,
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

onEveryEngine((engine) => {
  test('taking back an order leaves what a newer one has disabled, and the other way round', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements } = service
    for (const [first, second] of [
      ['order-one', 'order-two'],
      ['order-four', 'order-three'],
    ] as const) {
      for (const order of [first, second].sort()) await disablements.disable(MARIA, named(order))
      const one = await disablements.enable(MARIA, { order: first })
      assert.deepEqual([one.changed, one.after?.orders.map(({ order }) => order)], [true, [second]])
      assert.equal(await service.counts(), false)
      const other = await disablements.enable(MARIA, { order: second })
      assert.deepEqual([other.changed, other.after], [true, undefined])
      assert.equal(await service.counts(), true)
    }
  })

  test('an order that is repeated changes nothing, not even after it was lifted or is over', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements } = service
    const lasting = named('a-lasting-order')
    const ending = named('an-order-that-ends', 1)
    for (const order of [lasting, ending])
      assert.equal((await disablements.disable(MARIA, order)).changed, true)
    const again = await disablements.disable(MARIA, { ...lasting, by: 'vera', until: now() + HOUR })
    assert.deepEqual([again.changed, again.after?.by, again.after?.until], [false, 'rosa', undefined])
    await disablements.enable(MARIA, { order: lasting.order })
    advanceClock(HOUR)
    for (const order of [lasting, ending])
      assert.equal((await disablements.disable(MARIA, order)).changed, false)
    assert.equal(await service.counts(), true)
    assert.equal((await disablements.disable(COMPANY, lasting)).changed, true, 'about another it is another')
  })

  test('lifting an order that is unknown, over or lifted changes nothing', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements } = service
    await disablements.disable(MARIA, named('a-lasting-order'))
    await disablements.disable(MARIA, named('an-order-that-ends', 1))
    await disablements.disable(MARIA, named('a-lifted-order'))
    await disablements.enable(MARIA, { order: 'a-lifted-order' })
    advanceClock(HOUR)
    for (const order of ['nobody-gave-it', 'an-order-that-ends', 'a-lifted-order']) {
      const { changed, after } = await disablements.enable(MARIA, { order })
      assert.deepEqual([changed, after?.orders.length], [false, 1], order)
    }
    assert.equal((await disablements.enable(COMPANY, { order: 'a-lasting-order' })).changed, false)
    assert.equal(await service.counts(), false)
  })

  test('orders without a name are one each, and enabling without a name lifts all', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements } = service
    await disablements.disable(MARIA, why)
    const { changed, after } = await disablements.disable(MARIA, why)
    assert.deepEqual([changed, after?.orders.length], [true, 2])
    const all = await disablements.enable(MARIA)
    assert.deepEqual([all.changed, all.before?.orders.length, all.after], [true, 2, undefined])
    assert.equal((await disablements.enable(MARIA)).changed, false)
  })

  test('what is told of several orders is what the one says that ends last', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements } = service
    await disablements.disable(MARIA, { ...named('for-an-hour', 1), reason: 'one hour' })
    await disablements.disable(MARIA, { ...named('for-three-hours', 3), reason: 'three hours' })
    await disablements.disable(MARIA, { ...named('for-two-hours', 2), reason: 'two hours' })
    assert.equal((await service.about(MARIA))?.reason, 'three hours')
    await disablements.disable(MARIA, { ...named('for-good-one'), reason: 'for good' })
    advanceClock(1)
    await disablements.disable(MARIA, { ...named('for-good-two'), reason: 'for good, later' })
    const { reason, until, orders } = (await service.about(MARIA)) ?? assert.fail()
    assert.deepEqual([reason, until], ['for good', undefined])
    assert.deepEqual(
      orders.map(({ order }) => order),
      ['for-good-one', 'for-good-two', 'for-three-hours', 'for-two-hours', 'for-an-hour'],
    )
  })

  test('of twenty calls at once about one order one changes it; twenty orders at once all stand', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements } = service
    const twenty = <T>(call: (number: number) => Promise<T>) =>
      Promise.all(Array.from({ length: 20 }, (_, number) => call(number)))
    const changes = (done: { changed: boolean }[]) => done.filter(({ changed }) => changed).length
    for (const target of [MARIA, COMPANY]) {
      assert.equal(changes(await twenty(() => disablements.disable(target, named('one-order')))), 1)
      assert.equal(changes(await twenty(() => disablements.enable(target, { order: 'one-order' }))), 1)
      await twenty((number) => disablements.disable(target, named(`order-number-${number}`)))
      assert.equal((await service.about(target))?.orders.length, 20)
      assert.equal(changes(await twenty(() => disablements.enable(target))), 1)
    }
  })

  test('when the audit trail cannot be written, nothing is disabled or enabled', async () => {
    await using service = await open(await engine.freshDatabase())
    const failing: Audit = {
      record: async () => assert.fail('only refusals are recorded by themselves'),
      recordIn: async () => {
        throw new Error('the trail cannot be written')
      },
    }
    const audited = auditedDisablements(service.disablements, failing)
    await assert.rejects(audited.disable(MARIA, named('one-order'), 'request'), /cannot be written/)
    assert.equal(await service.counts(), true)
    await service.disablements.disable(MARIA, named('one-order'))
    await assert.rejects(audited.enable(MARIA, why, 'request'), /cannot be written/)
    assert.equal(await service.counts(), false)
  })

  test('what was disabled before there were orders stays so, by an order of its own', async () => {
    const database = await openDatabase<Tables>(await engine.freshDatabase(), 'bso_user_ids')
    const former = Object.entries(migrations).filter(([name]) => name < '0007')
    await migrate(database, Object.fromEntries(former))
    await sql`insert into companies (ein, name, disabled_at, disabled_by, disabled_reason)
      values ('960001012', 'Company', 5, 'vera', 'because')`.execute(database)
    for (const [bsoUserId, at, until] of [
      ['ENABLED2', null, null],
      ['DISABLED', 7, 4_000_000_000_000],
    ] as const) {
      await sql`insert into user_ids (bso_user_id, ein, first_name, last_name, date_of_birth, issued_at,
          disabled_at, disabled_until, disabled_by, disabled_reason)
        values (${bsoUserId}, '960001012', 'A', 'B', '1990-01-01', 1, ${at}, ${until}, 'rosa', 'left')`.execute(
        database,
      )
    }
    await migrate(database, migrations)
    const register = createRegister(sqlRegisterStore(database))
    const company = { at: 5, by: 'vera', reason: 'because' }
    const userId = { at: 7, by: 'rosa', reason: 'left', until: 4_000_000_000_000 }
    const order = 'before-orders'
    const { disabled, companyDisabled } = await register.userId('DISABLED')
    assert.deepEqual(disabled, { ...userId, orders: [{ order, ...userId }] })
    assert.deepEqual(companyDisabled, { ...company, orders: [{ order, ...company }] })
    assert.equal((await register.userId('ENABLED2')).disabled, undefined)
    const disablements = createDisablements(sqlDisablementStore(database))
    assert.equal((await disablements.enable({ bsoUserId: 'DISABLED' }, { order })).after, undefined)
    await database.destroy()
  })

  test('whatever is ordered, lifted and waited for, something is disabled while an order about it stands', async () => {
    await using service = await open(await engine.freshDatabase())
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        runs += 1
        for (const target of [MARIA, COMPANY]) await service.disablements.enable(target)
        const models = new Map([MARIA, COMPANY].map((target) => [target, new Orders()]))
        for (const { target, does, order: number, hours } of steps) {
          const model = models.get(target) ?? assert.fail()
          const order = number === undefined ? undefined : `run-${runs}-order-${number}`
          if (does === 'wait') advanceClock((hours ?? 1) * HOUR)
          else if (does === 'enable') {
            const lifted = await service.disablements.enable(target, order === undefined ? {} : { order })
            assert.equal(lifted.changed, model.lift(order))
          } else {
            const wanted = named(order ?? `run-${runs}-any-order`, hours)
            const kept = await service.disablements.disable(target, wanted)
            assert.equal(kept.changed, model.add(wanted.order, wanted.until))
          }
          for (const [target, model] of models) {
            const { orders, until } = (await service.about(target)) ?? { orders: [], until: 0 }
            assert.deepEqual(orders.map(({ order }) => order).sort(), model.standing())
            assert.equal(until ?? Number.POSITIVE_INFINITY, model.end())
          }
          assert.equal(
            await service.counts(),
            [...models.values()].every((model) => model.standing().length === 0),
          )
        }
      }),
      { numRuns: 40 },
    )
  })

  test('an order whose end is over is refused and not kept', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements } = service
    await assert.rejects(disablements.disable(MARIA, named('one-order', 0)), refused('end_not_ahead'))
    assert.equal((await disablements.disable(MARIA, named('one-order', 1))).changed, true)
  })
})

const step = fc.record({
  target: fc.constantFrom<typeof MARIA | typeof COMPANY>(MARIA, COMPANY),
  does: fc.constantFrom('disable', 'disable', 'enable', 'wait'),
  order: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
  hours: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
})

/** What the orders about one target should do. */
class Orders {
  readonly #ends = new Map<string, number>()
  readonly #lifted = new Set<string>()

  add(order: string, until = Number.POSITIVE_INFINITY): boolean {
    if (this.#ends.has(order)) return false
    this.#ends.set(order, until)
    return true
  }

  lift(order: string | undefined): boolean {
    const lifted = this.standing().filter((one) => order === undefined || one === order)
    for (const one of lifted) this.#lifted.add(one)
    return lifted.length > 0
  }

  standing(): string[] {
    return [...this.#ends]
      .flatMap(([order, end]) => (end > now() && !this.#lifted.has(order) ? order : []))
      .sort()
  }

  /** Zero: nothing stands. */
  end(): number {
    return Math.max(0, ...this.standing().map((order) => this.#ends.get(order) ?? 0))
  }
}
