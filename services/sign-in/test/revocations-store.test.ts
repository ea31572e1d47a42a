import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sqlAudit } from '@gatehouse/audit/audit'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { sqlAuditTrail } from '@gatehouse/audit/trail'
import { now } from '@gatehouse/clock/clock'
import type { RevocationOrder } from '@gatehouse/contracts/revocations'
import { createLogger } from '@gatehouse/http/logging'
import { localBroadcast } from '@gatehouse/storage/broadcast'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { type Kysely, sql } from 'kysely'
import { migrations } from '../src/migrations.ts'
import { createRuleLog, type RuleLog } from '../src/revocation-stream/rule-log.ts'
import type { Ended } from '../src/revocations/ended.ts'
import { createRevocations } from '../src/revocations/revocations.ts'
import type { Tables } from '../src/revocations/selection.ts'

const log = createLogger('sign-in', { LOG_LEVEL: 'silent' })

async function open(url: string) {
  // The service's database as the stream's own tests see it, too.
  // biome-ignore lint/suspicious/noExplicitAny: narrowed by each store
  const database = await openDatabase<any>(url, 'sign_in')
  const key = Buffer.alloc(32, 6)
  await migrate(database, { ...auditMigrations(key), ...migrations })
  const ruleLog = await createRuleLog({ database, broadcast: localBroadcast(), log })

  /** A process of sign-in; with a rule log of the test's own where something is to go wrong. */
  function start(from: Pick<RuleLog, 'publish' | 'enforcement'> = ruleLog) {
    const revocations = createRevocations({
      database,
      ruleLog: from,
      directory: { clientName: async (id) => id, providerName: (idp) => idp },
      audit: sqlAudit(database, key),
      log,
    })
    const told: Ended[] = []
    revocations.onRevoked(async (ended) => void told.push(ended))
    return { ...revocations, told }
  }

  return {
    database: database as Kysely<Tables>,
    ruleLog,
    trail: sqlAuditTrail(database, key),
    start,
    async [Symbol.asyncDispose]() {
      ruleLog.close()
      await database.destroy()
    },
  }
}

const HOUR = 60 * 60 * 1_000

