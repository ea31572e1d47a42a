import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import type { PeopleSearchBy } from '@gatehouse/contracts/people'
import { Refusal } from '@gatehouse/http/refusal'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { sql } from 'kysely'
import { createAccounts } from '../src/accounts/accounts.ts'
import { migrations } from '../src/migrations.ts'
import { createPeople } from '../src/people/person.ts'
import { createPeopleSearch, type PeopleTables } from '../src/people/search.ts'
import { createSsnEndings } from '../src/people/ssn-endings.ts'

const secrets = deriveSecrets(Buffer.alloc(32, 5))
const HOUR = 3_600_000

const PEOPLE = [
  ['María', 'Example', 'maria@example.com', '987654325'],
  ['Mary-Ann', 'Example', 'mary_ann@example.com', '987654326'],
  ['James', 'O’Sample', 'JAMES@example.org', '123454325'],
  ['Nadia', 'Zufall', 'nadia@example.net', undefined],
] as const

async function open(url: string) {
  const database = await openDatabase<PeopleTables>(url, 'sign_in')
  await migrate(database, migrations)
  const endings = createSsnEndings(database as never, secrets)
  const accounts = createAccounts(database as never, secrets.digest)
  const ended = new Set<string>()
  const people = createPeople({
    database,
    endings,
    revocations: {
      endOfSignIn: async ({ sessionUid }) => (ended.has(sessionUid ?? '') ? 'once' : undefined),
    },
  })
  const search = createPeopleSearch(database, endings)

  async function arrive(index: number, change: { idp?: string; isProofed?: boolean } = {}) {
    const [givenName, familyName, email, ssn] = PEOPLE[index]!
    const identity = {
      idp: 'login.gov',
      subject: `person-${index}`,
      acr: 'ial/2',
      amr: ['mfa'],
      isProofed: true,
      givenName,
      familyName,
      birthdate: `1984-03-1${index}`,
      email,
      ssn,
      username: undefined,
      ...change,
    }
    const { accountId } = await accounts.recognize(identity)
    await accounts.describe(accountId, identity)
    await endings.remember(identity)
    return { accountId, identity }
  }

  /** A sign-in with a browser session, as oidc-provider keeps it. */
  async function session(accountId: string, sid: string, device: string | null = null) {
    const signInId = await accounts.keepSignIn({
      accountId,
      idp: 'login.gov',
      subject: 'person-0',
      acr: 'ial/2',
      amr: ['mfa', 'phr'],
      username: null,
      authenticatedAt: now(),
      attestationId: 'attestation',
      device,
    })
    await accounts.tieToSession(signInId, sid)
    const payload = JSON.stringify({ accountId, authorizations: { bso: { grantId: 'grant' } } })
    await database
      .insertInto('oidcModels')
      .values({
        model: 'Session',
        id: `digest ${sid} ${signInId}`,
        uid: sid,
        payload,
        expiresAt: now() + 12 * HOUR,
      })
      .execute()
    return signInId
  }

  return {
    database,
    accounts,
    people,
    search,
    arrive,
    session,
    ended,
    found: async (by: PeopleSearchBy, text: string) =>
      (await search({ by, text })).people.map(({ name }) => name),
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

onEveryEngine((engine) => {
  test('people are found by the beginning of a name, in any case and order, with or without accents and signs', async () => {
    await using store = await open(await engine.freshDatabase())
    for (const index of PEOPLE.keys()) await store.arrive(index)
    for (const [text, names] of [
      ['maria', ['María Example']],
      ['MARÍA EXAM', ['María Example']],
      ['Example, María', ['María Example']],
      ['maryann', ['Mary-Ann Example']],
      ['exam', ['María Example', 'Mary-Ann Example']],
      ["o'sample", ['James O’Sample']],
      ['xample', []],
      ['nobody', []],
    ] as const) {
      assert.deepEqual(await store.found('name', text), names, text)
    }
    for (const text of ['%', '_', ' — ']) {
      await assert.rejects(store.search({ by: 'name', text }), refused('invalid_request'), text)
    }
  })

  test('people are found by the beginning of their address, in any case, and no sign stands for another', async () => {
    await using store = await open(await engine.freshDatabase())
    for (const index of PEOPLE.keys()) await store.arrive(index)
    assert.deepEqual(await store.found('email', 'James@EXAMPLE.org'), ['James O’Sample'])
    assert.deepEqual(await store.found('email', ' mar'), ['María Example', 'Mary-Ann Example'])
    assert.deepEqual(await store.found('email', 'mary_'), ['Mary-Ann Example'])
    assert.deepEqual(await store.found('email', 'maria_'), [])
    assert.deepEqual(await store.found('email', '%'), [])
  })

  test('people are found by the last four digits of a proofed SSN, and only the masked number comes out', async () => {
    await using store = await open(await engine.freshDatabase())
    for (const index of PEOPLE.keys()) await store.arrive(index)
    const { people } = await store.search({ by: 'ssn-ending', text: '4325' })
    assert.deepEqual(
      people.map(({ name, maskedSsn, idps }) => [name, maskedSsn, idps]),
      [
        ['María Example', 'XXX-XX-4325', ['login.gov']],
        ['James O’Sample', 'XXX-XX-4325', ['login.gov']],
      ],
    )
    assert.deepEqual(await store.found('ssn-ending', '9876'), [])
    for (const text of ['325', '987654325', 'abcd']) {
      await assert.rejects(store.search({ by: 'ssn-ending', text }), refused('invalid_request'))
    }
    const kept = await store.database.selectFrom('ssnEndings').selectAll().execute()
    assert.doesNotMatch(JSON.stringify(kept), /4325|4326|98765/)
  })

  test('an SSN that nobody has proofed is not kept, and one that is left out later stays', async () => {
    await using store = await open(await engine.freshDatabase())
    await store.arrive(0, { isProofed: false })
    assert.deepEqual(await store.found('ssn-ending', '4325'), [])
    const { identity } = await store.arrive(0)
    await createSsnEndings(store.database as never, secrets).remember({ ...identity, ssn: undefined })
    assert.deepEqual(await store.found('ssn-ending', '4325'), ['María Example'])
  })

  test('people are found by account and by credential', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.arrive(2)
    assert.deepEqual(await store.found('account', accountId), ['James O’Sample'])
    assert.deepEqual(await store.found('credential', 'login.gov:person-2'), ['James O’Sample'])
    assert.deepEqual(await store.found('credential', 'id.me:person-2'), [])
    await assert.rejects(store.search({ by: 'credential', text: 'person-2' }), refused('invalid_request'))
  })

  test('a search goes on page by page, through people of one name, and its cursor names nobody', async () => {
    await using store = await open(await engine.freshDatabase())
    for (let number = 0; number < 5; number += 1) {
      const identity = {
        ...(await store.arrive(3)).identity,
        subject: `namesake-${number}`,
        birthdate: undefined,
      }
      await store.accounts.recognize(identity)
    }
    const seen = new Set<string>()
    let cursor: string | undefined
    for (let pages = 0; pages < 5; pages += 1) {
      const page = await store.search({ by: 'name', text: 'Zufall', limit: 2, ...(cursor ? { cursor } : {}) })
      for (const { accountId } of page.people) seen.add(accountId)
      cursor = page.next
      if (!cursor) break
      assert.doesNotMatch(Buffer.from(cursor, 'base64url').toString(), /zufall|nadia/i)
    }
    assert.equal(cursor, undefined)
    assert.equal(seen.size, 6)
    await assert.rejects(store.search({ by: 'name', text: 'Z', cursor: 'xx' }), refused('invalid_request'))
  })

  test('a new name is found, and the old one is not', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId, identity } = await store.arrive(0)
    await store.accounts.describe(accountId, { ...identity, familyName: 'Sample', email: 'new@example.com' })
    assert.deepEqual(await store.found('name', 'example'), [])
    assert.deepEqual(await store.found('name', 'sample'), ['María Sample'])
    assert.deepEqual(await store.found('email', 'new@'), ['María Sample'])
  })

  test('a person has the sessions that are alive, each with device, clients and last use, to the minute', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.arrive(0)
    const other = (await store.arrive(1)).accountId
    const startedAt = now()
    const signInId = await store.session(accountId, 'sid-1', 'Firefox')
    await store.session(accountId, 'sid-ended')
    await store.session(other, 'sid-2')
    store.ended.add('sid-ended')
    const use = async () => store.accounts.touch((await store.accounts.findSignIn(signInId))!)
    const lastUse = async () => (await store.people.find(accountId)).sessions[0]?.lastUsedAt

    advanceClock(30_000)
    await use()
    const [first, ...more] = (await store.people.find(accountId)).sessions
    assert.deepEqual(more, [])
    assert.ok(
      first && first.startedAt >= startedAt && first.startedAt === first.lastUsedAt,
      'not within the minute',
    )
    assert.deepEqual(
      [first.sid, first.device, first.clients, first.amr, first.idp],
      ['sid-1', 'Firefox', ['bso'], ['mfa', 'phr'], 'login.gov'],
    )
    advanceClock(60_000)
    await use()
    const used = await lastUse()
    assert.ok(used && used >= startedAt + 90_000)
    advanceClock(12 * HOUR)
    assert.deepEqual((await store.people.find(accountId)).sessions, [], 'over by the clock')
  })

  test('a person has credentials and the grants that are alive', async () => {
    await using store = await open(await engine.freshDatabase())
    const { accountId } = await store.arrive(0)
    const signInId = await store.session(accountId, 'sid-1')
    const userId = { bsoUserId: 'MARIA7K2', ein: '960001012', services: ['CBSV'] }
    await store.accounts.keepGrantFacts('grant-1', signInId, 'bso', userId, now())
    await store.accounts.keepGrantFacts('grant-over', signInId, 'bso', undefined, now())
    const iat = Math.floor(now() / 1000)
    await store.database
      .insertInto('oidcModels')
      .values({
        model: 'Grant',
        id: 'grant-1',
        payload: JSON.stringify({
          iat,
          openid: { scope: 'openid bso' },
          resources: { 'urn:gatehouse:cbsv': 'cbsv.verify' },
        }),
        expiresAt: now() + HOUR,
      })
      .execute()
    const person = await store.people.find(accountId)
    assert.deepEqual(person.grants, [
      {
        clientId: 'bso',
        sid: 'sid-1',
        bsoUserId: 'MARIA7K2',
        ein: '960001012',
        grantedAt: iat * 1000,
        scopes: ['openid', 'bso', 'cbsv.verify'],
        resources: ['urn:gatehouse:cbsv'],
      },
    ])
    const [credential] = person.credentials
    assert.deepEqual(
      [credential?.idp, credential?.subject, credential?.maskedSsn, typeof credential?.proofedAt],
      ['login.gov', 'person-0', 'XXX-XX-4325', 'number'],
    )
    assert.deepEqual([person.givenName, person.email], ['María', 'maria@example.com'])
    await assert.rejects(store.people.find('nobody'), refused('person_unknown'))
  })

  test('accounts of an earlier version are found after the migration', async () => {
    const database = await openDatabase<PeopleTables>(await engine.freshDatabase(), 'sign_in')
    const { '0009_people': people, ...former } = migrations
    assert.ok(people)
    await migrate(database, former)
    await sql`insert into accounts (account_id, given_name, family_name, email, created_at)
      values ('old', 'Zoë', 'Früher', 'Zoe@Example.com', 1), ('nameless', null, null, null, 1)`.execute(
      database,
    )
    await migrate(database, migrations)
    const search = createPeopleSearch(database, createSsnEndings(database as never, secrets))
    for (const [by, text] of [
      ['name', 'fruher zoe'],
      ['email', 'zoe@example'],
    ] as const) {
      const { people } = await search({ by, text })
      assert.deepEqual(people, [{ accountId: 'old', name: 'Zoë Früher', email: 'Zoe@Example.com', idps: [] }])
    }
    await database.destroy()
  })
})
