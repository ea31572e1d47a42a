import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { Attestation, Terms } from '@gatehouse/contracts/terms'
import { buildForTest } from '@gatehouse/http/testing'
import { openDatabase } from '@gatehouse/storage/database'
import { Value } from 'typebox/value'
import { service } from '../src/service.ts'

type UnderTest = Awaited<ReturnType<typeof buildForTest>>

suite('routes', () => {
  let terms: UnderTest
  let current: Terms
  before(async () => {
    terms = await buildForTest(service)
    const headers = await terms.as('sign-in', 'attestations.write')
    current = (await terms.app.inject({ url: '/terms/current', headers })).json()
  })
  after(() => terms.app.close())

  async function attest(payload: object, headers?: Record<string, string>) {
    return terms.app.inject({
      method: 'POST',
      url: '/attestations',
      headers: headers ?? (await terms.as('sign-in', 'attestations.write')),
      payload,
    })
  }
  const wellFormed = () => ({ accountId: 'account-1', version: current.version, textHash: current.textHash })

  test('the Terms of Service in force are given with version and hash', () => {
    assert.ok(Value.Check(Terms, current))
    assert.match(current.textHash, /^[0-9a-f]{64}$/)
    assert.equal(current.conditions[3]?.details?.length, 3)
  })

  test('an attestation is kept with version, text hash, time and account, and is in the audit trail', async () => {
    const at = now()
    const headers = await terms.as('sign-in', 'attestations.write')
    const response = await attest(
      { ...wellFormed(), accountId: 'account-kept' },
      { ...headers, 'x-request-id': 'request-of-this-test' },
    )
    assert.equal(response.statusCode, 201)
    const attestation: Attestation = response.json()
    assert.ok(Value.Check(Attestation, attestation))
    assert.ok(attestation.attestedAt >= at && attestation.attestedAt <= now())

    const { database } = terms.ground
    const kept = await database
      .selectFrom('attestations')
      .selectAll()
      .where('accountId', '=', 'account-kept')
      .execute()
    assert.deepEqual(kept, [attestation])
    const events = await database
      .selectFrom('auditEvents')
      .selectAll()
      .where('actor', '=', 'account-kept')
      .execute()
    assert.equal(events.length, 1)
    const [event] = events
    assert.equal(event?.event, 'terms.attested')
    assert.equal(event?.outcome, 'success')
    assert.equal(event?.subject, attestation.attestationId)
    assert.equal(event?.requestId, 'request-of-this-test')
    assert.deepEqual(JSON.parse(event?.details ?? ''), {
      version: current.version,
      textHash: current.textHash,
    })
  })

  test('every sign-in adds an attestation with its own time', async () => {
    const first: Attestation = (await attest({ ...wellFormed(), accountId: 'account-again' })).json()
    advanceClock(3_600_000)
    const second: Attestation = (await attest({ ...wellFormed(), accountId: 'account-again' })).json()
    assert.notEqual(second.attestationId, first.attestationId)
    assert.ok(second.attestedAt - first.attestedAt >= 3_600_000)
    const { database } = terms.ground
    const kept = await database
      .selectFrom('attestations')
      .selectAll()
      .where('accountId', '=', 'account-again')
      .orderBy('attestedAt')
      .execute()
    assert.deepEqual(kept, [first, second])
  })

  for (const [what, change] of [
    ['another version', { version: '0' }],
    ['the hash of another text', { textHash: '0'.repeat(64) }],
  ] as const) {
    test(`attesting to ${what} is refused as terms_not_current, kept nowhere, and audited`, async () => {
      const accountId = `account with ${what}`
      const response = await attest({ ...wellFormed(), accountId, ...change })
      assert.equal(response.statusCode, 409)
      assert.equal(response.json().code, 'terms_not_current')
      assert.match(response.headers['content-type'] as string, /^application\/problem\+json/)
      const { database } = terms.ground
      const kept = await database
        .selectFrom('attestations')
        .selectAll()
        .where('accountId', '=', accountId)
        .execute()
      assert.deepEqual(kept, [])
      const events = await database
        .selectFrom('auditEvents')
        .select(['event', 'outcome'])
        .where('actor', '=', accountId)
        .execute()
      assert.deepEqual(events, [{ event: 'terms.attestation-refused', outcome: 'refusal' }])
    })
  }

  for (const [what, payload, field] of [
    ['an unknown field', () => ({ ...wellFormed(), agreed: true }), 'body.agreed'],
    ['no account', () => ({ ...wellFormed(), accountId: undefined }), 'body.accountId'],
    ['an empty account', () => ({ ...wellFormed(), accountId: '' }), 'body.accountId'],
    ['a number for the version', () => ({ ...wellFormed(), version: 1 }), 'body.version'],
    ['a hash in capitals', () => ({ ...wellFormed(), textHash: 'A'.repeat(64) }), 'body.textHash'],
  ] as const) {
    test(`a body with ${what} is refused by the name of the field`, async () => {
      const response = await attest(payload())
      assert.equal(response.statusCode, 400)
      assert.equal(response.json().code, 'invalid_request')
      assert.deepEqual(
        response.json().errors.map((error: { field: string }) => error.field),
        [field],
      )
    })
  }

  for (const [method, url] of [
    ['GET', '/terms/current'],
    ['POST', '/attestations'],
  ] as const) {
    test(`${method} ${url} needs a token of a service that may call it (RFC 6750 section 3.1)`, async () => {
      const call = (headers: Record<string, string>) =>
        terms.app.inject({ method, url, headers, ...(method === 'POST' ? { payload: wellFormed() } : {}) })
      const none = await call({})
      assert.equal(none.statusCode, 401)
      assert.equal(none.headers['www-authenticate'], 'Bearer realm="gatehouse"')
      const elsewhere = await call(
        await terms.as('sign-in', 'attestations.write', { aud: 'urn:gatehouse:service:bso-user-ids' }),
      )
      assert.equal(elsewhere.statusCode, 401)
      assert.equal((await call(await terms.as('sign-in', 'clock.write'))).json().code, 'insufficient_scope')
      assert.equal(
        (await call(await terms.as('bso', 'attestations.write'))).json().code,
        'insufficient_scope',
      )
    })
  }

  test('there is no way to change or remove an attestation', async () => {
    const headers = await terms.as('sign-in', 'attestations.write')
    const { attestationId } = (await attest(wellFormed())).json()
    for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
      for (const url of ['/attestations', `/attestations/${attestationId}`]) {
        assert.equal((await terms.app.inject({ method, url, headers })).statusCode, 404)
      }
    }
  })
})

suite('a start over the same database', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-terms-'))
  const databaseUrl = `sqlite:${directory}/terms.sqlite`
  after(() => rmSync(directory, { recursive: true, force: true }))

  test('has every attestation that was acknowledged before', async () => {
    const first = await buildForTest(service, { databaseUrl })
    const headers = await first.as('sign-in', 'attestations.write')
    const { version, textHash }: Terms = (await first.app.inject({ url: '/terms/current', headers })).json()
    const payload = { accountId: 'account-1', version, textHash }
    const attested = await first.app.inject({ method: 'POST', url: '/attestations', headers, payload })
    await first.app.close()

    const second = await buildForTest(service, { databaseUrl })
    const kept = await second.ground.database.selectFrom('attestations').selectAll().execute()
    await second.app.close()
    assert.deepEqual(kept, [attested.json()])
  })

  test('is refused when the text changed and its version did not', async () => {
    const database = await openDatabase<{ termsVersions: { textHash: string } }>(databaseUrl, 'terms')
    await database
      .updateTable('termsVersions')
      .set({ textHash: 'f'.repeat(64) })
      .execute()
    await database.destroy()
    await assert.rejects(buildForTest(service, { databaseUrl }), /changed text needs a new version/)
  })
})