/** `count` people, each with a session, a grant at `bso`, a code, and a refresh token. */
async function signIn(database: Kysely<Tables>, count: number, prefix = 'person') {
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(5, '0')}`)
  const authenticatedAt = now()
  const expiresAt = authenticatedAt + 12 * HOUR
  for (let from = 0; from < ids.length; from += 500) {
    const some = ids.slice(from, from + 500)
    const person = { givenName: 'Maria', familyName: 'Example', email: null, createdAt: authenticatedAt }
    await database
      .insertInto('accounts')
      .values(some.map((accountId) => ({ accountId, ...person })) as never)
      .execute()
    await database
      .insertInto('signIns')
      .values(
        some.map((id) => ({
          signInId: `sign-in-${id}`,
          accountId: id,
          idp: 'login.gov',
          subject: `subject-${id}`,
          acr: null,
          amr: '[]',
          username: null,
          authenticatedAt,
          attestationId: 'attestation',
          sessionUid: `session-${id}`,
        })) as never,
      )
      .execute()
    await database
      .insertInto('credentials')
      .values(
        some.map((id) => ({
          idp: 'login.gov',
          subject: `subject-${id}`,
          accountId: id,
          acr: null,
          amr: '[]',
          lastUsedAt: authenticatedAt,
        })) as never,
      )
      .execute()
    await database
      .insertInto('grantFacts')
      .values(
        some.map((id) => ({
          grantId: `grant-${id}`,
          signInId: `sign-in-${id}`,
          clientId: 'bso',
          bsoUserId: 'MARIA7K2',
          ein: '960001012',
          bsoServices: '[]',
          grantedAt: authenticatedAt,
        })),
      )
      .execute()
    const row = (model: string, id: string, more: Record<string, unknown>) => ({
      model,
      id: `${model}-${id}`,
      payload: '{}',
      uid: null,
      grantId: null,
      consumedAt: null,
      expiresAt,
      ...more,
    })
    for (const id of some) {
      const payload = JSON.stringify({ authorizations: { bso: { sid: `sid-of-bso-${id}` } } })
      await database
        .insertInto('oidcModels')
        .values([
          row('Session', id, { uid: `session-${id}`, payload }),
          row('Grant', id, { id: `grant-${id}` }),
          row('AuthorizationCode', id, { grantId: `grant-${id}` }),
          row('RefreshToken', id, { grantId: `grant-${id}` }),
        ])
        .execute()
    }
  }
  return ids
}

const access = (id: string, authenticatedAt = now()) => ({
  accountId: id,
  idp: 'login.gov',
  subject: `subject-${id}`,
  authenticatedAt,
  sessionUid: `session-${id}`,
})

let references = 0
const order = (
  kind: RevocationOrder['target']['kind'],
  value: string,
  more: Partial<RevocationOrder> = {},
): RevocationOrder => ({
  target: { kind, value },
  reason: 'reported',
  by: 'administrator-1',
  lasting: false,
  reference: `reference-${++references}`,
  ...more,
})

const rowsLeft = async (database: Kysely<Tables>) =>
  (await database.selectFrom('oidcModels').selectAll().execute()).length

onEveryEngine((engine) => {
  test('what a revocation ended is told in batches before it is cleared away, each session once', async () => {
    await using store = await open(await engine.freshDatabase())
    const ids = await signIn(store.database, 1_100)
    advanceClock(10_000)
    const process = store.start()
    const revocation = await process.revoke(order('everything', '*'))
    await process.close()
    assert.ok(revocation.sequence)
    assert.equal((await process.find(revocation.revocationId)).ended.sessions, 1_100)
    assert.equal((await process.find(revocation.revocationId)).ended.refreshTokens, 1_100)
    assert.equal(await rowsLeft(store.database), 0)
    assert.ok(process.told.length > 1)
    for (const ended of process.told) assert.ok(ended.sessions.length <= 500)
    const sessions = process.told.flatMap((ended) => ended.sessions)
    assert.deepEqual(sessions.map(({ accountId }) => accountId).sort(), ids)
    assert.deepEqual(sessions[0]?.clients, ['bso'])
    assert.deepEqual(sessions[0]?.clientSids, { bso: `sid-of-bso-${sessions[0]?.accountId}` })
    assert.equal(process.told[0]?.revocation.instant, revocation.instant)
  })

  test('from the commit on everything is refused that it names, however new, until its rule is published', async () => {
    await using store = await open(await engine.freshDatabase())
    const [maria = '', marius = ''] = await signIn(store.database, 2)
    const published = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const process = store.start({
      ...store.ruleLog,
      publish: async (rule) => {
        asked.resolve()
        await published.promise
        return store.ruleLog.publish(rule)
      },
    })
    assert.equal(await process.endOfSignIn(access(maria)), undefined)
    const revoking = process.revoke(order('account', maria))
    await asked.promise
    assert.equal(await process.endOfSignIn(access(maria)), 'once')
    assert.equal(await process.endOfSignIn(access(maria, now() + 500)), 'once')
    assert.equal(await process.endOfSignIn(access(marius)), undefined)
    published.resolve()
    const { instant = 0 } = await revoking
    // A tie counts; whoever signs in afterwards may come in.
    assert.equal(await process.endOfSignIn(access(maria, instant)), 'once')
    assert.equal(await process.endOfSignIn(access(maria, instant + 1)), undefined)
    const [rule] = await store.ruleLog.since(0, 10)
    assert.deepEqual(rule?.matches, [{ by: 'session', value: `session-${maria}` }])
    assert.ok(instant >= (await process.find(rule?.revocationId ?? '')).orderedAt)
    await process.close()
  })

  test('a crash between the two steps is made good at the next start, once', async () => {
    await using store = await open(await engine.freshDatabase())
    const [maria = ''] = await signIn(store.database, 1)
    const crashing = store.start({
      ...store.ruleLog,
      publish: async () => {
        throw new Error('killed')
      },
    })
    const given = order('credential', `login.gov:subject-${maria}`)
    await assert.rejects(crashing.revoke(given), /killed/)
    await crashing.close()
    assert.equal((await store.trail.list({ event: 'revocation.ordered' }, 10)).length, 1)
    advanceClock(60_000)
    assert.equal(await crashing.endOfSignIn(access(maria)), 'once')
    assert.deepEqual(await store.ruleLog.since(0, 10), [])

    const next = store.start()
    await next.start()
    await next.start()
    await next.close()
    const rules = await store.ruleLog.since(0, 10)
    assert.equal(rules.length, 1)
    assert.deepEqual(rules[0]?.matches, [{ by: 'session', value: `session-${maria}` }])
    assert.equal(await rowsLeft(store.database), 0)
    assert.equal(next.told.length, 1)
    // Whoever asked and got no answer asks again, and nothing is done twice.
    const again = await next.revoke(given)
    assert.equal(again.revocationId, rules[0]?.revocationId)
    assert.deepEqual(again.ended, { sessions: 1, grants: 1, refreshTokens: 1 })
    assert.equal((await store.ruleLog.since(0, 10)).length, 1)
    assert.equal(await next.endOfSignIn(access(maria)), undefined)
  })

  test('a crash in the middle of clearing away goes on where it was, and tells again what was not told', async () => {
    await using store = await open(await engine.freshDatabase())
    await signIn(store.database, 700)
    const crashing = store.start()
    let calls = 0
    crashing.onRevoked(async () => {
      calls += 1
      if (calls > 1) throw new Error('killed')
    })
    const { revocationId } = await crashing.revoke(order('provider', 'login.gov'))
    await crashing.close()
    assert.equal(await rowsLeft(store.database), 200 * 4)

    const next = store.start()
    await next.start()
    await next.close()
    assert.equal(await rowsLeft(store.database), 0)
    assert.equal(next.told.flatMap(({ sessions }) => sessions).length, 200)
    assert.equal((await next.find(revocationId)).ended.sessions, 700)
  })

  test('of four orders with one reference at once one is carried out, and all get its answer', async () => {
    await using store = await open(await engine.freshDatabase())
    const [maria = ''] = await signIn(store.database, 1)
    const process = store.start()
    const given = order('account', maria)
    const answers = await Promise.all([1, 2, 3, 4].map(() => process.revoke(given)))
    assert.equal(new Set(answers.map(({ revocationId }) => revocationId)).size, 1)
    assert.equal(new Set(answers.map(({ instant }) => instant)).size, 1)
    assert.equal((await store.ruleLog.since(0, 10)).length, 1)
    assert.equal((await store.trail.list({ event: 'revocation.ordered' }, 10)).length, 1)
    await assert.rejects(process.revoke({ ...given, lasting: true }), { code: 'reference_used' })
    await process.close()
  })

  test('a revocation and its reinstatement are stored with their entries in the audit trail, or not at all', async () => {
    await using store = await open(await engine.freshDatabase())
    const [maria = ''] = await signIn(store.database, 1)
    const process = store.start()
    const given = order('account', maria, { lasting: true })
    const by = { by: 'administrator-2', reason: 'a mistake' }
    const withoutTrail = async (work: () => Promise<unknown>) => {
      await sql`alter table audit_events rename to out_of_reach`.execute(store.database)
      await assert.rejects(work)
      await sql`alter table out_of_reach rename to audit_events`.execute(store.database)
    }
    await withoutTrail(() => process.revoke(given))
    assert.equal(await process.endOfSignIn(access(maria)), undefined)
    assert.deepEqual(await process.list({ limit: 10 }), [])

    const { revocationId } = await process.revoke(given)
    await withoutTrail(() => process.reinstate(revocationId, by))
    assert.equal(await process.endOfSignIn(access(maria)), 'lasting')
    await process.reinstate(revocationId, by)
    const entries = await store.trail.list({}, 10)
    assert.deepEqual(
      entries.map(({ event, outcome, details }) => [event, outcome, details.revocationId]),
      [
        ['revocation.reinstated', 'success', revocationId],
        ['revocation.ordered', 'success', revocationId],
      ],
    )
    assert.deepEqual(await store.trail.verify(), { entries: 2, intact: true })
    await process.close()
  })

  test('a session that tells of a newer sign-in stays, and the grants of the older one end', async () => {
    await using store = await open(await engine.freshDatabase())
    const [maria = ''] = await signIn(store.database, 1)
    const process = store.start()
    const held = Promise.withResolvers<void>()
    process.onRevoked(() => held.promise)
    const revoking = process.revoke(order('account', maria))
    // Nothing is cleared away yet when she signs in again with the same cookie.
    while (process.told.length === 0) await pause(5)
    advanceClock(2_000)
    await store.database
      .insertInto('signIns')
      .values({
        ...access(maria),
        signInId: 'newer',
        acr: null,
        amr: '[]',
        username: null,
        attestationId: 'attestation',
      } as never)
      .execute()
    held.resolve()
    await revoking
    await process.close()
    const models = await store.database.selectFrom('oidcModels').select('model').execute()
    assert.deepEqual(models, [{ model: 'Session' }])
    assert.equal(await process.endOfSignIn(access(maria)), undefined)
  })

  test('a lasting revocation keeps out until its end, another until it is reinstated, and of two who reinstate one does', async () => {
    await using store = await open(await engine.freshDatabase())
    const [maria = '', marius = ''] = await signIn(store.database, 2)
    const process = store.start()
    const told: string[] = []
    process.onReinstated(async ({ revocationId }) => void told.push(revocationId))
    const ends = await process.revoke(order('account', maria, { lasting: true, endsAt: now() + HOUR }))
    const stays = await process.revoke(order('credential', `login.gov:subject-${marius}`, { lasting: true }))
    advanceClock(HOUR - 1_000)
    assert.equal(await process.endOfSignIn(access(maria)), 'lasting')
    advanceClock(1_000)
    assert.equal(await process.endOfSignIn(access(maria)), undefined)
    assert.equal((await process.find(ends.revocationId)).standing, false)

    advanceClock(30 * 24 * HOUR)
    assert.equal(await process.endOfSignIn(access(marius)), 'lasting')
    const by = { by: 'administrator-2', reason: 'a mistake' }
    const both = await Promise.allSettled([1, 2].map(() => process.reinstate(stays.revocationId, by)))
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    assert.deepEqual(told, [stays.revocationId])
    assert.equal(await process.endOfSignIn(access(marius)), undefined)
    // What it ended stays ended.
    assert.equal(await process.endOfSignIn(access(marius, stays.instant)), 'once')
    await assert.rejects(process.reinstate(ends.revocationId, by), { code: 'not_standing' })
    await process.close()
  })

  test('a logout that is long past is forgotten, what was ordered is not', async () => {
    await using store = await open(await engine.freshDatabase())
    const [maria = ''] = await signIn(store.database, 1)
    const process = store.start()
    await process.endSession(`session-${maria}`, 'logged out')
    await process.revoke(order('account', maria))
    await process.close()
    advanceClock(14 * HOUR)
    await process.start()
    const rows = await store.database.selectFrom('revocations').select('origin').execute()
    assert.deepEqual(rows, [{ origin: 'order' }])
    assert.equal((await process.list({ limit: 10 })).length, 1)
  })
})
