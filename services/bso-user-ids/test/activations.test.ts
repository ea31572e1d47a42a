import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { CallFailed } from '@gatehouse/contracts/calls'
import { upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import { Refusal } from '@gatehouse/http/refusal'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import fc from 'fast-check'
import { createActivations } from '../src/activations/activations.ts'
import { sqlActivationStore } from '../src/activations/store.ts'
import { createDisablements } from '../src/disablements/disablements.ts'
import { sqlDisablementStore } from '../src/disablements/store.ts'
import { migrations } from '../src/migrations.ts'
import { registerPersonas } from '../src/personas/registration.ts'
import { sqlRegistryStore } from '../src/personas/store.ts'
import type { Tables } from '../src/tables.ts'
import { sqlUserIdStore } from '../src/user-ids/store.ts'
import { file } from './people.ts'
import { stubLetters } from './stub-letters.ts'

const DAY = 24 * 60 * 60 * 1000
const digest = (ssn: string) => `digest of ${Number(ssn) % 1000}`
const JAMES = { bsoUserId: 'JAMES8W3', ein: '960002037', service: 'CBSV' } as const
const MARIA = { bsoUserId: 'MARIA7K2', ein: '960001012', service: 'CBSV' } as const

async function open(url: string) {
  const database = await openDatabase<Tables>(url, 'bso_user_ids')
  await migrate(database, migrations)
  await registerPersonas(file, sqlRegistryStore(database), digest)
  const letters = stubLetters()
  const store = sqlActivationStore(database)
  return {
    database,
    letters,
    store,
    activations: createActivations(store, upgradeCodes(letters.calls)),
    async servicesOf(bsoUserId: string) {
      const rows = await database
        .selectFrom('userIdServices')
        .select('service')
        .where('bsoUserId', '=', bsoUserId)
        .execute()
      return rows.map(({ service }) => service)
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const refused =
  (code: string, extensions: object = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.equal(error.code, code)
    assert.deepEqual({ ...error.extensions, ...extensions }, error.extensions)
    return true
  }
/** How many of these succeeded, and the codes with which the others were refused. */
async function settled(work: Promise<unknown>[]) {
  const results = await Promise.allSettled(work)
  const codes = results.flatMap((result) =>
    result.status === 'rejected'
      ? [result.reason instanceof Refusal ? result.reason.code : String(result.reason)]
      : [],
  )
  return { won: results.length - codes.length, codes: [...new Set(codes)] }
}

onEveryEngine((engine) => {
  test('a request mails a code to the official at the employer’s own address, and only the code makes the service active', async () => {
    await using service = await open(await engine.freshDatabase())
    assert.deepEqual(await service.activations.of(JAMES), { service: 'CBSV', state: 'none' })
    const pending = await service.activations.request(JAMES, undefined)
    assert.equal(pending.state, 'pending')
    assert.equal(pending.letter?.state, 'mailed')
    const [letter] = service.letters.printed
    assert.deepEqual(letter?.recipient, {
      name: 'Responsible Company Official',
      company: 'Example Mortgage Company',
      street: '1 Payroll Plaza',
      city: 'Baltimore',
      state: 'MD',
      zipCode: '21201',
    })
    assert.match(letter?.subject ?? '', /Consent Based .* \(CBSV\), User ID JAMES8W3/)
    assert.deepEqual(await service.activations.of(JAMES), pending)
    assert.deepEqual(await service.servicesOf('JAMES8W3'), [])

    const active = await service.activations.activate(JAMES, service.letters.code())
    assert.equal(active.state, 'active')
    assert.deepEqual(await service.activations.of(JAMES), active)
    const linked = sqlUserIdStore(service.database)
    assert.deepEqual(await linked.linkedTo('nobody'), [])
    assert.deepEqual(await service.servicesOf('JAMES8W3'), ['CBSV'])
    assert.deepEqual(await service.database.selectFrom('serviceRequests').selectAll().execute(), [])
  })

  test('twenty who enter the same code at once activate the service once', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.activations.request(JAMES, undefined)
    const code = service.letters.code()
    const attempts = Array.from({ length: 20 }, () => service.activations.activate(JAMES, code))
    assert.deepEqual(await settled(attempts), { won: 1, codes: ['service_active'] })
    assert.deepEqual(await service.servicesOf('JAMES8W3'), ['CBSV'])
  })

  test('of twenty stores that activate one request at once, one does', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.store.request(JAMES, now())
    const won = await Promise.all(Array.from({ length: 20 }, () => service.store.activate(JAMES, now())))
    assert.equal(won.filter(Boolean).length, 1)
  })

  test('of twenty requests at once one mails a letter', async () => {
    await using service = await open(await engine.freshDatabase())
    const attempts = Array.from({ length: 20 }, () => service.activations.request(JAMES, undefined))
    assert.deepEqual(await settled(attempts), { won: 1, codes: ['service_pending'] })
    assert.equal(service.letters.printed.length, 1)
  })

  test('requesting again ends the earlier code, and twenty who replace the same request mail one letter', async () => {
    await using service = await open(await engine.freshDatabase())
    const { requestedAt = 0 } = await service.activations.request(JAMES, undefined)
    const earlier = service.letters.code()
    const attempts = Array.from({ length: 20 }, () => service.activations.request(JAMES, requestedAt))
    assert.deepEqual(await settled(attempts), { won: 1, codes: ['service_pending'] })
    assert.equal(service.letters.printed.length, 2)
    await assert.rejects(
      service.activations.activate(JAMES, earlier),
      refused('code_not_accepted', { triesLeft: 4 }),
    )
    assert.equal((await service.activations.activate(JAMES, service.letters.code())).state, 'active')
  })

  test('a code expires after 60 days, which leaves the service pending until another code comes', async () => {
    await using service = await open(await engine.freshDatabase())
    const { requestedAt } = await service.activations.request(JAMES, undefined)
    advanceClock(60 * DAY)
    const standing = await service.activations.of(JAMES)
    assert.deepEqual([standing.state, standing.letter?.state], ['pending', 'expired'])
    await assert.rejects(
      service.activations.activate(JAMES, service.letters.code()),
      refused('code_not_accepted'),
    )
    await service.activations.request(JAMES, requestedAt)
    assert.equal((await service.activations.activate(JAMES, service.letters.code())).state, 'active')
  })

  test('wrong codes lock out, also for the right one and after another letter (NIST SP 800-63B-4 §3.1.3.2)', async () => {
    await using service = await open(await engine.freshDatabase())
    const { requestedAt } = await service.activations.request(JAMES, undefined)
    for (const triesLeft of [4, 3, 2, 1])
      await assert.rejects(
        service.activations.activate(JAMES, 'WRONG'),
        refused('code_not_accepted', { triesLeft }),
      )
    const retryAt = now() + DAY
    await assert.rejects(service.activations.activate(JAMES, 'WRONG'), (error: Refusal) => {
      assert.equal(error.headers['retry-after'], String(DAY / 1000))
      return refused('locked_out', { retryAt: error.extensions.retryAt })(error)
    })
    await service.activations.request(JAMES, requestedAt)
    await assert.rejects(service.activations.activate(JAMES, service.letters.code()), refused('locked_out'))
    assert.deepEqual(await service.servicesOf('JAMES8W3'), [])
    advanceClock(retryAt - now() + 1_000)
    assert.equal((await service.activations.activate(JAMES, service.letters.code())).state, 'active')
  })

  test('the code of another User ID activates nothing, and neither does one without a request', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.database.deleteFrom('userIdServices').where('bsoUserId', '=', 'MARIA7K2').execute()
    await service.activations.request(MARIA, undefined)
    const code = service.letters.code()
    await assert.rejects(service.activations.activate(JAMES, code), refused('nothing_requested'))
    await service.activations.request(JAMES, undefined)
    await assert.rejects(service.activations.activate(JAMES, code), refused('code_not_accepted'))
    assert.equal((await service.activations.activate(MARIA, code)).state, 'active')
    assert.deepEqual(await service.servicesOf('JAMES8W3'), [])
  })

  test('a User ID that is unknown, disabled or of another employer is refused alike, also between code and service', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.activations.request(JAMES, undefined)
    for (const key of [
      { ...JAMES, bsoUserId: 'NOBODY22' },
      { ...JAMES, ein: '960001012' },
    ]) {
      await assert.rejects(service.activations.of(key), refused('user_id_unknown'))
      await assert.rejects(service.activations.request(key, undefined), refused('user_id_unknown'))
      await assert.rejects(service.activations.activate(key, 'CODE1'), refused('user_id_unknown'))
      assert.equal(await service.store.activate(key, now()), false)
    }
    service.letters.afterRedemption = async () => {
      await createDisablements(sqlDisablementStore(service.database)).disable(
        { bsoUserId: 'JAMES8W3' },
        { by: 'rosa', reason: 'left the company' },
      )
    }
    await assert.rejects(service.activations.activate(JAMES, 'CODE1'), refused('user_id_unknown'))
    assert.deepEqual(await service.servicesOf('JAMES8W3'), [])
  })

  test('what failed after the code was spent works with the same code again', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.activations.request(JAMES, undefined)
    const code = service.letters.code()
    service.letters.afterRedemption = async () => {
      throw new CallFailed('upgrade-codes', 'no answer')
    }
    await assert.rejects(service.activations.activate(JAMES, code), CallFailed)
    assert.equal((await service.activations.of(JAMES)).state, 'pending')
    service.letters.afterRedemption = async () => {}
    assert.equal((await service.activations.activate(JAMES, code)).state, 'active')
  })

  test('what was spent for an earlier request activates no later one', async () => {
    await using service = await open(await engine.freshDatabase())
    const { requestedAt } = await service.activations.request(JAMES, undefined)
    const spent = service.letters.code()
    service.letters.afterRedemption = async () => {
      throw new CallFailed('upgrade-codes', 'no answer')
    }
    await assert.rejects(service.activations.activate(JAMES, spent), CallFailed)
    service.letters.afterRedemption = async () => {}
    await service.activations.request(JAMES, requestedAt)
    await assert.rejects(service.activations.activate(JAMES, spent), refused('code_not_accepted'))
    assert.equal((await service.activations.activate(JAMES, service.letters.code())).state, 'active')
  })

  test('when no letter can be requested the service is pending without one, and may be requested again', async () => {
    await using service = await open(await engine.freshDatabase())
    service.letters.isDown = true
    await assert.rejects(service.activations.request(JAMES, undefined), CallFailed)
    service.letters.isDown = false
    const pending = await service.activations.of(JAMES)
    assert.deepEqual([pending.state, pending.letter], ['pending', undefined])
    await assert.rejects(service.activations.request(JAMES, undefined), refused('service_pending'))
    await service.activations.request(JAMES, pending.requestedAt)
    assert.equal((await service.activations.activate(JAMES, service.letters.code())).state, 'active')
  })

  test('a code that is requested again while it is entered activates, and the later letter opens nothing', async () => {
    await using service = await open(await engine.freshDatabase())
    const { requestedAt } = await service.activations.request(JAMES, undefined)
    service.letters.afterRedemption = async () => {
      await service.activations.request(JAMES, requestedAt)
    }
    assert.equal((await service.activations.activate(JAMES, 'CODE1')).state, 'active')
    await assert.rejects(service.activations.activate(JAMES, 'CODE2'), refused('service_active'))
    assert.deepEqual(await service.servicesOf('JAMES8W3'), ['CBSV'])
  })

  test('nothing is left to request for an active service, and nothing to replace where nothing was requested', async () => {
    await using service = await open(await engine.freshDatabase())
    await assert.rejects(service.activations.request(MARIA, undefined), refused('service_active'))
    await assert.rejects(service.activations.request(MARIA, 1), refused('service_active'))
    await assert.rejects(service.activations.activate(MARIA, 'CODE1'), refused('service_active'))
    await assert.rejects(service.activations.request(JAMES, 1), refused('nothing_requested'))
    assert.equal(service.letters.printed.length, 0)
  })

  test('a company without an address, or with one that no letter can have, gets no letter', async () => {
    await using service = await open(await engine.freshDatabase())
    const companies = service.database.updateTable('companies').where('ein', '=', JAMES.ein)
    await companies.set({ state: 'Maryland' }).execute()
    await assert.rejects(service.activations.request(JAMES, undefined), refused('company_address_missing'))
    await companies.set({ street: null, city: null, state: null, zipCode: null }).execute()
    await assert.rejects(service.activations.request(JAMES, undefined), refused('company_address_missing'))
    assert.deepEqual(await service.activations.of(JAMES), { service: 'CBSV', state: 'none' })

    await registerPersonas(file, sqlRegistryStore(service.database), digest)
    assert.equal((await service.activations.request(JAMES, undefined)).state, 'pending')
  })

  test('registering the companies again leaves an address as it is', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.database.updateTable('companies').set({ street: '9 New Road' }).execute()
    await registerPersonas(file, sqlRegistryStore(service.database), digest)
    const rows = await service.database.selectFrom('companies').select('street').execute()
    assert.deepEqual([...new Set(rows.map(({ street }) => street))], ['9 New Road'])
  })

  test('too many letters are refused with the time from which there may be another', async () => {
    await using service = await open(await engine.freshDatabase())
    const { requestedAt } = await service.activations.request(JAMES, undefined)
    service.letters.most = 1
    await assert.rejects(service.activations.request(JAMES, requestedAt), refused('too_many_letters'))
    assert.equal((await service.activations.activate(JAMES, 'CODE1')).state, 'active')
  })
})

