import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sqlActivationStore } from '../src/activations/store.ts'
import { createAssociations } from '../src/associations/associations.ts'
import { sqlAssociationStore } from '../src/associations/store.ts'
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
const order = { by: 'rosa', reason: 'left the company' }
const HOUR = 3_600_000

/** All the rules over one database; Maria and James are associated with an account each. */
async function open(url: string) {
  const database = await openDatabase<Tables>(url, 'bso_user_ids')
  await migrate(database, migrations)
  await registerPersonas(file, sqlRegistryStore(database), digest)
  const associations = createAssociations(sqlAssociationStore(database), digest)
  for (const id of ['maria', 'james'] as const) {
    const credential = { idp: 'login.gov', subject: id }
    await associations.associate({ accountId: `account of ${id}`, credential, person: personOf(id) })
  }
  const userIds = createUserIds(sqlUserIdStore(database))
  return {
    database,
    associations,
    userIds,
    activations: sqlActivationStore(database),
    disablements: createDisablements(sqlDisablementStore(database)),
    register: createRegister(sqlRegisterStore(database)),
    listed: async (id: string) => (await userIds.of(`account of ${id}`)).map(({ bsoUserId }) => bsoUserId),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

onEveryEngine((engine) => {
  test('a disabled User ID is not offered, selected, linked, requested for or activated, until it is enabled', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements, userIds, activations, register } = service
    await activations.request({ bsoUserId: 'JAMES8W3', ein: '960002037', service: 'CBSV' }, now())
    const key = { bsoUserId: 'JAMES8W3', ein: '960002037', service: 'CBSV' } as const
    const { changed, before, after } = await disablements.disable({ bsoUserId: 'JAMES8W3' }, order)
    assert.deepEqual([changed, before, after?.reason], [true, undefined, 'left the company'])

    assert.deepEqual(await service.listed('james'), ['JAMES4Q9'])
    const select = () => userIds.select('account of james', 'JAMES8W3', '960002037')
    await assert.rejects(select(), refused('user_id_not_linked'))
    assert.equal(await activations.find(key), undefined)
    assert.equal(await activations.activate(key, now()), false)
    const credential = { idp: 'id.me', subject: 'james' }
    await service.associations.associate({ accountId: 'second', credential, person: personOf('james') })
    assert.deepEqual(
      (await userIds.of('second')).map(({ bsoUserId }) => bsoUserId),
      ['JAMES4Q9'],
    )
    const { disabled } = await register.userId('JAMES8W3')
    assert.deepEqual(
      [disabled?.by, disabled?.reason, disabled?.until],
      ['rosa', 'left the company', undefined],
    )

    assert.equal((await disablements.enable({ bsoUserId: 'JAMES8W3' })).changed, true)
    assert.equal((await select()).bsoUserId, 'JAMES8W3')
    assert.equal(await activations.activate(key, now()), true)
    assert.equal((await register.userId('JAMES8W3')).disabled, undefined)
  })

  test('a disabled company takes all its User IDs with it, and issues none, until it is enabled', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements, userIds, register } = service
    assert.equal((await disablements.disable(COMPANY, order)).changed, true)
    assert.deepEqual(await service.listed('maria'), [])
    assert.deepEqual(await service.listed('james'), ['JAMES8W3'], 'that of another company stays')
    await assert.rejects(
      userIds.select('account of maria', 'MARIA7K2', '960001012'),
      refused('user_id_not_linked'),
    )
    const credential = { idp: 'login.gov', subject: 'nadia' }
    await service.associations.associate({ accountId: 'nadia', credential, person: personOf('nadia') })
    await assert.rejects(userIds.request('nadia', '960001012'), refused('company_disabled'))
    const record = await register.userId('MARIA7K2')
    assert.equal(record.disabled, undefined)
    assert.equal(record.companyDisabled?.by, 'rosa')

    await disablements.disable(MARIA, order)
    await disablements.enable(COMPANY)
    assert.deepEqual(await service.listed('maria'), [], 'disabled itself, it stays so')
    assert.equal((await userIds.request('nadia', '960001012')).ein, '960001012')
  })

  test('a disablement with an end is over from that instant on, by the clock', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements, register } = service
    await disablements.disable(MARIA, { ...order, until: now() + HOUR })
    await disablements.disable(COMPANY, { ...order, until: now() + HOUR })
    advanceClock(HOUR - 60_000)
    assert.deepEqual(await service.listed('maria'), [])
    advanceClock(60_000)
    assert.deepEqual(await service.listed('maria'), ['MARIA7K2'])
    const { disabled, companyDisabled } = await register.userId('MARIA7K2')
    assert.deepEqual([disabled, companyDisabled], [undefined, undefined])
    assert.equal((await disablements.enable(MARIA)).changed, false, 'nothing is left to enable')
    const again = await disablements.disable(MARIA, order)
    assert.deepEqual([again.changed, again.before], [true, undefined])
  })

  test('an end that is not ahead is refused, and so is what nobody knows', async () => {
    await using service = await open(await engine.freshDatabase())
    const { disablements, register } = service
    const disable = async (until: number) => disablements.disable(MARIA, { ...order, until })
    await assert.rejects(disable(now()), refused('end_not_ahead'))
    assert.deepEqual(await service.listed('maria'), ['MARIA7K2'])
    await assert.rejects(disablements.disable({ bsoUserId: 'NOBODY22' }, order), refused('not_found'))
    await assert.rejects(disablements.enable({ ein: '969999999' }), refused('not_found'))
    await assert.rejects(register.company('969999999'), refused('not_found'))
  })

  test('User IDs are found by their beginning, EIN, part of the company’s name and holder’s name, page by page', async () => {
    await using service = await open(await engine.freshDatabase())
    const { register } = service
    const found = async (by: Parameters<typeof register.search>[0]['by'], text: string) =>
      (await register.search({ by, text })).userIds.map(({ bsoUserId }) => bsoUserId)
    assert.deepEqual(await found('user-id', 'james'), ['JAMES4Q9', 'JAMES8W3'])
    assert.deepEqual(await found('user-id', '%'), [])
    assert.deepEqual(await found('ein', '96-0001012'), ['JAMES4Q9', 'MARIA7K2'])
    assert.deepEqual(await found('ein', '96000101'), [])
    assert.deepEqual(await found('company-name', 'mortgage co'), ['JAMES8W3'])
    assert.deepEqual(await found('company-name', '%_'), [])
    for (const name of ['mar', 'María Éxample', 'Example, Maria', 'EXAMPLE']) {
      assert.deepEqual(await found('holder-name', name), ['MARIA7K2'], name)
    }
    assert.deepEqual(await found('holder-name', 'xample'), [])

    const first = await register.search({ by: 'ein', text: '960001012', limit: 1 })
    assert.deepEqual([first.userIds[0]?.bsoUserId, first.userIds.length], ['JAMES4Q9', 1])
    const second = await register.search({ by: 'ein', text: '960001012', limit: 1, cursor: first.next ?? '' })
    assert.deepEqual([second.userIds[0]?.bsoUserId, second.next], ['MARIA7K2', undefined])
    await assert.rejects(
      register.search({ by: 'ein', text: '960001012', cursor: 'bm9uc2Vuc2U' }),
      refused('invalid_request'),
    )
  })

  test('companies are found by EIN or part of their name, with how many User IDs they have', async () => {
    await using service = await open(await engine.freshDatabase())
    const { register, disablements } = service
    await disablements.disable(MARIA, order)
    assert.deepEqual((await register.searchCompanies({ text: 'PAYROLL' })).companies, [
      { ein: '960001012', name: 'Example Payroll Company', userIds: 2 },
    ])
    assert.deepEqual((await register.searchCompanies({ text: '96-0002037' })).companies, [
      { ein: '960002037', name: 'Example Mortgage Company', userIds: 1 },
    ])
    const first = await register.searchCompanies({ limit: 1 })
    const second = await register.searchCompanies({ limit: 1, cursor: first.next ?? '' })
    assert.deepEqual(
      [first, second].map(({ companies: [one] }) => one?.ein),
      ['960001012', '960002037'],
    )
    assert.equal(second.next, undefined)
    assert.deepEqual((await register.searchCompanies({ text: '—' })).companies, [])
  })

  test('what User IDs and companies are called is told at once for many; what nobody knows is left out', async () => {
    await using service = await open(await engine.freshDatabase())
    const { register, disablements } = service
    await disablements.disable(MARIA, order)
    const unknown = ['NOBODY22', 'no such thing', "it's \0", '']
    assert.deepEqual(
      await register.names({
        userIds: ['MARIA7K2', ...unknown],
        eins: ['960002037', '969999999', ...unknown],
      }),
      {
        userIds: [
          {
            bsoUserId: 'MARIA7K2',
            ein: '960001012',
            companyName: 'Example Payroll Company',
            holderName: 'MARIA EXAMPLE',
          },
        ],
        companies: [{ ein: '960002037', name: 'Example Mortgage Company' }],
      },
    )
    assert.deepEqual(await register.names({ userIds: unknown, eins: [] }), { userIds: [], companies: [] })
  })

  test('the User IDs of an account and of a company are all there, with holder, services and accounts', async () => {
    await using service = await open(await engine.freshDatabase())
    const { register, disablements, userIds } = service
    await userIds.select('account of james', 'JAMES4Q9', '960001012')
    await disablements.disable({ bsoUserId: 'JAMES4Q9' }, { ...order, until: now() + HOUR })
    const [one, other] = (await register.ofAccount('account of james', {})).userIds
    assert.equal(other?.bsoUserId, 'JAMES8W3')
    assert.ok(one?.lastSelectedAt && one.disabled?.until && one.disabled.until > now())
    const { lastSelectedAt: _at, disabled: _disabled, issuedAt: _issuedAt, ...rest } = one
    assert.deepEqual(rest, {
      bsoUserId: 'JAMES4Q9',
      ein: '960001012',
      companyName: 'Example Payroll Company',
      holderName: 'JAMES SAMPLE',
      services: ['CBSV', 'SSNVS'],
      accounts: ['account of james'],
    })
    const page = await register.ofCompany('960001012', { limit: 1 })
    assert.equal(page.userIds[0]?.bsoUserId, 'JAMES4Q9')
    assert.ok(page.next)
    await assert.rejects(register.ofCompany('969999999', {}), refused('not_found'))
  })
})
