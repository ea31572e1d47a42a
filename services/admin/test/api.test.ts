import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { csv } from '../src/export/csv.ts'
import { startDesk } from './desk.ts'
import { examples, WHY } from './examples.ts'
import { ACCOUNT, EIN } from './owners.ts'

const KEY = 'an-idempotency-key'
const REVOKE = { target: { kind: 'account', value: ACCOUNT }, ...WHY }

test('of two orders with one idempotency key one is carried out, and both get its answer', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const headers = { 'idempotency-key': KEY }
  const first = await rosa.post('/revocations', REVOKE, headers)
  const second = await rosa.post('/revocations', REVOKE, headers)
  assert.equal(first.statusCode, 201)
  assert.equal(second.statusCode, 201)
  assert.deepEqual(second.json(), first.json())
  assert.equal(desk.owners.done().length, 1)
})

test('of ten orders with one key at once one is carried out; the others get its answer or are told to wait', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const headers = { 'idempotency-key': KEY }
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      rosa.post('/relying-services', examples.registerRelyingService.body, headers),
    ),
  )
  const codes = new Set(answers.map(({ statusCode }) => statusCode))
  assert.ok([...codes].every((code) => code === 201 || code === 409))
  assert.equal(desk.owners.done().length, 1)
  const secrets = answers.filter(({ statusCode }) => statusCode === 201).map((one) => one.json().clientSecret)
  assert.equal(new Set(secrets).size, 1)
  const rows = JSON.stringify(await desk.ground.database.selectFrom('keyValue').selectAll().execute())
  assert.ok(!rows.includes(secrets[0]), 'the answer is kept sealed')
})

test('a key of another request, or of another administrator, means nothing', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const other = await desk.administrator('other', ['revoker'])
  const headers = { 'idempotency-key': KEY }
  const { act } = (await rosa.post('/revocations', REVOKE, headers)).json()
  const another = { ...REVOKE, reason: 'Another reason' }
  const reused = await rosa.post('/revocations', another, headers)
  assert.equal(reused.statusCode, 422)
  assert.equal(reused.json().code, 'key_reused')
  assert.notEqual((await other.post('/revocations', REVOKE, headers)).json().act.actId, act.actId)
})

test('a request that was refused can be made again with the same key', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const headers = { 'idempotency-key': KEY }
  desk.owners.down.add('sign-in')
  const { body } = examples.registerRelyingService
  assert.equal((await rosa.post('/relying-services', body, headers)).statusCode, 503)
  desk.owners.down.clear()
  assert.equal((await rosa.post('/relying-services', body, headers)).statusCode, 201)
})

test('an administrator whose role was taken away does not get the answer of a key from before', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const headers = { 'idempotency-key': KEY }
  const { body } = examples.registerRelyingService
  assert.equal((await rosa.post('/relying-services', body, headers)).statusCode, 201)
  await desk.operator('PUT', `/${rosa.email}`, { roles: ['viewer'] })
  assert.equal((await rosa.post('/relying-services', body, headers)).statusCode, 403)
})

test('a long list is paged, each row once, while new ones come', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const ids: string[] = []
  for (let index = 0; index < 7; index += 1)
    ids.unshift((await rosa.post('/revocations', REVOKE)).json().act.actId)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { acts, next } = (await rosa.get(`/acts?limit=3${cursor ? `&cursor=${cursor}` : ''}`)).json()
    for (const { actId } of acts) seen.push(actId)
    cursor = next
    await rosa.post('/revocations', REVOKE)
  } while (cursor)
  assert.deepEqual(seen.sort(), ids.sort())
})

