import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { buildForTest } from '@gatehouse/http/testing'
import { service } from '../src/service.ts'
import { numberHolders, writeNumident } from './number-holder-fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'cbsv-'))
after(() => rm(folder, { recursive: true }))
const NUMIDENT_FILE = join(folder, 'numident.ndjson')
const holders = numberHolders(600)
await writeNumident(NUMIDENT_FILE, holders)

const identity = {
  'gatehouse-subject': 'subject-1',
  'gatehouse-client-id': 'bso',
  'gatehouse-bso-user-id': 'AB12CD34',
  'gatehouse-ein': '000000001',
}
const row = { ssn: '987654320', firstName: 'Avery', lastName: 'Sample' }

async function startCbsv() {
  const cbsv = await buildForTest(service, { environment: { NUMIDENT_FILE } })
  const gateway = await cbsv.as('gateway', 'cbsv.forward')
  return {
    ...cbsv,
    /** Sends a body as the gateway would; `headers` add to what it sends or take its place. */
    send(body: unknown, headers: Record<string, string | undefined> = {}) {
      const sent = { 'content-type': 'application/json', ...gateway, ...identity, ...headers }
      return cbsv.app.inject({
        method: 'POST',
        url: '/cbsv/verifications',
        headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)),
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      })
    },
    [Symbol.asyncDispose]: async () => void (await cbsv.app.close()),
  }
}

test('each row gets its result in the order of the request, with every field echoed and the SSN masked', async () => {
  await using cbsv = await startCbsv()
  const full = { ...row, middleName: 'Lee', suffix: 'II', dateOfBirth: '04121975', gender: 'F' }
  const requests = [
    { ...full, ssn: '987654322', firstName: 'Jordan', lastName: 'Specimen', gender: 'M' },
    full,
    { ...full, ssn: '987654321', firstName: 'Robin', lastName: 'Placeholder' },
  ]
  const response = await cbsv.send({ requests })
  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), {
    results: [
      { ...requests[0], ssn: 'XXXXX4322', result: 'Deceased' },
      { ...requests[1], ssn: 'XXXXX4320', result: 'Yes' },
      { ...requests[2], ssn: 'XXXXX4321', result: 'No' },
    ],
  })
  assert.equal(response.headers['cache-control'], 'no-store')
})

test('ten rows are answered, and fields that were left out come back empty', async () => {
  await using cbsv = await startCbsv()
  const asked = holders.slice(-10)
  const requests = asked.map(({ ssn, firstName, lastName }, index) => {
    return { ssn, firstName: `${firstName}${'ABCDEFGHIJ'[index]}`, lastName }
  })
  const { results } = (await cbsv.send({ requests })).json()
  assert.deepEqual(
    results,
    requests.map(({ ssn, firstName, lastName }) => ({
      ssn: `XXXXX${ssn.slice(5)}`,
      firstName,
      middleName: '',
      lastName,
      suffix: '',
      dateOfBirth: '',
      gender: '',
      result: 'Yes',
    })),
  )
})

test('a number that nobody has gives No like a name that does not match', async () => {
  await using cbsv = await startCbsv()
  const { results } = (
    await cbsv.send({
      requests: [
        { ...row, ssn: '000000000' },
        { ...row, lastName: 'Other' },
      ],
    })
  ).json()
  assert.deepEqual(
    results.map(({ result }: { result: string }) => result),
    ['No', 'No'],
  )
})

test('all violations of the field rules come at once, by row, field and rule, without the values', async () => {
  await using cbsv = await startCbsv()
  const response = await cbsv.send({
    requests: [
      row,
      { ...row, ssn: '987-65-4320' },
      { ...row, firstName: "O'Malley", dateOfBirth: '13011990' },
    ],
  })
  assert.equal(response.statusCode, 400)
  assert.match(String(response.headers['content-type']), /^application\/problem\+json/)
  const { code, errors } = response.json()
  assert.equal(code, 'field_rules')
  assert.deepEqual(errors, [
    {
      row: 2,
      field: 'ssn',
      rule: 'The SSN must be nine digits, without hyphens, spaces or other characters.',
    },
    { row: 3, field: 'firstName', rule: 'Use only the letters A to Z and spaces in the first name.' },
    { row: 3, field: 'dateOfBirth', rule: 'The month of the date of birth must be 01 to 12.' },
  ])
  assert.doesNotMatch(response.body, /65-?4320|Malley/)
})

