// The rules of proofing without its pages: what a document says, what can be verified, and how a profile is written.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createAccountEvents } from '@gatehouse/provider/accounts/account-events'
import fc from 'fast-check'
import { createProofingAttempts } from '../src/proofing/attempts.ts'
import { createCompletion } from '../src/proofing/completion.ts'
import { documentFor, readDocument } from '../src/proofing/document.ts'
import type { Progress } from '../src/proofing/progress.ts'
import { isVerifiable, phoneVerdict, readPhoneNumber, readSsn } from '../src/proofing/verdict.ts'
import { type People, startWithPeople } from './support/people.ts'
import { IDENTITY, newcomer, PERSONA_SSN, PROFILE } from './support/proofing.ts'

const evidence = { identity: IDENTITY, outcome: 'passes' as const }

async function lines(changes: Record<string, string>, more = ''): Promise<string> {
  const all = {
    first_name: 'Priya',
    last_name: 'Placeholder',
    dob: '1988-09-21',
    address1: '500 Example Street',
    city: 'Baltimore',
    state: 'MD',
    zipcode: "'21235'",
    ...changes,
  }
  const document = Object.entries(all).map(([name, value]) => `  ${name}: ${value}`)
  return `${more}document:\n${document.join('\n')}\n`
}

describe('a document (fact sheet 6.3)', () => {
  test('of a persona says what the evidence says', async () => {
    const { socialSecurityNumber: _ssn, phoneNumber: _phone, ...shown } = IDENTITY
    const reading = await readDocument(await documentFor(evidence), true)
    assert.deepEqual(reading, { identity: shown })
    const two = {
      ...IDENTITY,
      middleName: 'M',
      address: { ...IDENTITY.address, street: '1 A Street\nApt 2' },
    }
    const other = await readDocument(await documentFor({ ...evidence, identity: two }), false)
    assert.ok('identity' in other)
    assert.equal(other.identity.address.street, '1 A Street\nApt 2')
    assert.equal(other.identity.middleName, 'M')
  })

  for (const [what, changes, named] of [
    ['a birth date that does not exist', { dob: '02/30/1990' }, 'dob'],
    ['a birth date to come', { dob: '2990-01-01' }, 'dob'],
    ['a birth date in words', { dob: 'September 21, 1988' }, 'dob'],
    ['a state in words', { state: 'Maryland' }, 'state'],
    ['a short ZIP code', { zipcode: "'2123'" }, 'zipcode'],
    ['a name that is a list', { first_name: '[Priya]' }, 'first_name'],
    ['a name without end', { last_name: 'x'.repeat(201) }, 'last_name'],
    ['a control character', { city: '"Balti\\u0007more"' }, 'city'],
    ['a second address line without end', { address2: 'x'.repeat(201) }, 'address2'],
  ] as const) {
    test(`with ${what} is refused, and the line named`, async () => {
      const reading = await readDocument(await lines(changes), false)
      assert.deepEqual(reading, { problem: { kind: 'lines', lines: [named] } })
    })
  }

  for (const [what, more, kind] of [
    ['transaction_status', 'transaction_status: Failed\n', 'refused'],
    ['alerts', 'failed_alerts:\n  - name: 2D Barcode Read\n    result: Failed\n', 'refused'],
    ['a photo in either spelling', 'portrait_match_results:\n  face_match_result: Fail\n', 'face'],
  ] as const) {
    test(`fails by ${what}`, async () => {
      assert.deepEqual(await readDocument(await lines({}, more), true), { problem: { kind } })
    })
  }

  test('passes with the result Passed, whatever alerts it has', async () => {
    const more =
      'doc_auth_result: Passed\nfailed_alerts: []\nportrait_match_results:\n  FaceMatchResult: Pass\n'
    assert.ok('identity' in (await readDocument(await lines({}, more), true)))
  })

  test('of any text is read or refused, never thrown at', async () => {
    const line = fc.constantFrom(
      ...[
        'document:',
        '  dob: ',
        '? ',
        '- ',
        '&a ',
        '*a',
        '!!js/function',
        '__proto__: ',
        '{',
        '[',
        "'",
        '"',
      ],
      ...['%YAML 1.1\n---\n', '---\n', '\n', '\t', '<<: *a', '!!binary ', '\u0000', '\ud800', '#'],
    )
    const text = fc.array(fc.oneof(line, fc.string()), { maxLength: 30 }).map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (given, facialMatch) => {
        const reading = await readDocument(given, facialMatch)
        assert.ok('identity' in reading !== 'problem' in reading)
      }),
      { numRuns: 300 },
    )
    assert.deepEqual(await readDocument('['.repeat(19_000), false), { problem: { kind: 'unreadable' } })
  })
})

