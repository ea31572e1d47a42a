import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSignedIn } from './browser.ts'
import { problem, verified } from './stub-gateway.ts'
import { MARIA } from './stub-sign-in.ts'

const FORM = '/cbsv/online-verification'
const AVERY = { 'ssn-1': '987654320', 'firstName-1': 'Avery', 'lastName-1': 'Sample' }

test('from the main menu two links lead to the form', async () => {
  await using bso = await startSignedIn(FORM)
  assert.match((await bso.person.get('/main-menu')).body, /href="\/cbsv">CBSV: Consent Based/)
  assert.match(
    (await bso.person.get('/cbsv')).body,
    /href="\/cbsv\/online-verification">Request Online SSN Verification/,
  )
})

test('the form has ten rows, and every cell a label of its own (WCAG 1.3.1)', async () => {
  await using bso = await startSignedIn(FORM)
  const { body } = bso.seen
  for (let row = 1; row <= 10; row += 1) {
    for (const [field, label] of [
      ['ssn', 'SSN'],
      ['firstName', 'First Name'],
      ['middleName', 'Middle Name'],
      ['lastName', 'Last Name'],
      ['suffix', 'Suffix'],
      ['dateOfBirth', 'Date of Birth'],
      ['gender', 'Gender'],
    ]) {
      const id = `${field}-${row}`
      assert.ok(
        body.includes(`for="${id}"><span class="usa-sr-only">Row ${row}, </span>${label}</label>`),
        id,
      )
      assert.match(body, new RegExp(`<(input|select)[^>]* id="${id}" name="${id}"`))
    }
  }
  assert.doesNotMatch(body, /name="ssn-11"/)
  assert.match(body, /MMDDYYYY/)
  assert.match(body, /\/cbsv\/help#complex-names/)
})

test('ten rows go to the gateway as they were entered, with the person’s own token, and all results come back', async () => {
  await using bso = await startSignedIn(FORM)
  const entries: Record<string, string> = {}
  for (let row = 1; row <= 10; row += 1)
    Object.assign(entries, {
      [`ssn-${row}`]: `98765432${row % 10}`,
      [`firstName-${row}`]: `Avery${'ABCDEFGHIJ'[row - 1]}`,
      [`middleName-${row}`]: 'Lee',
      [`lastName-${row}`]: 'Sample',
      [`suffix-${row}`]: 'II',
      [`dateOfBirth-${row}`]: '04121975',
      [`gender-${row}`]: 'F',
    })
  const answer = await bso.person.post(FORM, entries)
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['cache-control'], 'no-store')
  const [asked] = bso.gateway.asked
  assert.equal(asked?.body.requests.length, 10)
  assert.deepEqual(asked?.body.requests[2], {
    ssn: '987654323',
    firstName: 'AveryC',
    middleName: 'Lee',
    lastName: 'Sample',
    suffix: 'II',
    dateOfBirth: '04121975',
    gender: 'F',
  })
  assert.match(asked?.authorization ?? '', /^Bearer access\./)
  assert.doesNotMatch(asked?.url ?? '', /\d{4}/)
  assert.equal(answer.body.match(/<td data-label="SSN">XXXXX432\d<\/td>/g)?.length, 10)
  assert.doesNotMatch(answer.body, /98765432\d/)
})