test('a cursor that was changed, or that belongs to another list, is refused (ASVS 2.2.2)', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  await rosa.post('/revocations', REVOKE)
  await rosa.post('/revocations', REVOKE)
  const { next } = (await rosa.get('/acts?limit=1')).json()
  assert.equal((await rosa.get(`/acts?limit=1&cursor=${next}`)).statusCode, 200)
  const changed = `${next.slice(0, -1)}${next.endsWith('A') ? 'B' : 'A'}`
  for (const path of [
    `/acts?limit=1&cursor=${changed}`,
    `/acts?limit=1&cursor=${next.slice(0, 40)}`,
    `/acts?limit=1&kind=ein&cursor=${next}`,
    `/approvals?limit=1&cursor=${next}`,
    `/audit-events?cursor=${next}`,
    '/acts?cursor=%3Cscript%3E',
    '/acts?limit=0',
    '/acts?limit=101',
    '/acts?unknown=1',
  ]) {
    const answer = await rosa.get(path)
    assert.equal(answer.statusCode, 400, path)
    assert.equal(answer.json().code, 'invalid_request')
  }
})

test('every list is exported as CSV, whole unless a length is given, and as JSON', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  for (let index = 0; index < 5; index += 1) await rosa.post('/revocations', REVOKE)
  const whole = await rosa.get('/acts?format=csv')
  assert.match(String(whole.headers['content-type']), /^text\/csv; charset=utf-8/)
  assert.match(String(whole.headers['content-disposition']), /^attachment; filename="listActs.csv"$/)
  const [header, ...lines] = whole.body.trimEnd().split('\r\n')
  assert.match(header ?? '', /^actId,operation,kind,value,reason,/)
  assert.equal(lines.length, 5)
  assert.match(lines[0] ?? '', /,20[0-9]{2}-[0-9]{2}-[0-9]{2}T/, 'instants as people read them')

  const part = await rosa.get('/acts?limit=2', { accept: 'text/csv' })
  assert.equal(part.body.trimEnd().split('\r\n').length, 3)
  const [, cursor] = /^<\?cursor=([\w-]+)>; rel="next"$/.exec(String(part.headers.link)) ?? []
  const rest = await rosa.get(`/acts?format=csv&cursor=${cursor}`)
  assert.equal(rest.headers.link, undefined)

  for (const [method, path, body] of [
    ['GET', '/revocations', undefined],
    ['GET', '/enrolments', undefined],
    ['GET', '/signing-keys', undefined],
    ['GET', '/relying-services', undefined],
    ['GET', '/terms-versions', undefined],
    ['GET', '/administrators', undefined],
    ['GET', '/audit-events', undefined],
    ['POST', '/audit-verifications', undefined],
    ['POST', '/people/searches', examples.searchPeople.body],
    ['POST', '/companies/searches', {}],
  ] as const) {
    const answer = await desk.call(method, `/api${path}`, rosa.token, body, { accept: 'text/csv' })
    assert.equal(answer.statusCode, 200, `${path} ${answer.body}`)
    assert.match(String(answer.headers['content-type']), /^text\/csv/, path)
  }
})

test('a company whose name is a formula is text in a spreadsheet (CWE-1236)', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const { body } = await rosa.post('/companies/searches', {}, { accept: 'text/csv' })
  assert.equal(body, `ein,name,userIds,disabled\r\n${EIN},"'=Example, Inc.",1,\r\n`)
})

test('no cell begins as a formula does, and none breaks out of its row (RFC 4180)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', ' ', '\t', '\n', ' '), (text, space) => {
      for (const start of ['=', '+', '-', '@', '＝']) {
        const [, ...rows] = csv(['name'], [{ name: `${space}${start}${text}` }]).split('\r\n')
        const row = rows.join('\r\n').slice(0, -2)
        assert.match(row, /^"?'/)
        const inner = row.startsWith('"') ? row.slice(1, -1).replaceAll('""', '') : row
        assert.ok(!inner.includes('"') && (row.startsWith('"') || !/[,\r\n]/.test(inner)))
      }
    }),
  )
})

