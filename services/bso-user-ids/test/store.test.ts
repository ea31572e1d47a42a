import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import type { Kysely } from 'kysely'
import { createAssociations } from '../src/associations/associations.ts'
import { sqlAssociationStore } from '../src/associations/store.ts'
import { createDisablements } from '../src/disablements/disablements.ts'
import { sqlDisablementStore } from '../src/disablements/store.ts'
import { migrations } from '../src/migrations.ts'
import { registerPersonas } from '../src/personas/registration.ts'
import { sqlRegistryStore } from '../src/personas/store.ts'
import type { Tables } from '../src/tables.ts'
import { sqlUserIdStore } from '../src/user-ids/store.ts'
import { createUserIds } from '../src/user-ids/user-ids.ts'
import { file, personOf } from './people.ts'

const digest = (ssn: string) => `digest of ${Number(ssn) % 1000}`

/** All the rules over one database, with the personas registered. */
async function open(url: string) {
  const database = await openDatabase<Tables>(url, 'bso_user_ids')
  await migrate(database, migrations)
  await registerPersonas(file, sqlRegistryStore(database), digest)
  return { ...rulesOver(database), database, [Symbol.asyncDispose]: () => database.destroy() }
}

function rulesOver(database: Kysely<Tables>) {
  const associations = createAssociations(sqlAssociationStore(database), digest)
  return {
    userIds: createUserIds(sqlUserIdStore(database)),
    disableMaria: () =>
      createDisablements(sqlDisablementStore(database)).disable(
        { bsoUserId: 'MARIA7K2' },
        { by: 'rosa', reason: 'left the company' },
      ),
    associate: (
      accountId: string,
      person: ReturnType<typeof personOf> | Omit<ReturnType<typeof personOf>, 'ssn'>,
      subject = accountId,
    ) => associations.associate({ accountId, credential: { idp: 'login.gov', subject }, person }),
  }
}

function withoutSsn(id: 'maria' | 'james' | 'nadia') {
  const { ssn: _ssn, ...person } = personOf(id)
  return person
}

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

