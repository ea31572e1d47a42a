import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { type TermsText, terms, termsVersions } from '@gatehouse/contracts/terms'
import { buildForTest } from '@gatehouse/http/testing'
import { Value } from 'typebox/value'
import { service } from '../src/service.ts'

type UnderTest = Awaited<ReturnType<typeof buildForTest>>

const text: TermsText = {
  introduction: ['Read this first.'],
  conditions: [{ text: 'You do no harm:', details: ['here', 'or elsewhere'] }],
  agreement: 'I agree.',
}
const order = { by: 'rosa', reason: 'a new law' }

suite('publications', () => {
  let underTest: UnderTest
  before(async () => {
    underTest = await buildForTest(service)
  })
  after(() => underTest.app.close())

  const inject = (
    method: 'GET' | 'POST',
    url: string,
    body: unknown,
    headers: { authorization: string } | Record<string, never>,
  ) => underTest.app.inject({ method, url, headers, ...(body ? { payload: body as object } : {}) })

  /** Calls as a service makes them, checked against their contract. */
  const callsOf = (caller: 'admin' | 'sign-in'): ServiceCalls => ({
    async call(_service, { method, path, body, scope, response }) {
      const headers = await underTest.as(caller, scope)
      const answer = await inject(method as 'GET' | 'POST', path, body, headers)
      assert.ok(answer.statusCode < 300, answer.body)
      assert.ok(Value.Check(response, answer.json()), answer.body)
      return answer.json()
    },
  })
  const administration = termsVersions(callsOf('admin'))
  const signIn = terms(callsOf('sign-in'))

  async function attest(accountId: string) {
    const { version, textHash } = await signIn.current()
    return signIn.attest({ accountId, version, textHash })
  }

  const auditOf = (version: string) =>
    underTest.ground.database
      .selectFrom('auditEvents')
      .select(['event', 'outcome', 'actor', 'reason', 'stateBefore', 'stateAfter'])
      .where('subject', '=', version)
      .execute()

  test('a new version is previewed, published, asked for at the next sign-in, and counted', async () => {
    for (const account of ['account-1', 'account-2']) await attest(account)
    const preview = await administration.preview({ text })
    assert.deepEqual([preview.inForce, preview.isSameText, preview.mustAttestAgain], ['1', false, 2])
    const former = await signIn.current()
    assert.equal(former.version, '1', 'a preview changes nothing')

    const published = await administration.publish({ version: '2', text, ...order })
    assert.deepEqual(
      [published.isInForce, published.mustAttestAgain, published.publishedBy, published.reason],
      [true, 2, 'rosa', 'a new law'],
    )
    assert.equal(published.textHash, preview.textHash)
    assert.deepEqual(published.text, text)
    const current = await signIn.current()
    assert.deepEqual(current, { version: '2', textHash: published.textHash, ...text })
    assert.equal((await administration.preview({ text })).isSameText, true)

    // Who had the former page open is shown the new one.
    const late = await inject(
      'POST',
      '/attestations',
      { accountId: 'account-1', version: '1', textHash: former.textHash },
      await underTest.as('sign-in', 'attestations.write'),
    )
    assert.deepEqual([late.statusCode, late.json().code], [409, 'terms_not_current'])

    await attest('account-1')
    assert.equal((await administration.find('2')).mustAttestAgain, 1)
    const { versions } = await administration.list()
    assert.deepEqual(
      versions.map(({ version, isInForce, accounts }) => [version, isInForce, accounts]),
      [
        ['2', true, 1],
        ['1', false, 2],
      ],
    )
    assert.equal((await administration.find('1')).mustAttestAgain, 0)

    const [event] = await auditOf('2')
    assert.deepEqual(
      [event?.event, event?.outcome, event?.actor, event?.reason],
      ['terms.published', 'success', 'rosa', 'a new law'],
    )
    assert.deepEqual(JSON.parse(event?.stateBefore), { version: '1', textHash: former.textHash })
    assert.deepEqual(JSON.parse(event?.stateAfter), { version: '2', textHash: published.textHash })
  })

  test('the attestations of an account come newest first, page by page', async () => {
    const first = await administration.attestations('account-1', { limit: 1 })
    assert.deepEqual(
      first.attestations.map(({ version }) => version),
      ['2'],
    )
    const second = await administration.attestations('account-1', { limit: 1, cursor: first.next })
    assert.deepEqual(
      second.attestations.map(({ version }) => version),
      ['1'],
    )
    assert.equal(second.next, undefined)
    assert.deepEqual(await administration.attestations('nobody'), { attestations: [] })
    const one = await administration.list({ limit: 1 })
    assert.equal((await administration.list({ limit: 1, cursor: one.next })).versions[0]?.version, '1')
  })

  test('a name that was published is refused as terms_version_exists, and that is in the audit trail', async () => {
    const headers = await underTest.as('admin', 'terms.publish')
    const body = { version: '1', text, ...order }
    const refused = await inject('POST', '/terms/versions', body, headers)
    assert.deepEqual([refused.statusCode, refused.json().code], [409, 'terms_version_exists'])
    const [event] = await auditOf('1')
    assert.deepEqual([event?.event, event?.outcome], ['terms.publication-refused', 'refusal'])
    const unknown = await inject('GET', '/terms/versions/99', undefined, headers)
    assert.deepEqual([unknown.statusCode, unknown.json().code], [404, 'terms_version_unknown'])
    const cursor = await inject('GET', '/terms/versions?cursor=nonsense', undefined, headers)
    assert.deepEqual([cursor.statusCode, cursor.json().code], [400, 'invalid_request'])
  })

  for (const [what, change] of [
    ['an empty condition', { text: { ...text, conditions: [{ text: ' ' }] } }],
    ['no condition', { text: { ...text, conditions: [] } }],
    ['no label for the checkbox', { text: { ...text, agreement: '' } }],
    ['an unknown section', { text: { ...text, appendix: 'x' } }],
    ['a name with a slash', { version: 'a/b' }],
    ['no reason', { reason: '' }],
  ] as const) {
    test(`a version with ${what} is not published`, async () => {
      const headers = await underTest.as('admin', 'terms.publish')
      const body = { version: '3', text, ...order, ...change }
      const refused = await inject('POST', '/terms/versions', body, headers)
      assert.deepEqual([refused.statusCode, refused.json().code], [400, 'invalid_request'])
      assert.equal((await signIn.current()).version, '2')
    })
  }

  for (const [method, url, scope, body] of [
    ['GET', '/terms/versions', 'terms.publish', undefined],
    ['GET', '/terms/versions/1', 'terms.publish', undefined],
    ['POST', '/terms/previews', 'terms.publish', { text }],
    ['POST', '/terms/versions', 'terms.publish', { version: '9', text, ...order }],
    ['GET', '/accounts/account-1/attestations', 'attestations.read', undefined],
  ] as const) {
    test(`${method} ${url} is for the console alone (RFC 6750 section 3.1)`, async () => {
      assert.equal((await inject(method, url, body, {})).statusCode, 401)
      for (const headers of [
        await underTest.as('sign-in', scope),
        await underTest.as('admin', 'audit.read'),
      ]) {
        const refused = await inject(method, url, body, headers)
        assert.deepEqual([refused.statusCode, refused.json().code], [403, 'insufficient_scope'])
      }
      assert.ok((await inject(method, url, body, await underTest.as('admin', scope))).statusCode < 300)
    })
  }
})