for (const [title, body, field] of [
  ['eleven rows', { requests: Array.from({ length: 11 }, () => row) }, 'body.requests'],
  ['no rows', { requests: [] }, 'body.requests'],
  ['no list of requests', {}, 'body.requests'],
  [
    'a row without a last name',
    { requests: [{ ssn: row.ssn, firstName: 'Avery' }] },
    'body.requests.0.lastName',
  ],
  ['a field that is not known', { requests: [{ ...row, maiden: 'x' }] }, 'body.requests.0.maiden'],
  ['a member that is not known', { requests: [row], dryRun: true }, 'body.dryRun'],
  ['an SSN that is a number', { requests: [{ ...row, ssn: 987654320 }] }, 'body.requests.0.ssn'],
  ['a middle name that is null', { requests: [{ ...row, middleName: null }] }, 'body.requests.0.middleName'],
  ['a list instead of an object', [row], 'body'],
] as const) {
  test(`${title}: refused, naming the field and a rule`, async () => {
    await using cbsv = await startCbsv()
    const response = await cbsv.send(body)
    assert.equal(response.statusCode, 400)
    const { code, errors } = response.json()
    assert.equal(code, 'invalid_request')
    const named = errors.find((error: { field: string }) => error.field === field)
    assert.ok(named?.rule, response.body)
    assert.ok(!response.body.includes('987654320'))
  })
}

test('a body that is no JSON is refused', async () => {
  await using cbsv = await startCbsv()
  for (const body of ['{"requests":[', 'ssn=987654320', '']) {
    const response = await cbsv.send(body)
    assert.equal(response.statusCode, 400)
    assert.equal(response.json().code, 'invalid_json')
    assert.ok(!response.body.includes('987654320'))
  }
})

test('another media type is refused', async () => {
  await using cbsv = await startCbsv()
  const response = await cbsv.send({ requests: [row] }, { 'content-type': 'application/xml' })
  assert.equal(response.statusCode, 415)
})

test('a body of 2 MB is refused by its size', async () => {
  await using cbsv = await startCbsv()
  const response = await cbsv.send({ requests: [{ ...row, firstName: 'A'.repeat(2_000_000) }] })
  assert.equal(response.statusCode, 413)
  assert.equal(response.json().code, 'body_too_large')
})

test('a request that did not come through a gateway is refused (RFC 6750 §3)', async () => {
  await using cbsv = await startCbsv()
  const person = await cbsv.sign({
    iss: cbsv.ground.urls['sign-in'],
    sub: 'subject-1',
    client_id: 'bso',
    aud: 'urn:gatehouse:cbsv',
    iat: epochSeconds(),
    exp: epochSeconds() + 300,
    jti: 'a-token-of-a-person',
    scope: 'cbsv.forward',
  })
  for (const authorization of [undefined, 'Basic Z2F0ZXdheTp4', 'Bearer x', `Bearer ${person}`]) {
    const response = await cbsv.send({ requests: [row] }, { authorization })
    assert.equal(response.statusCode, 401, authorization)
    assert.equal(response.json().code, 'invalid_token')
    assert.match(String(response.headers['www-authenticate']), /^Bearer /)
  }
})

test('the token of another service, for another service or for another scope is refused', async () => {
  await using cbsv = await startCbsv()
  for (const [caller, scope] of [
    ['bso', 'cbsv.forward'],
    ['sign-in', 'cbsv.forward'],
    ['gateway', 'clock.write'],
  ] as const) {
    const response = await cbsv.send({ requests: [row] }, await cbsv.as(caller, scope))
    assert.equal(response.statusCode, 403, `${caller} ${scope}`)
    assert.equal(response.json().code, 'insufficient_scope')
  }
  const forTerms = await cbsv.as('gateway', 'cbsv.forward', { aud: 'urn:gatehouse:service:terms' })
  assert.equal((await cbsv.send({ requests: [row] }, forTerms)).statusCode, 401)
})

test('a sign-in without a BSO User ID or an EIN is refused', async () => {
  await using cbsv = await startCbsv()
  for (const header of ['gatehouse-ein', 'gatehouse-bso-user-id', 'gatehouse-client-id']) {
    for (const value of [undefined, '', 'two, values']) {
      const response = await cbsv.send({ requests: [row] }, { [header]: value })
      assert.equal(response.statusCode, 403, `${header}: ${value}`)
      assert.equal(response.json().code, 'no_company')
    }
  }
})