test('whatever is requested, entered and waited for, only the code of the newest live letter activates', async () => {
  type Step = { do: 'request' } | { do: 'again' } | { do: 'wait' } | { do: 'enter'; letter: number }
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.constantFrom<Step>({ do: 'request' }, { do: 'again' }, { do: 'wait' }),
    fc.record({ do: fc.constant('enter' as const), letter: fc.integer({ min: 0, max: 3 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      await using service = await open('sqlite::memory:')
      for (const one of steps) {
        const before = await service.activations.of(JAMES)
        const newest = service.letters.printed.at(-1)
        const outcome = await run(one).catch((error: unknown) => error)
        assert.ok(!(outcome instanceof Error) || outcome instanceof Refusal, String(outcome))
        const after = await service.activations.of(JAMES)
        if (before.state !== 'active' && after.state === 'active') {
          assert.equal(one.do === 'enter' && service.letters.printed[one.letter], newest)
          assert.ok(newest && newest.expiresAt > now())
        }
        if (before.state === 'active') assert.deepEqual(after, before)

        async function run(one: Step): Promise<unknown> {
          if (one.do === 'wait') return advanceClock(31 * DAY)
          if (one.do === 'request') return service.activations.request(JAMES, undefined)
          if (one.do === 'again') return service.activations.request(JAMES, before.requestedAt ?? 0)
          return service.activations.activate(JAMES, service.letters.printed[one.letter]?.code ?? 'NONE')
        }
      }
    }),
    { numRuns: 40 },
  )
})
