import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { createAccounts } from '../src/accounts/accounts.ts'
import type { Authentication, Recognized } from '../src/accounts/recognition.ts'
import type { AccountTables } from '../src/accounts/tables.ts'
import { migrations } from '../src/migrations.ts'

const secrets = deriveSecrets(Buffer.alloc(32, 5))

async function open(url: string) {
  const database = await openDatabase<AccountTables>(url, 'sign_in')
  await migrate(database, migrations)
  const accounts = createAccounts(database, secrets.digest)
  return {
    database,
    accounts,
    /** Comes back from a provider, and nobody objects. */
    async arrive(authentication: Authentication): Promise<Recognized> {
      const recognized = await accounts.recognize(authentication)
      if (recognized.outcome !== 'contradicted') await accounts.rememberPerson(authentication)
      return recognized
    },
    async count() {
      const rows = await database.selectFrom('accounts').select('accountId').execute()
      return rows.length
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const login: Authentication = {
  idp: 'login.gov',
  subject: 'login-1',
  acr: 'http://idmanagement.gov/ns/assurance/ial/2',
  amr: ['mfa'],
  isProofed: true,
  givenName: 'Maria',
  familyName: 'Example-Núñez',
  email: 'maria@example.com',
  birthdate: '1984-03-12',
  ssn: '987654325',
}
const idMe: Authentication = { ...login, idp: 'id.me', subject: 'me-1', email: 'maria@example.org' }

type Row = readonly [
  what: string,
  earlier: Partial<Authentication>[],
  given: Partial<Authentication>,
  expected: 'ssn' | 'name' | 'apart' | 'birth_date_not_confirmed' | 'ssn_differs' | 'several_accounts_fit',
]

const none = { ssn: undefined }
const other = { subject: 'login-2' }

/** Who has come before (with Login.gov, all of Maria unless said otherwise), who comes now (with ID.me), what happens. */
const RULES: Row[] = [
  ['the same SSN and birth date', [{}], {}, 'ssn'],
  ['the same SSN and birth date under another family name', [{}], { familyName: 'Married' }, 'ssn'],
  [
    'the same SSN and birth date without any name',
    [{}],
    { givenName: undefined, familyName: undefined },
    'ssn',
  ],
  ['the same SSN and another birth date', [{}], { birthdate: '1984-12-03' }, 'birth_date_not_confirmed'],
  ['the same SSN and no birth date now', [{}], { birthdate: undefined }, 'birth_date_not_confirmed'],
  ['the same SSN and no birth date then', [{ birthdate: undefined }], {}, 'birth_date_not_confirmed'],
  [
    'the SSN of one account and the name of another',
    [{ birthdate: '1970-01-01' }, { ...other, ...none }],
    {},
    'birth_date_not_confirmed',
  ],
  [
    'the same SSN as two accounts, of which one has the birth date',
    [{}, { ...other, birthdate: '1970-01-01' }],
    {},
    'ssn',
  ],
  ['no SSN now, and the same birth date and name', [{}], none, 'name'],
  ['an SSN now, none then, and the same birth date and name', [none], {}, 'name'],
  ['no SSN at all, and the same birth date and name', [none], none, 'name'],
  [
    'the same name in other letters and signs',
    [none],
    { ...none, givenName: 'MARÍA', familyName: 'Example nunez' },
    'name',
  ],
  ['another SSN, and the same birth date and name', [{}], { ssn: '987654326' }, 'ssn_differs'],
  ['no SSN, the same name and another birth date', [{}], { ...none, birthdate: '1984-03-13' }, 'apart'],
  ['no SSN, the same birth date and another given name', [{}], { ...none, givenName: 'Marina' }, 'apart'],
  ['no SSN, the same birth date and an initial', [{}], { ...none, givenName: 'M' }, 'apart'],
  ['no SSN, the same birth date and another family name', [{}], { ...none, familyName: 'Sample' }, 'apart'],
  ['no SSN, the same birth date and no given name', [{}], { ...none, givenName: undefined }, 'apart'],
  ['no SSN, no birth date and the same name', [{}], { ...none, birthdate: undefined }, 'apart'],
  [
    'nothing but a name on both sides',
    [{ ...none, birthdate: undefined }],
    { ...none, birthdate: undefined },
    'apart',
  ],
  [
    'the birth date and name of two accounts',
    [{}, { ...other, ssn: '987654326' }],
    none,
    'several_accounts_fit',
  ],
  [
    'the birth date and name of two accounts, of which one has another SSN',
    [{}, { ...other, ssn: '987654326' }],
    { ssn: '987654327' },
    'several_accounts_fit',
  ],
  ['everything, but unproofed then', [{ isProofed: false }], {}, 'apart'],
  ['everything, but unproofed now (self-asserted claims link nobody)', [{}], { isProofed: false }, 'apart'],
  ['everything, unproofed on both sides', [{ isProofed: false }], { isProofed: false }, 'apart'],
  ['the e-mail address alone', [{}], { email: login.email, ...none, familyName: 'Sample' }, 'apart'],
]

onEveryEngine((engine) => {
  for (const [what, earlier, given, expected] of RULES) {
    const isLinked = expected === 'ssn' || expected === 'name'
    test(`${what}: ${isLinked ? `one account, by ${expected}` : 'an account of its own'}`, async () => {
      await using store = await open(await engine.freshDatabase())
      for (const one of earlier) await store.arrive({ ...login, ...one })
      const before = await store.count()
      const arrived = await store.arrive({ ...idMe, ...given })
      assert.equal(await store.count(), isLinked ? before : before + 1)
      if (isLinked) {
        const { accountId } = await store.arrive({ ...login, ...earlier[0] })
        assert.deepEqual(arrived, { outcome: 'linked', accountId, by: expected })
      } else {
        const doubt = expected === 'apart' ? {} : { doubt: expected }
        assert.deepEqual(arrived, { outcome: 'created', accountId: arrived.accountId, ...doubt })
      }
      // Whatever was decided stays: the second time the credential is known.
      const again = await store.arrive({ ...idMe, ...given })
      assert.deepEqual(again, { outcome: 'known', accountId: arrived.accountId })
    })
  }

  test('an account that was linked by name takes the SSN over, and from then on another SSN is another person', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.arrive({ ...login, ...none })
    const { accountId } = await store.arrive(idMe)
    const third = { ...login, subject: 'login-3', ssn: '987654326' }
    assert.deepEqual(await store.arrive(third), {
      outcome: 'created',
      accountId: (await store.arrive(third)).accountId,
      doubt: 'ssn_differs',
    })
    const fourth = await store.arrive({ ...login, subject: 'login-4', familyName: 'Married' })
    assert.deepEqual(fourth, { outcome: 'linked', accountId, by: 'ssn' })
  })

  test('what a provider proofs later counts from then on, and what it leaves out stays', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.arrive({ ...login, isProofed: false })
    await store.arrive(login)
    await store.arrive({ ...login, ...none, familyName: 'Married' })
    assert.deepEqual(await store.arrive(idMe), { outcome: 'linked', accountId, by: 'ssn' })
    const byName = await store.arrive({ ...idMe, ...none, subject: 'me-2', familyName: 'Married' })
    assert.deepEqual(byName, { outcome: 'linked', accountId, by: 'name' })
  })

  test('a credential behind which its provider names another SSN or birth date is contradicted, and nothing changes', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.arrive(login)
    const rows = () => store.database.selectFrom('credentials').selectAll().execute()
    const before = await rows()
    for (const change of [{ ssn: '987654326' }, { birthdate: '1984-03-13' }]) {
      const contradicted = await store.arrive({ ...login, ...change, acr: 'another' })
      assert.deepEqual(contradicted, { outcome: 'contradicted', accountId })
    }
    assert.deepEqual(await rows(), before)
    // A name may change, and on their own word nobody contradicts anything.
    assert.equal((await store.arrive({ ...login, familyName: 'Married' })).outcome, 'known')
    assert.equal((await store.arrive({ ...login, ssn: '987654326', isProofed: false })).outcome, 'known')
  })

  for (const [what, first, second] of [
    ['with one SSN', login, idMe],
    ['with one name and no SSN', { ...login, ...none }, { ...idMe, ...none }],
    ['with an SSN and without', login, { ...idMe, ...none }],
  ] as const) {
    test(`first sign-ins of one person ${what}, with both providers and many times at once, make one account (ASVS 15.4.2)`, async () => {
      await using store = await open(await engine.freshDatabase())
      const arrivals = await Promise.all(
        [first, second, first, second, first, second].map((one) => store.accounts.recognize(one)),
      )
      assert.equal(new Set(arrivals.map(({ accountId }) => accountId)).size, 1)
      assert.equal(await store.count(), 1)
      assert.deepEqual(arrivals.map(({ outcome }) => outcome).sort(), [
        'created',
        'known',
        'known',
        'known',
        'known',
        'linked',
      ])
    })
  }

  test('many people who arrive at once do not wait for each other in a circle', async () => {
    await using store = await open(await engine.freshDatabase())
    // Each shares the SSN with one neighbour and the name with the other.
    const people = [0, 1, 2, 3, 4, 5].map((index) => ({
      ...login,
      subject: `login-${index}`,
      ssn: `98765432${index >> 1}`,
      familyName: `Example ${((index + 1) % 6) >> 1}`,
    }))
    const arrivals = await Promise.allSettled(people.map((one) => store.accounts.recognize(one)))
    assert.deepEqual(new Set(arrivals.map(({ status }) => status)), new Set(['fulfilled']))
  })

  test('of an account that was proofed, name and address do not follow the person’s own word', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.arrive(login)
    const claimed = { ...login, isProofed: false, givenName: 'Somebody' }
    await store.accounts.describe(accountId, claimed)
    assert.equal((await store.accounts.find(accountId))?.givenName, 'Maria')
    await store.accounts.describe(accountId, { ...login, givenName: 'Mary' })
    assert.equal((await store.accounts.find(accountId))?.givenName, 'Mary')

    const unproofed = await store.arrive({ ...claimed, subject: 'login-2' })
    await store.accounts.describe(unproofed.accountId, { ...claimed, givenName: 'Anybody' })
    assert.equal((await store.accounts.find(unproofed.accountId))?.givenName, 'Anybody')
  })

  test('no row has an SSN or a birth date, and the digests of another service secret match nothing (ASVS 14.2.4)', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.arrive(login)
    const rows = await Promise.all([
      store.database.selectFrom('credentials').selectAll().execute(),
      store.database.selectFrom('matchTurns').selectAll().execute(),
    ])
    const kept = JSON.stringify(rows)
    assert.equal(rows.flat().length, 3)
    assert.doesNotMatch(kept, /987654325|1984-03-12|EXAMPLE/i)

    const elsewhere = createAccounts(store.database, deriveSecrets(Buffer.alloc(32, 6)).digest)
    assert.equal((await elsewhere.recognize(idMe)).outcome, 'created')
  })
})