describe('what can be verified (fact sheet 6.3)', () => {
  test('an SSN has nine digits, however they are set apart', () => {
    for (const text of ['900123456', ' 900-12-3456 ', '900 12 3456']) assert.equal(readSsn(text), '900123456')
    for (const text of ['', '90012345', '9001234567', '900.12.3456', '٩٠٠١٢٣٤٥٦']) {
      assert.equal(readSsn(text), undefined)
    }
  })

  test('SSNs of the sandbox, and a persona’s own; nothing of a persona that fails', () => {
    for (const [ssn, verdict] of [
      ['900000000', true],
      ['666999999', true],
      ['665999999', false],
      ['901000000', false],
      [PERSONA_SSN, true],
    ] as const) {
      assert.equal(isVerifiable(ssn, evidence), verdict, ssn.slice(0, 3))
      assert.equal(isVerifiable(ssn, { ...evidence, outcome: 'fails' }), false)
    }
    assert.equal(isVerifiable(PERSONA_SSN, undefined), false)
    assert.equal(isVerifiable('900000000', undefined), true)
  })

  test('a phone number is one of the United States', () => {
    for (const text of ['2025550147', '+1 (202) 555-0147', '1-202-555-0147', '202.555.0147']) {
      assert.equal(readPhoneNumber(text), '+12025550147')
    }
    for (const text of [
      '',
      '0225550147',
      '2021550147',
      '12025550147 ext 1',
      '+442079460000',
      '22025550147',
    ]) {
      assert.equal(readPhoneNumber(text), undefined)
    }
    assert.equal(phoneVerdict('+17035555555'), 'unverifiable')
    assert.equal(phoneVerdict('+17035555888'), 'timed_out')
    assert.equal(phoneVerdict('+12025550147'), 'verified')
  })
})

describe('the last step', () => {
  let idp: People
  before(async () => {
    idp = await startWithPeople()
  })
  after(() => idp.app.close())

  const { socialSecurityNumber: _ssn, phoneNumber: _phone, ...document } = IDENTITY
  const progress = (accountId: string): Progress => ({
    accountId,
    runId: `run of ${accountId}`,
    document,
    ssn: PERSONA_SSN,
    isVerified: true,
    phone: {
      number: '+12025550147',
      challenge: { channel: 'text', challengeId: 'challenge', expiresAt: 0 },
      isConfirmed: true,
    },
  })

  function build(listen: (kind: string) => void = () => {}) {
    const events = createAccountEvents()
    events.listen(async ({ kind }) => listen(kind))
    const { keyValue } = idp.ground
    const attempts = createProofingAttempts(keyValue, { most: 2, windowMs: 1_000 })
    const { accounts, lookUpSecrets } = idp
    return { attempts, ...createCompletion({ accounts, lookUpSecrets, events, keyValue, attempts }) }
  }
  const accountOf = async (id: string) => (await idp.accounts.find(id)) ?? assert.fail('no account')

  test('tells of a verification only where there was one before (fact sheet 7.1)', async () => {
    const told: string[] = []
    const { complete } = build((kind) => told.push(kind))
    const first = await newcomer(idp)
    assert.ok(await complete(await accountOf(first.accountId), progress(first.accountId)))
    assert.deepEqual(told, [])
    const again = await newcomer(idp, { profile: PROFILE })
    assert.ok(await complete(await accountOf(again.accountId), progress(again.accountId)))
    assert.deepEqual(told, ['reproofed'])
    assert.equal((await again.profile())?.phoneNumber, '+12025550147')
  })

  test('changes nothing when that cannot be told, and can be tried again', async () => {
    let isDown = true
    const { complete } = build(() => {
      if (isDown) throw new Error('nobody takes it')
    })
    const { accountId, profile } = await newcomer(idp, { profile: PROFILE })
    await assert.rejects(complete(await accountOf(accountId), progress(accountId)), /nobody takes it/)
    assert.deepEqual(await profile(), PROFILE)
    assert.equal(await idp.lookUpSecrets.left(accountId, 'personal_key'), 0)
    isDown = false
    assert.ok(await complete(await accountOf(accountId), progress(accountId)))
    assert.notDeepEqual(await profile(), PROFILE)
  })

  test('is not taken with a step missing, whatever led there', async () => {
    const { complete } = build()
    const { accountId, profile } = await newcomer(idp)
    const { phone, ...rest } = progress(accountId)
    const { isConfirmed: _confirmed, ...unconfirmed } = phone ?? assert.fail('no phone')
    for (const lacking of [
      rest,
      { ...rest, phone: unconfirmed },
      { ...progress(accountId), isVerified: false },
      { accountId, runId: 'another', phone: phone as NonNullable<typeof phone>, isVerified: true },
    ]) {
      await assert.rejects(complete(await accountOf(accountId), lacking), /not complete/)
    }
    assert.equal(await profile(), undefined)
  })

  test('counts failures for a time, and forgets them when somebody is verified', async () => {
    const { attempts, complete } = build()
    const { accountId } = await newcomer(idp)
    const left = async () => (await attempts.left(accountId)).left
    assert.equal(await left(), 2)
    await attempts.count(accountId)
    await attempts.count(accountId)
    await attempts.count(accountId)
    assert.equal(await left(), 0)
    advanceClock(1_001)
    assert.equal(await left(), 2)
    await attempts.count(accountId)
    assert.equal(await left(), 1)
    await complete(await accountOf(accountId), progress(accountId))
    assert.equal(await left(), 2)
  })
})
