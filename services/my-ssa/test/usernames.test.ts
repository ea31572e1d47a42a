// Usernames, people and blocks in their tables, on every engine.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { createElectronicAccess } from '../src/electronic-access/electronic-access.ts'
import { migrations } from '../src/migrations.ts'
import { type AddOutcome, type NewMySsaAccount, sqlUsernames } from '../src/usernames/store.ts'

const HASH = 'no password has this hash'
const SSN = '912345678'

async function open(url: string) {
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  const database = await openDatabase<any>(url, 'my_ssa')
  await migrate(database, migrations)
  const secrets = deriveSecrets(Buffer.alloc(32, 'of these tests'))
  return {
    database,
    usernames: sqlUsernames(database, secrets),
    electronicAccess: createElectronicAccess({ database, secrets }),
    accounts: createAccounts(sqlAccountStore(database, secrets)),
    sessions: createSessions(sqlSessionStore(database), (secret) => secrets.digest('session', secret), {
      idleMs: 900_000,
      longestMs: 900_000,
      oneBrowser: false,
    }),
    /** All rows that an account leaves, as text. */
    async everything() {
      const tables = ['usernames', 'people', 'accounts', 'emailAddresses']
      return Promise.all(tables.map((table) => database.selectFrom(table).selectAll().execute()))
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

function person(number: number, changes: Partial<NewMySsaAccount> & { ssn?: string } = {}): NewMySsaAccount {
  const { ssn = String(920_000_000 + number), ...more } = changes
  return {
    username: `Person${1000 + number}`,
    email: `person-${number}@example.com`,
    profile: {
      givenName: 'Test',
      familyName: 'Person',
      birthdate: '1990-02-28',
      socialSecurityNumber: ssn,
      address: { street: '1 Test Street', locality: 'Baltimore', region: 'MD', postalCode: '21235' },
      faceMatched: false,
      verifiedAt: 1,
    },
    ...more,
  }
}

const outcomes = (all: AddOutcome[]) => all.map(({ outcome }) => outcome).toSorted()

onEveryEngine((engine) => {
  test('an account is found by its username in any case, which is kept as it was chosen', async () => {
    await using stores = await open(await engine.freshDatabase())
    const added = await stores.usernames.add(person(1, { username: 'MariaExample84', ssn: SSN }), HASH)
    assert.ok(added.outcome === 'added')
    for (const username of ['mariaexample84', 'MARIAEXAMPLE84', ' MariaExample84 ']) {
      assert.equal(await stores.usernames.accountOf(username), added.accountId)
    }
    assert.equal(await stores.usernames.of(added.accountId), 'MariaExample84')
    assert.equal(await stores.usernames.accountOfPerson(SSN), added.accountId)
    assert.equal((await stores.accounts.find(added.accountId))?.profile?.socialSecurityNumber, SSN)
    assert.equal(await stores.usernames.of('nobody'), undefined)
    assert.equal(await stores.usernames.accountOf('nobody1234'), undefined)
    assert.equal(await stores.usernames.accountOfPerson('900000000'), undefined)
  })

  test('no table reveals the SSN', async () => {
    await using stores = await open(await engine.freshDatabase())
    await stores.usernames.add(person(1, { ssn: SSN }), HASH)
    await stores.electronicAccess.block(SSN)
    const kept = JSON.stringify(await stores.everything())
    assert.ok(kept.includes('person1001'))
    assert.ok(!kept.includes(SSN) && !kept.includes(SSN.slice(0, 5)))
  })

  test('of two people who want one username, whatever its case, one gets it, and nothing is left of the other', async () => {
    await using stores = await open(await engine.freshDatabase())
    const all = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((number) =>
        stores.usernames.add(person(number, { username: number % 2 ? 'SameName1' : 'samename1' }), HASH),
      ),
    )
    assert.deepEqual(outcomes(all), ['added', ...Array(5).fill('username_taken')])
    for (const rows of await stores.everything()) assert.equal(rows.length, 1)
  })

  test('of two accounts for one SSN at once one is made, and nothing is left of the other', async () => {
    await using stores = await open(await engine.freshDatabase())
    const all = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((number) => stores.usernames.add(person(number, { ssn: SSN }), HASH)),
    )
    assert.deepEqual(outcomes(all), ['added', ...Array(5).fill('has_account')])
    for (const rows of await stores.everything()) assert.equal(rows.length, 1)
  })

  test('of two accounts for one e-mail address at once one is made, and nothing is left of the other', async () => {
    await using stores = await open(await engine.freshDatabase())
    const all = await Promise.all(
      [1, 2, 3, 4].map((number) => stores.usernames.add(person(number, { email: 'one@example.com' }), HASH)),
    )
    assert.deepEqual(outcomes(all), ['added', ...Array(3).fill('email_taken')])
    for (const rows of await stores.everything()) assert.equal(rows.length, 1)
  })

  test('a block suspends the account, ends its sessions, and lets nobody sign in', async () => {
    await using stores = await open(await engine.freshDatabase())
    const { electronicAccess, sessions } = stores
    const added = await stores.usernames.add(person(1, { ssn: SSN }), HASH)
    assert.ok(added.outcome === 'added')
    const { accountId } = added
    const first = await sessions.begin()
    const signedIn = await sessions.signIn(first.session, accountId, [], { methods: ['pwd'] })
    assert.equal(await electronicAccess.isBlocked(accountId), false)

    assert.deepEqual(await electronicAccess.block(SSN), { isNew: true, accountId })
    assert.deepEqual(await electronicAccess.block(SSN), { isNew: false, accountId: undefined })
    assert.equal(await electronicAccess.isBlocked(accountId), true)
    assert.equal(await electronicAccess.isPersonBlocked(SSN), true)
    assert.equal((await stores.accounts.find(accountId))?.isSuspended, true)
    const session = await sessions.find(signedIn?.secret ?? '')
    assert.equal(session?.accountId, undefined)
    assert.equal(session?.notice?.kind, 'access_blocked')
    const another = await sessions.begin()
    assert.equal(await sessions.signIn(another.session, accountId, [], { methods: ['pwd'] }), undefined)

    assert.deepEqual(await electronicAccess.unblock(SSN), { accountId })
    assert.equal(await electronicAccess.unblock(SSN), undefined)
    assert.equal((await stores.accounts.find(accountId))?.isSuspended, false)
    assert.ok(await sessions.signIn(another.session, accountId, [], { methods: ['pwd'] }))
  })

  test('an account that was suspended before the block stays suspended after it', async () => {
    await using stores = await open(await engine.freshDatabase())
    const added = await stores.usernames.add(person(1, { ssn: SSN }), HASH)
    assert.ok(added.outcome === 'added')
    await stores.accounts.setSuspended(added.accountId, true)
    await stores.electronicAccess.block(SSN)
    await stores.electronicAccess.unblock(SSN)
    assert.equal((await stores.accounts.find(added.accountId))?.isSuspended, true)
  })

  test('a blocked person without an account cannot get one until the block is taken away', async () => {
    await using stores = await open(await engine.freshDatabase())
    assert.deepEqual(await stores.electronicAccess.block(SSN), { isNew: true, accountId: undefined })
    assert.deepEqual(await stores.usernames.add(person(1, { ssn: SSN }), HASH), { outcome: 'blocked' })
    assert.deepEqual(await stores.electronicAccess.unblock(SSN), { accountId: undefined })
    assert.equal((await stores.usernames.add(person(1, { ssn: SSN }), HASH)).outcome, 'added')
  })

  test('of an account and a block that are made at once, no account is left open', async () => {
    await using stores = await open(await engine.freshDatabase())
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8]
    await Promise.all(
      numbers.flatMap((number) => {
        const one = person(number)
        const { socialSecurityNumber: ssn } = one.profile
        const both = [() => stores.usernames.add(one, HASH), () => stores.electronicAccess.block(ssn)]
        return (number % 2 ? both : both.toReversed()).map((work) => work())
      }),
    )
    for (const number of numbers) {
      const { socialSecurityNumber: ssn } = person(number).profile
      const accountId = await stores.usernames.accountOfPerson(ssn)
      assert.equal(await stores.electronicAccess.isPersonBlocked(ssn), true)
      if (accountId) assert.equal((await stores.accounts.find(accountId))?.isSuspended, true)
    }
  })
})
