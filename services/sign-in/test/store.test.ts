import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sqlAudit } from '@gatehouse/audit/audit'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { sqlAuditTrail } from '@gatehouse/audit/trail'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sql } from 'kysely'
import { createAccounts } from '../src/accounts/accounts.ts'
import type { AccountTables } from '../src/accounts/tables.ts'
import { migrations } from '../src/migrations.ts'
import { createSigningKeys, type SigningKeyTable } from '../src/openid-provider/signing-keys.ts'

const secrets = deriveSecrets(Buffer.alloc(32, 5))

async function open(url: string) {
  const database = await openDatabase<AccountTables & SigningKeyTable>(url, 'sign_in')
  const key = Buffer.alloc(32, 6)
  await migrate(database, { ...auditMigrations(key), ...migrations })
  return {
    database,
    accounts: createAccounts(database as never, secrets.digest),
    keys: () => createSigningKeys(database as never, secrets, sqlAudit(database as never, key)),
    trail: sqlAuditTrail(database as never, key),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const person = {
  idp: 'login.gov',
  subject: 'person-1',
  acr: undefined,
  amr: ['mfa'],
  givenName: 'Maria',
  familyName: 'Example',
  email: 'maria@example.com',
  // On their own word nobody is matched; `matching.test.ts` has those whom a provider has proofed.
  isProofed: false,
  birthdate: '1984-03-12',
  ssn: '987654325',
}

onEveryEngine((engine) => {
  test('an account is known by provider and subject, and follows what the provider says (ASVS 6.8.1)', async () => {
    await using store = await open(await engine.freshDatabase())
    const one = await store.accounts.recognize(person)
    const married = { ...person, givenName: 'Mary', email: 'new@example.com' }
    const again = await store.accounts.recognize(married)
    await store.accounts.describe(again.accountId, married)
    assert.equal(again.accountId, one.accountId)
    assert.deepEqual(await store.accounts.find(one.accountId), {
      accountId: one.accountId,
      givenName: 'Mary',
      familyName: 'Example',
      email: 'new@example.com',
    })
    const namesake = await store.accounts.recognize({ ...person, subject: 'person-2' })
    const elsewhere = await store.accounts.recognize({ ...person, idp: 'id.me' })
    assert.equal(new Set([one, namesake, elsewhere].map(({ accountId }) => accountId)).size, 3)
    assert.equal(await store.accounts.find('nobody'), undefined)
  })

  test('a credential that arrives for the first time five times at once gets one account', async () => {
    await using store = await open(await engine.freshDatabase())
    const accounts = await Promise.all([1, 2, 3, 4, 5].map(() => store.accounts.recognize(person)))
    assert.equal(new Set(accounts.map(({ accountId }) => accountId)).size, 1)
    const rows = await store.database.selectFrom('accounts').select('accountId').execute()
    assert.equal(rows.length, 1)
  })

  test('a session leads to its newest sign-in, and a sign-in stays with its first session', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.accounts.recognize(person)
    const keep = (authenticatedAt: number) =>
      store.accounts.keepSignIn({
        accountId,
        idp: 'login.gov',
        subject: 'person-1',
        acr: null,
        amr: ['mfa'],
        username: 'maria.example',
        authenticatedAt,
        attestationId: `attestation-${authenticatedAt}`,
      })
    const [first, second] = [await keep(1_000), await keep(2_000)]
    await store.accounts.tieToSession(second, 'session-1')
    await store.accounts.tieToSession(first, 'session-1')
    await store.accounts.tieToSession(second, 'session-2')
    assert.equal((await store.accounts.findSignInOfSession('session-1'))?.signInId, second)
    assert.equal(await store.accounts.findSignInOfSession('session-2'), undefined)
    assert.deepEqual((await store.accounts.findSignIn(first))?.amr, ['mfa'])
    assert.equal((await store.accounts.findSignIn(first))?.username, 'maria.example')

    await store.accounts.keepGrantFacts(
      'grant-1',
      first,
      'bso',
      {
        bsoUserId: 'MARIA7K2',
        ein: '960001012',
        services: ['CBSV'],
      },
      1_500,
    )
    const facts = await store.accounts.findGrantFacts('grant-1')
    assert.equal(facts?.authenticatedAt, 1_000)
    assert.equal(facts.sessionUid, 'session-1')
    assert.deepEqual(facts.bsoServices, ['CBSV'])
    assert.equal(await store.accounts.findGrantFacts('grant-2'), undefined)
  })

  test('four starts at once make one set of signing keys, and all use it', async () => {
    await using store = await open(await engine.freshDatabase())
    const loaded = await Promise.all([1, 2, 3, 4].map(() => store.keys().load()))
    const sets = loaded.map((keys) =>
      keys
        .map(({ kid }) => kid)
        .sort()
        .join(),
    )
    assert.equal(new Set(sets).size, 1)
    assert.equal(loaded[0]?.length, 4)
    // The provider signs with the first key of an algorithm.
    const rows = await store.database.selectFrom('signingKeys').selectAll().execute()
    const current = rows.filter(({ state }) => state === 'current').map(({ kid }) => kid)
    assert.deepEqual(
      loaded[0]
        ?.slice(0, 2)
        .map(({ kid }) => kid)
        .sort(),
      current.sort(),
    )
  })

  test('two rotations at once leave one key of each state', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.keys().load()
    const entry = { event: 'signing-keys.rotated', actor: 'operator' }
    const both = await Promise.allSettled([store.keys().rotate(entry), store.keys().rotate(entry)])
    const rows = await store.database.selectFrom('signingKeys').select(['alg', 'state']).execute()
    assert.deepEqual(rows.map(({ alg, state }) => `${alg} ${state}`).sort(), [
      'ES256 current',
      'ES256 next',
      'ES256 previous',
      'RS256 current',
      'RS256 next',
      'RS256 previous',
    ])
    const rotations = both.filter(({ status }) => status === 'fulfilled').length
    assert.equal((await store.trail.list({ outcome: 'success' }, 10)).length, rotations)
    assert.equal((await store.trail.verify()).intact, true)
  })

  test('keys whose rotation cannot be written into the audit trail are not rotated', async () => {
    await using store = await open(await engine.freshDatabase())
    const before = await store.keys().load()
    await sql`alter table audit_events rename to out_of_reach`.execute(store.database)
    await assert.rejects(store.keys().rotate({ event: 'signing-keys.rotated', actor: 'operator' }))
    assert.deepEqual(await store.keys().load(), before)
  })

  if (!engine.lasts) return

  test('signing keys stay over a restart', async () => {
    const url = await engine.freshDatabase()
    const kids: string[][] = []
    for (let starts = 0; starts < 2; starts += 1) {
      await using store = await open(url)
      kids.push((await store.keys().load()).map(({ kid }) => String(kid)))
    }
    assert.deepEqual(kids[0], kids[1])
  })
})
