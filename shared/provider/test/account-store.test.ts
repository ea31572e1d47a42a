import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onEveryEngine } from '@gatehouse/storage/testing'
import type { Profile } from '../src/accounts/account.ts'
import { openStores, PASSWORD } from './support/stores.ts'

const profile: Profile = {
  givenName: 'Maria',
  familyName: 'Example',
  birthdate: '1984-03-12',
  socialSecurityNumber: '987654325',
  address: { street: '100 Example Street', locality: 'Baltimore', region: 'MD', postalCode: '21235' },
  faceMatched: false,
  verifiedAt: 1_800_000_000_000,
}

onEveryEngine((engine) => {
  test('an account is found by each of its addresses, however they are written', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const id = await stores.newAccount()
    assert.equal(await accounts.addEmail(id, ' Maria@Work.example.com '), true)
    for (const email of ['MARIA@example.com', 'maria@work.example.com ']) {
      assert.equal((await accounts.findByEmail(email))?.id, id)
      assert.equal((await accounts.withPassword(email, PASSWORD))?.id, id)
    }
    assert.equal(await accounts.findByEmail('nobody@example.com'), undefined)
    assert.equal(await accounts.withPassword('maria@example.com', 'another'), undefined)
  })

  test('what proofing found out is sealed at rest, and comes back whole', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const { faceMatched: _, verifiedAt: __, ...identity } = profile
    const evidence = { identity, outcome: 'passes' as const }
    const affiliations = [{ group: 'military', subgroups: ['Veteran'] }]
    const id = await accounts.add({ email: 'maria@example.com', profile, evidence, affiliations }, PASSWORD)
    const account = await accounts.find(id!)
    assert.deepEqual(account?.profile, profile)
    assert.deepEqual(account?.evidence, evidence)
    assert.deepEqual(account?.affiliations, affiliations)
    const kept = await stores.everythingIn('accounts')
    for (const secret of ['987654325', '1984-03-12', 'Example Street', 'Baltimore']) {
      assert.ok(!kept.includes(secret), secret)
    }
    await accounts.setProfile(id!, undefined)
    assert.equal((await accounts.find(id!))?.profile, undefined)
  })

  test('an address that is taken makes no account, and leaves nothing of one behind', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const id = await stores.newAccount()
    assert.equal(await accounts.add({ email: 'MARIA@example.com' }, 'another'), undefined)
    // The rules look first; two at once get past that, and only the table can tell them apart.
    const both = await Promise.all([
      accounts.add({ email: 'oliver@example.com' }, PASSWORD),
      accounts.add({ email: 'oliver@example.com' }, PASSWORD),
    ])
    assert.equal(both.filter(Boolean).length, 1)
    const rows = await stores.database.selectFrom('accounts').select('id').execute()
    assert.deepEqual(rows.map(({ id }) => id).toSorted(), [id, both.find(Boolean)].toSorted())
    assert.equal((await accounts.withPassword('maria@example.com', PASSWORD))?.id, id)
  })

  test('an address belongs to one account, of two that ask at once too', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const maria = await stores.newAccount()
    const oliver = await stores.newAccount('oliver@example.com')
    assert.equal(await accounts.addEmail(oliver, 'maria@example.com'), false)
    assert.equal(await accounts.addEmail(maria, 'maria@example.com'), false)
    const both = await Promise.all([
      accounts.addEmail(maria, 'shared@example.com'),
      accounts.addEmail(oliver, 'shared@example.com'),
    ])
    assert.deepEqual(both.toSorted(), [false, true])
    assert.deepEqual((await accounts.find(maria))?.emails.includes('shared@example.com'), both[0])
  })

  test('the last address cannot be removed, of two removed at once neither; nor can somebody else’s', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const maria = await stores.newAccount()
    const oliver = await stores.newAccount('oliver@example.com')
    assert.equal(await accounts.removeEmail(maria, 'maria@example.com'), false)
    await accounts.addEmail(maria, 'second@example.com')
    assert.equal(await accounts.removeEmail(oliver, 'second@example.com'), false)
    // Several people, so that on PostgreSQL some do meet.
    const people = await Promise.all([1, 2, 3, 4, 5].map((n) => stores.newAccount(`${n}@one.example.com`)))
    await Promise.all(people.map((id, index) => accounts.addEmail(id, `${index + 1}@two.example.com`)))
    const removals = people.map(async (id, index) => {
      const both = ['one', 'two'].map((host) => accounts.removeEmail(id, `${index + 1}@${host}.example.com`))
      assert.deepEqual((await Promise.all(both)).toSorted(), [false, true])
      assert.equal((await accounts.find(id))?.emails.length, 1)
    })
    await Promise.all(removals)
  })

  test('an account goes by the address last signed in with, else by its oldest', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const id = await stores.newAccount()
    advanceClock(1000)
    await accounts.addEmail(id, 'a.second@example.com')
    assert.deepEqual((await accounts.find(id))?.emails, ['maria@example.com', 'a.second@example.com'])
    assert.equal((await accounts.find(id))?.email, 'maria@example.com')
    await accounts.useEmail(id, 'A.Second@example.com')
    assert.equal((await accounts.find(id))?.email, 'a.second@example.com')
    advanceClock(1000)
    await accounts.useEmail(id, 'maria@example.com')
    assert.equal((await accounts.find(id))?.email, 'maria@example.com')
  })

  test('a new password takes the place of the old one, and says since when', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const id = await stores.newAccount()
    const before = (await accounts.find(id))!.passwordChangedAt
    advanceClock(1000)
    await accounts.setPassword(id, 'another')
    assert.equal(await accounts.hasPassword(id, PASSWORD), false)
    assert.equal(await accounts.hasPassword(id, 'another'), true)
    assert.equal(await accounts.hasPassword('nobody', 'another'), false)
    assert.ok((await accounts.find(id))!.passwordChangedAt >= before + 1000)
  })

  test('a suspension is kept until it is lifted, and nobody is suspended who is not there', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const id = await stores.newAccount()
    assert.equal((await accounts.find(id))?.isSuspended, false)
    assert.equal(await accounts.setSuspended(id, true), true)
    assert.equal((await accounts.find(id))?.isSuspended, true)
    await accounts.setSuspended(id, false)
    assert.equal((await accounts.find(id))?.isSuspended, false)
    assert.equal(await accounts.setSuspended('nobody', true), false)
  })

  test('removing an account takes along all that hangs on it, and nothing of anybody else', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts, authenticators, lookUpSecrets, rememberedBrowsers, sessionStore } = stores
    const people = [await stores.newAccount(), await stores.newAccount('oliver@example.com')]
    for (const accountId of people) {
      const details = { number: '+12025550142', prefers: 'text' as const }
      await authenticators.add({ accountId, kind: 'phone', name: 'Phone', details })
      await lookUpSecrets.issue(accountId, 'backup_code', { count: 2, groups: 3 })
      await rememberedBrowsers.remember(accountId)
      await sessionStore.add(`key of ${accountId}`, accountId, { accountId }, 2e12, 2e12)
    }
    const [maria = '', oliver = ''] = people
    assert.equal(await accounts.remove(maria), true)
    assert.equal(await accounts.remove(maria), false)
    for (const table of [
      'email_addresses',
      'authenticators',
      'look_up_secrets',
      'remembered_browsers',
      'sessions',
    ]) {
      const kept = await stores.everythingIn(table)
      assert.ok(!kept.includes(maria), table)
      assert.ok(kept.includes(oliver), table)
    }
    assert.equal(await accounts.findByEmail('maria@example.com'), undefined)
    // The address is free again.
    assert.ok(await stores.newAccount())
  })
})