onEveryEngine((engine) => {
  test('registering the personas again changes nothing, also not what happened since', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.disableMaria()
    await service.database.deleteFrom('userIdServices').where('bsoUserId', '=', 'JAMES4Q9').execute()
    const kept = async () => [
      await service.database.selectFrom('userIds').selectAll().orderBy('bsoUserId').execute(),
      await service.database.selectFrom('disablementOrders').selectAll().execute(),
    ]
    const before = await kept()

    await registerPersonas(file, sqlRegistryStore(service.database), digest)
    assert.deepEqual(await kept(), before)
    assert.deepEqual(
      before.map(({ length }) => length),
      [3, 1],
    )
    const services = await service.database.selectFrom('userIdServices').selectAll().execute()
    assert.deepEqual(
      services.map(({ bsoUserId, service }) => [bsoUserId, service]),
      [['MARIA7K2', 'CBSV']],
    )
  })

  test('services that start at once register the personas once', async () => {
    const database = await openDatabase<Tables>(await engine.freshDatabase(), 'bso_user_ids')
    await migrate(database, migrations)
    const store = sqlRegistryStore(database)
    await Promise.all(Array.from({ length: 5 }, () => registerPersonas(file, store, digest)))
    const counted = await database.selectFrom('userIdServices').selectAll().execute()
    await database.destroy()
    assert.equal(counted.length, 3)
  })

  test('personas that cannot be registered leave nothing behind', async () => {
    const database = await openDatabase<Tables>(await engine.freshDatabase(), 'bso_user_ids')
    await migrate(database, migrations)
    const store = sqlRegistryStore(database)
    const [maria, ...others] = structuredClone(file.personas)
    maria!.userIds[0]!.ein = '960009999'
    await assert.rejects(
      registerPersonas({ ...file, personas: [...others, maria!] }, store, digest),
      /^Error: persona maria: a User ID of an unknown company$/,
    )
    maria!.userIds[0] = { bsoUserId: 'maria', ein: '960001012', services: [] }
    await assert.rejects(
      registerPersonas({ ...file, personas: [maria!] }, store, digest),
      /malformed User ID/,
    )
    assert.deepEqual(await database.selectFrom('companies').selectAll().execute(), [])
    assert.deepEqual(await database.selectFrom('userIds').selectAll().execute(), [])
    await database.destroy()
  })

  test('a User ID never passes to another holder, nor outlives a replaced secret', async () => {
    await using service = await open(await engine.freshDatabase())
    const store = sqlRegistryStore(service.database)
    await assert.rejects(
      registerPersonas(file, store, (ssn) => `other ${digest(ssn)}`),
      /persona maria: .* another holder/,
    )
  })

  test('associating a person links all User IDs they hold, with their active services', async () => {
    await using service = await open(await engine.freshDatabase())
    assert.equal(await service.associate('account-james', personOf('james')), 2)
    assert.deepEqual(await service.userIds.of('account-james'), [
      {
        bsoUserId: 'JAMES4Q9',
        ein: '960001012',
        companyName: 'Example Payroll Company',
        services: ['CBSV', 'SSNVS'],
      },
      { bsoUserId: 'JAMES8W3', ein: '960002037', companyName: 'Example Mortgage Company', services: [] },
    ])
  })

  test('one person may come with two credentials and accounts, and holds the same User ID with both', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-1', personOf('maria'))
    await service.associate('account-2', personOf('maria'))
    assert.deepEqual(await service.userIds.of('account-1'), await service.userIds.of('account-2'))
    assert.equal((await service.userIds.of('account-1')).length, 1)
  })

  for (const [what, change] of [
    ['SSN', { ssn: '987654329' }],
    ['last name', { lastName: 'Other' }],
    ['first name', { firstName: 'Mario' }],
    ['date of birth', { dateOfBirth: '1984-03-13' }],
  ] as const) {
    test(`nothing is linked for another ${what}`, async () => {
      await using service = await open(await engine.freshDatabase())
      assert.equal(await service.associate('account-1', { ...personOf('maria'), ...change }), 0)
      assert.deepEqual(await service.userIds.of('account-1'), [])
    })
  }

  test('without an SSN nothing is linked, but who is behind the account is remembered', async () => {
    await using service = await open(await engine.freshDatabase())
    assert.equal(await service.associate('account-1', withoutSsn('maria')), 0)
    assert.deepEqual(await service.userIds.of('account-1'), [])
    await assert.rejects(service.associate('account-1', personOf('james')), refused('account_conflict'))
    assert.equal(
      await service.associate('account-1', personOf('maria')),
      1,
      'and an SSN that comes later counts',
    )
  })

  test('links are kept when a later association brings no SSN or a new name', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-1', personOf('maria'))
    const linked = await service.database.selectFrom('links').selectAll().execute()
    advanceClock(60_000)
    assert.equal(await service.associate('account-1', withoutSsn('maria')), 0)
    assert.equal(await service.associate('account-1', { ...personOf('maria'), lastName: 'Newname' }), 0)
    assert.deepEqual(await service.database.selectFrom('links').selectAll().execute(), linked)
    const account = await service.database.selectFrom('accounts').selectAll().executeTakeFirstOrThrow()
    assert.equal(account.lastName, 'NEWNAME')
    assert.equal(account.ssnDigest, digest(personOf('maria').ssn))
  })

  test('a second person for one account is refused, and nothing of it is kept', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-1', personOf('maria'), 'subject-maria')
    await assert.rejects(
      service.associate('account-1', personOf('james'), 'subject-james'),
      refused('account_conflict'),
    )
    await assert.rejects(
      service.associate('account-1', { ...personOf('maria'), dateOfBirth: '1984-03-13' }),
      refused('account_conflict'),
    )
    assert.deepEqual(
      (await service.userIds.of('account-1')).map(({ bsoUserId }) => bsoUserId),
      ['MARIA7K2'],
    )
    const credentials = await service.database.selectFrom('credentials').select('subject').execute()
    assert.deepEqual(credentials, [{ subject: 'subject-maria' }])
  })

  test('a credential of one account is refused for another, and nothing of it is kept', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-1', personOf('maria'), 'subject-maria')
    await assert.rejects(
      service.associate('account-2', personOf('maria'), 'subject-maria'),
      refused('credential_conflict'),
    )
    const accounts = await service.database.selectFrom('accounts').select('accountId').execute()
    assert.deepEqual(accounts, [{ accountId: 'account-1' }])
  })

  test('of two people who are associated with one account at once, one is refused', async () => {
    await using service = await open(await engine.freshDatabase())
    const both = await Promise.allSettled([
      service.associate('account-1', personOf('maria'), 'subject-maria'),
      service.associate('account-1', personOf('james'), 'subject-james'),
    ])
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const holders = new Set(
      (await service.userIds.of('account-1')).map(({ bsoUserId }) => bsoUserId.slice(0, 5)),
    )
    assert.equal(holders.size, 1)
  })

  test('of two SSNs that come at once for an account without one, one is refused', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-1', withoutSsn('maria'))
    const both = await Promise.allSettled([
      service.associate('account-1', personOf('maria')),
      service.associate('account-1', { ...personOf('maria'), ssn: '987654329' }),
    ])
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })

  test('an account takes over one SSN only, also when both were read as missing before', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-1', withoutSsn('maria'))
    const store = sqlAssociationStore(service.database)
    const maria = { ssnDigest: 'a', firstName: 'MARIA', lastName: 'EXAMPLE', dateOfBirth: '1984-03-12' }
    assert.equal(await store.updatePerson('account-1', { ...maria, dateOfBirth: '1984-03-13' }), false)
    assert.equal(await store.updatePerson('account-1', maria), true)
    assert.equal(await store.updatePerson('account-1', { ...maria, ssnDigest: 'b' }), false)
    assert.equal(await store.updatePerson('account-1', { ...maria, lastName: 'NEWNAME' }), true)
    const account = await service.database.selectFrom('accounts').selectAll().executeTakeFirst()
    assert.deepEqual([account?.ssnDigest, account?.lastName], ['a', 'NEWNAME'])
  })

  test('the same association twenty times at once makes one link', async () => {
    await using service = await open(await engine.freshDatabase())
    const newLinks = await Promise.all(
      Array.from({ length: 20 }, () => service.associate('account-1', personOf('maria'))),
    )
    assert.equal(
      newLinks.reduce((sum, count) => sum + count),
      1,
    )
  })

  test('a disabled User ID is neither linked, nor listed, nor selected', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-1', personOf('maria'))
    await service.disableMaria()
    assert.deepEqual(await service.userIds.of('account-1'), [])
    await assert.rejects(
      service.userIds.select('account-1', 'MARIA7K2', '960001012'),
      refused('user_id_not_linked'),
    )
    assert.equal(await service.associate('account-2', personOf('maria')), 0)
  })

  test('a selection keeps its time and gives the User ID', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-james', personOf('james'))
    advanceClock(60_000)
    const at = now()
    const selected = await service.userIds.select('account-james', 'JAMES8W3', '960002037')
    assert.deepEqual(selected, {
      bsoUserId: 'JAMES8W3',
      ein: '960002037',
      companyName: 'Example Mortgage Company',
      services: [],
    })
    const links = await service.database.selectFrom('links').selectAll().orderBy('bsoUserId').execute()
    assert.equal(links[0]?.lastSelectedAt, null)
    assert.ok((links[1]?.lastSelectedAt ?? 0) >= at)
  })

  for (const [what, bsoUserId, ein] of [
    ["another person's User ID", 'MARIA7K2', '960001012'],
    ['the EIN of another company', 'JAMES8W3', '960001012'],
    ['a User ID that does not exist', 'NOBODY22', '960001012'],
  ] as const) {
    test(`${what} is not selected, and no time is kept`, async () => {
      await using service = await open(await engine.freshDatabase())
      await service.associate('account-james', personOf('james'))
      await service.associate('account-maria', personOf('maria'))
      await assert.rejects(
        service.userIds.select('account-james', bsoUserId, ein),
        refused('user_id_not_linked'),
      )
      const links = await service.database.selectFrom('links').select('lastSelectedAt').execute()
      assert.ok(links.every(({ lastSelectedAt }) => lastSelectedAt === null))
    })
  }

  test('a new User ID is linked, for the person of the account, with no service active', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-nadia', personOf('nadia'))
    const issued = await service.userIds.request('account-nadia', '960001012')
    assert.deepEqual(issued.services, [])
    assert.deepEqual(await service.userIds.of('account-nadia'), [issued])
    assert.deepEqual(await service.userIds.select('account-nadia', issued.bsoUserId, '960001012'), issued)
    assert.equal(
      await service.associate('account-other', personOf('nadia')),
      1,
      'and is hers with any credential',
    )
  })

  test('an account may have a User ID for each company, and requests are refused where it has one', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-maria', personOf('maria'))
    await assert.rejects(service.userIds.request('account-maria', '960001012'), refused('user_id_exists'))
    await service.userIds.request('account-maria', '960002037')
    await assert.rejects(service.userIds.request('account-maria', '960002037'), refused('user_id_exists'))
    assert.equal((await service.userIds.of('account-maria')).length, 2)
  })

  test('a disabled User ID is not replaced by requesting another', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-maria', personOf('maria'))
    await service.disableMaria()
    await assert.rejects(service.userIds.request('account-maria', '960001012'), refused('user_id_exists'))
  })

  test('nobody gets a User ID for an unknown company, or for an account that nobody is associated with', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-nadia', personOf('nadia'))
    await assert.rejects(service.userIds.request('account-nadia', '960009999'), refused('company_unknown'))
    await assert.rejects(service.userIds.request('account-unknown', '960001012'), refused('person_unknown'))
    const issued = await service.database
      .selectFrom('userIds')
      .where('requestedBy', 'is not', null)
      .selectAll()
      .execute()
    assert.deepEqual(issued, [])
  })

  test('of twenty concurrent requests for one account and EIN, exactly one is issued', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-nadia', personOf('nadia'))
    const requests = await Promise.allSettled(
      Array.from({ length: 20 }, () => service.userIds.request('account-nadia', '960001012')),
    )
    const issued = requests.filter(({ status }) => status === 'fulfilled')
    assert.equal(issued.length, 1)
    for (const request of requests) {
      if (request.status === 'rejected')
        assert.ok(refused('user_id_exists')(request.reason), String(request.reason))
    }
    assert.equal((await service.userIds.of('account-nadia')).length, 1)
    const kept = await service.database
      .selectFrom('userIds')
      .where('requestedBy', '=', 'account-nadia')
      .selectAll()
      .execute()
    assert.equal(kept.length, 1)
  })

  test('a User ID that is taken is not issued again: another is tried', async () => {
    await using service = await open(await engine.freshDatabase())
    await service.associate('account-nadia', personOf('nadia'))
    const ids = ['MARIA7K2', 'JAMES4Q9', 'FRESH222']
    const userIds = createUserIds(sqlUserIdStore(service.database), () => ids.shift() ?? '')
    assert.equal((await userIds.request('account-nadia', '960001012')).bsoUserId, 'FRESH222')
    const stuck = createUserIds(sqlUserIdStore(service.database), () => 'MARIA7K2')
    await assert.rejects(stuck.request('account-nadia', '960002037'), /no free BSO User ID/)
    assert.deepEqual(
      (await service.userIds.of('account-nadia')).map(({ bsoUserId }) => bsoUserId),
      ['FRESH222'],
    )
  })

  if (engine.lasts) {
    test('accounts, links, selections and new User IDs are there after a restart', async () => {
      const url = await engine.freshDatabase()
      const before = await open(url)
      await before.associate('account-nadia', personOf('nadia'))
      const issued = await before.userIds.request('account-nadia', '960001012')
      await before.userIds.select('account-nadia', issued.bsoUserId, issued.ein)
      const links = await before.database.selectFrom('links').selectAll().execute()
      await before.database.destroy()

      await using service = await open(url)
      assert.deepEqual(await service.userIds.of('account-nadia'), [issued])
      assert.deepEqual(await service.database.selectFrom('links').selectAll().execute(), links)
      await assert.rejects(service.userIds.request('account-nadia', '960001012'), refused('user_id_exists'))
      await assert.rejects(service.associate('account-nadia', personOf('maria')), refused('account_conflict'))
    })
  }
})