test('each result is shown with what it means and where to read on', async () => {
  await using bso = await startSignedIn(FORM)
  bso.gateway.answer = (asked) => {
    const { status, body } = verified(asked) as { status: number; body: { results: object[] } }
    const results = body.results.map((row, index) => ({ ...row, result: ['Yes', 'No', 'Deceased'][index] }))
    return { status, body: { results } }
  }
  const { body } = await bso.person.post(FORM, {
    ...AVERY,
    'ssn-4': '987654321',
    'firstName-4': 'Robin',
    'lastName-4': 'Placeholder',
    'ssn-7': '987654322',
    'firstName-7': 'Jordan',
    'lastName-7': 'Specimen',
  })
  for (const result of ['Yes', 'No', 'Deceased']) {
    assert.match(body, new RegExp(`<td data-label="Result"><strong[^>]*>${result}</strong>`))
    assert.match(body, new RegExp(`<dt>${result}</dt>`))
  }
  assert.match(body, /\/cbsv\/help#numbers-that-do-not-verify/)
  assert.equal(bso.gateway.asked[0]?.body.requests.length, 3, 'blank rows are skipped')
})

test('names come back as text, never as markup', async () => {
  await using bso = await startSignedIn(FORM)
  const name = '<img src=x onerror=alert(1)>"\''
  bso.gateway.answer = (asked) => {
    const { status, body } = verified(asked) as { status: number; body: { results: object[] } }
    return { status, body: { results: body.results.map((row) => ({ ...row, lastName: name })) } }
  }
  const results = await bso.person.post(FORM, AVERY)
  assert.doesNotMatch(results.body, /<img/)
  bso.gateway.answer = () =>
    problem(400, 'field_rules', { errors: [{ row: 1, field: 'lastName', rule: name }] })
  await bso.person.get(FORM)
  const again = await bso.person.post(FORM, { ...AVERY, 'lastName-1': name })
  assert.equal(again.statusCode, 422)
  assert.doesNotMatch(again.body, /<img/)
})

test('an empty form is not sent', async () => {
  await using bso = await startSignedIn(FORM)
  const { statusCode, body } = await bso.person.post(FORM, { 'ssn-1': ' ', 'firstName-2': '' })
  assert.equal(statusCode, 422)
  assert.match(body, /href="#ssn-1">Row 1, SSN: Enter at least one name and SSN/)
  assert.equal(bso.gateway.asked.length, 0)
})

test('broken field rules are listed with links to the cells, also where blank rows lie between', async () => {
  await using bso = await startSignedIn(FORM)
  bso.gateway.answer = () =>
    problem(400, 'field_rules', {
      errors: [
        { row: 1, field: 'ssn', rule: 'The SSN must be nine digits.' },
        { row: 2, field: 'lastName', rule: 'Use only letters.' },
        { row: 2, field: 'lastName', rule: 'Too long.' },
      ],
    })
  const { statusCode, body } = await bso.person.post(FORM, {
    'ssn-3': '987-65-4320',
    'firstName-3': 'Avery',
    'lastName-3': 'Sample',
    'suffix-3': 'Jr',
    'ssn-8': '987654321',
    'firstName-8': 'Robin',
    'lastName-8': 'Place-Holder',
    'gender-8': 'M',
  })
  assert.equal(statusCode, 422)
  assert.match(body, /<title>Error: /)
  assert.match(body, /href="#ssn-3">Row 3, SSN: The SSN must be nine digits\.</)
  assert.match(body, /href="#lastName-8">Row 8, Last Name: Use only letters\.</)
  assert.match(
    body,
    /id="ssn-3"[^>]*aria-invalid="true" aria-describedby="ssn-3-error"[^>]*value="987-65-4320"/,
  )
  assert.match(body, /id="lastName-8-error">Use only letters\. Too long\.</)
  assert.match(body, /id="firstName-8"[^>]*value="Robin"/)
  assert.match(body, /<option value="Jr" selected>/)
  assert.match(body, /<option value="M" selected>/)
  assert.doesNotMatch(body, /id="firstName-3"[^>]*aria-invalid/)
})

test('the Potential Misuse Alert is a page of its own', async () => {
  await using bso = await startSignedIn(FORM)
  bso.gateway.answer = () => problem(422, 'potential_misuse', { detail: 'the alert' })
  const { statusCode, body } = await bso.person.post(FORM, AVERY)
  assert.equal(statusCode, 422)
  assert.match(body, /Potential Misuse Alert/)
  assert.match(body, /role="alert"/)
  assert.doesNotMatch(body, /987654320/)
})

test('a token that the gateway does not take is renewed once, and the request goes through', async () => {
  await using bso = await startSignedIn(FORM)
  const refused = new Set<string>()
  bso.gateway.answer = (asked) => {
    if (refused.size > 0) return verified(asked)
    refused.add(asked.authorization ?? '')
    return problem(401, 'invalid_token')
  }
  const { statusCode } = await bso.person.post(FORM, AVERY)
  assert.equal(statusCode, 200)
  assert.equal(bso.signIn.counts.refresh, 1)
  const [first, second] = bso.gateway.asked
  assert.notEqual(first?.authorization, second?.authorization)
})

test('two tabs whose token is refused at once renew it once', async () => {
  await using bso = await startSignedIn(FORM)
  const old = new Set<string>()
  let bothHere = () => {}
  const both = new Promise<void>((resolve) => {
    bothHere = resolve
  })
  bso.gateway.answer = async (asked) => {
    if (bso.gateway.asked.length <= 2) {
      old.add(asked.authorization ?? '')
      if (bso.gateway.asked.length === 2) bothHere()
      await both
      return problem(401, 'invalid_token')
    }
    return verified(asked)
  }
  const answers = await Promise.all([bso.person.post(FORM, AVERY), bso.person.post(FORM, AVERY)])
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200],
  )
  assert.equal(bso.signIn.counts.refresh, 1)
  assert.equal(bso.signIn.counts.reused, 0)
})