test('what a body or an address holds beyond its schema is refused, by field and rule, without the value', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  for (const [path, body] of [
    ['/revocations', { ...REVOKE, more: 'secret-value' }],
    ['/revocations', { ...REVOKE, target: { kind: 'secret-value', value: 'x' } }],
    ['/revocations', { ...REVOKE, lasting: 'secret-value' }],
    ['/people/searches', { by: 'secret-value', text: 'x' }],
    ['/people/searches', { by: 'phone-ending', text: 'secret-value' }],
    ['/relying-services/service/secrets', { ...WHY, secret: 'secret-value' }],
  ] as const) {
    const answer = await rosa.post(path, body)
    assert.equal(answer.statusCode, 400, path)
    assert.ok(answer.json().errors.length > 0)
    assert.doesNotMatch(answer.body, /secret-value/)
  }
  assert.deepEqual(desk.owners.done(), [])
})

test('a relying service’s secret is in one answer and nowhere else', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const { clientSecret } = (await rosa.post('/relying-services/service/secrets', WHY)).json()
  assert.ok(clientSecret)
  const rows = JSON.stringify(await desk.ground.database.selectFrom('auditEvents').selectAll().execute())
  assert.match(rows, /relying-service\.secret-rotated/)
  assert.ok(!rows.includes(clientSecret))
  assert.ok(!desk.logLines.join('').includes(clientSecret))
})

test('keys are replaced by one set or one address, never by both or none', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const jwks = { keys: [{ kty: 'EC' }] }
  const jwks_uri = 'https://service.example/jwks'
  assert.equal((await rosa.put('/relying-services/service/keys', WHY)).statusCode, 400)
  assert.equal((await rosa.put('/relying-services/service/keys', { jwks, jwks_uri, ...WHY })).statusCode, 400)
  for (const given of [{ jwks }, { jwks_uri }])
    assert.equal((await rosa.put('/relying-services/service/keys', { ...given, ...WHY })).statusCode, 200)
})

test('each change tells who, why, from where, before and after', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  const body = { ...examples.publishTerms.body, ticket: 'SEC-8' }
  assert.equal((await rosa.post('/terms-versions', body)).statusCode, 201)
  const [told] = await desk.told('terms.published')
  assert.equal(told?.actor, rosa.administratorId)
  assert.equal(told?.subject, '3')
  assert.equal(told?.reason, WHY.reason)
  assert.equal(told?.fromAddress, '127.0.0.1')
  assert.deepEqual(JSON.parse(told?.details ?? ''), { ticket: 'SEC-8' })
  assert.equal(JSON.parse(told?.stateBefore ?? '').version, '2')
  assert.equal(JSON.parse(told?.stateAfter ?? '').mustAttestAgain, 3)

  desk.owners.refuse.set('terms POST /terms/versions', { status: 409, code: 'terms_version_exists' })
  const refused = await rosa.post('/terms-versions', body)
  assert.equal(refused.statusCode, 409)
  assert.equal(refused.json().code, 'terms_version_exists')
  const [, second] = await desk.told('terms.published')
  assert.equal(second?.outcome, 'refusal')
  assert.equal(JSON.parse(second?.details ?? '').because, 'terms_version_exists')
})

test('a refusal that no contract has is an outage, not an answer', async () => {
  await using desk = await startDesk()
  const rosa = await desk.administrator('rosa', ['revoker'])
  desk.owners.refuse.set('terms POST /terms/versions', { status: 418, code: 'teapot' })
  assert.equal((await rosa.post('/terms-versions', examples.publishTerms.body)).statusCode, 503)
})

test('the console is ready only while it knows revocations', async () => {
  await using desk = await startDesk()
  assert.equal((await desk.call('GET', '/health/ready')).statusCode, 200)
  desk.feed.blind = 'silent'
  const answer = await desk.call('GET', '/health/ready')
  assert.equal(answer.statusCode, 503)
  assert.deepEqual(answer.json().failing, ['revocations'])
})