test('the sixth time the same SSN is entered the alert comes, and after a day it may be entered again', async () => {
  await using cbsv = await startCbsv()
  const guess = (firstName: string) =>
    cbsv.send({ requests: [{ ssn: '987654320', firstName, lastName: 'Guess' }] })
  for (const name of ['A', 'B', 'C', 'D', 'E']) assert.equal((await guess(name)).statusCode, 200)
  const response = await guess('F')
  assert.equal(response.statusCode, 422)
  const { code, title, detail } = response.json()
  assert.equal(code, 'potential_misuse')
  assert.equal(title, 'Potential Misuse Alert')
  assert.match(
    detail,
    /^You have entered either identical Social Security Numbers or identical First and Last Names/,
  )
  const other = { ...row, ssn: '987654322' }
  assert.equal((await cbsv.send({ requests: [other] })).statusCode, 200, 'other data may be sent at once')
  advanceClock(24 * 60 * 60 * 1000)
  const fresh = await cbsv.as('gateway', 'cbsv.forward')
  const again = await cbsv.send(
    { requests: [{ ssn: '987654320', firstName: 'G', lastName: 'Guess' }] },
    fresh,
  )
  assert.equal(again.statusCode, 200)
})

test('the same name six times in one request brings the alert, and nothing of the request is processed', async () => {
  await using cbsv = await startCbsv()
  const requests = holders.slice(0, 6).map(({ ssn }) => ({ ssn, firstName: 'Avery', lastName: 'Sample' }))
  const response = await cbsv.send({ requests })
  assert.equal(response.json().code, 'potential_misuse')
  assert.ok(!response.body.includes('result'))
  assert.deepEqual(await cbsv.ground.database.selectFrom('verifications').selectAll().execute(), [])
  const [event] = await cbsv.ground.database.selectFrom('auditEvents').selectAll().execute()
  assert.equal(event?.event, 'verification.refused')
  assert.equal(event?.actor, 'AB12CD34')
})

test('a refused request does not count, and another user of the company is not held back', async () => {
  await using cbsv = await startCbsv()
  const five = { requests: Array.from({ length: 5 }, () => row) }
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.equal((await cbsv.send({ requests: [...five.requests, row] })).statusCode, 422)
  }
  assert.equal((await cbsv.send({ requests: [{ ...row, gender: 'X' }] })).statusCode, 400)
  assert.equal((await cbsv.send(five)).statusCode, 200)
  assert.equal((await cbsv.send({ requests: [row] })).statusCode, 422)
  assert.equal((await cbsv.send(five, { 'gatehouse-bso-user-id': 'ZZ99ZZ99' })).statusCode, 200)
})

test('no full SSN is kept of a request or written to the log', async () => {
  await using cbsv = await startCbsv()
  const ssn = '123456789'
  await cbsv.send({ requests: [{ ...row, ssn }] })
  await cbsv.send({ requests: Array.from({ length: 6 }, () => ({ ...row, ssn })) })
  await cbsv.send({ requests: [{ ...row, ssn, lastName: '1' }] })
  await cbsv.send(`{"requests":[{"ssn":"${ssn}"`)
  await cbsv.send({ requests: [{ ssn, [ssn]: ssn }] })
  for (const table of ['verifications', 'entrants', 'entries', 'auditEvents']) {
    const kept = JSON.stringify(await cbsv.ground.database.selectFrom(table).selectAll().execute())
    assert.ok(!kept.includes(ssn), table)
  }
  assert.ok(cbsv.logLines.length > 0)
  assert.ok(!cbsv.logLines.join('').includes(ssn))
})

test('the OpenAPI document describes the operation', async () => {
  await using cbsv = await startCbsv()
  const { paths } = (await cbsv.app.inject('/openapi.json')).json()
  assert.ok(paths['/cbsv/verifications'].post.requestBody)
})

test('without a usable file of number holders the service does not start', async () => {
  await assert.rejects(
    buildForTest(service, { environment: { NUMIDENT_FILE: join(folder, 'absent.ndjson') } }),
    /ENOENT/,
  )
  await assert.rejects(buildForTest(service), /NUMIDENT_FILE/)
})