test('a revoked session ends at the next request: nothing is verified, and a page says so', async () => {
  await using bso = await startSignedIn(FORM)
  bso.gateway.answer = () => problem(401, 'invalid_token')
  bso.signIn.endGrants()
  const { statusCode, body } = await bso.person.post(FORM, AVERY)
  assert.equal(statusCode, 403)
  assert.match(body, /Your session ended/)
  assert.match(body, /return_to&#61;%2Fcbsv%2Fonline-verification/)
})

test('a token that is refused again after the renewal ends the session', async () => {
  await using bso = await startSignedIn(FORM)
  bso.gateway.answer = () => problem(401, 'invalid_token')
  assert.match((await bso.person.post(FORM, AVERY)).body, /Your session ended/)
  assert.equal(bso.gateway.asked.length, 2)
  assert.equal((await bso.person.get('/main-menu')).statusCode, 403)
})

test('who may not use CBSV is told so, by the gateway’s word and by the services of the User ID', async () => {
  await using bso = await startSignedIn(FORM)
  bso.gateway.answer = () => problem(403, 'insufficient_scope')
  const refused = await bso.person.post(FORM, AVERY)
  assert.equal(refused.statusCode, 403)
  assert.match(refused.body, /You do not have access to CBSV/)
  bso.signIn.claims = { ...MARIA, bso_services: [] }
  const james = bso.browser()
  await james.signIn(bso.signIn)
  for (const path of ['/cbsv', '/cbsv/help', FORM])
    assert.match((await james.get(path)).body, /You do not have access to CBSV/)
})

for (const [what, answer] of [
  ['closed or catching up', () => problem(503, 'service_unavailable')],
  ['answering with what is no result', () => ({ status: 200, body: { results: [{ ssn: '1' }] } })],
  ['answering fewer results than rows', () => ({ status: 200, body: { results: [] } })],
  ['refusing for a reason that BSO does not know', () => problem(409, 'something_else')],
] as const) {
  test(`with the gateway ${what}, the entries stay and can be sent again`, async () => {
    await using bso = await startSignedIn(FORM)
    bso.gateway.answer = answer
    const { statusCode, body } = await bso.person.post(FORM, AVERY)
    assert.equal(statusCode, 503)
    assert.match(body, /CBSV is not available right now/)
    assert.match(body, /id="ssn-1"[^>]*value="987654320"/)
    bso.gateway.answer = verified
    assert.equal((await bso.person.post(FORM, AVERY)).statusCode, 200)
  })
}

test('a form without its token, with an eleventh row or with a field twice reaches no gateway', async () => {
  await using bso = await startSignedIn(FORM)
  assert.equal((await bso.person.postWithoutToken(FORM, AVERY)).statusCode, 403)
  assert.equal((await bso.person.post(FORM, { ...AVERY, 'ssn-11': '987654321' })).statusCode, 400)
  assert.equal((await bso.person.post(FORM, { ...AVERY, 'firstName-1': 'A'.repeat(101) })).statusCode, 400)
  assert.equal(bso.gateway.asked.length, 0)
})

test('a form of somebody else’s session is refused', async () => {
  await using bso = await startSignedIn(FORM)
  const token = /name="_csrf" value="([^"]+)"/.exec(bso.seen.body)?.[1] ?? ''
  await bso.person.post('/logout')
  await bso.person.signIn(bso.signIn)
  assert.equal((await bso.person.postWithoutToken(FORM, { ...AVERY, _csrf: token })).statusCode, 403)
  assert.equal(bso.gateway.asked.length, 0)
})

test('a form that was left lying while the session went idle is not sent', async () => {
  await using bso = await startSignedIn(FORM)
  advanceClock(31 * 60_000)
  const { statusCode, body } = await bso.person.post(FORM, AVERY)
  assert.equal(statusCode, 403)
  assert.match(body, /Your session ended/)
  assert.equal(bso.gateway.asked.length, 0)
})
