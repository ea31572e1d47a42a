// How somebody's identity is verified, page by page (fact sheet 2.3, 2.6, 6.1 step 7, 6.3).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import { sql } from 'kysely'
import {
  authorizeUrl,
  OTHER_REDIRECT_URI,
  PASSWORD,
  PRIVILEGED,
  REDIRECT_URI,
  SAME_AGENCY,
  STATE,
} from './support/login-gov.ts'
import { type People, startWithPeople, titleOf } from './support/people.ts'
import {
  documentOn,
  FACE_PREFERRED,
  FACE_REQUIRED,
  IDENTITY,
  newcomer,
  newcomerAt,
  PERSONA_SSN,
  PROFILE,
  STEPS,
  walk,
} from './support/proofing.ts'
import { signedIn } from './support/signed-in.ts'

let idp: People
before(async () => {
  idp = await startWithPeople()
})
after(() => idp.app.close())
// Past any cool-down, block and lock-out of the test before.
beforeEach(() => advanceClock(601_000))

const FAILED = 'We could not verify your identity'
const WITHOUT_PHOTO = STEPS.filter((step) => step !== 'selfie')
const ACCESS_DENIED = `${REDIRECT_URI}?error=access_denied&state=${STATE}`
const fails = { evidence: { identity: IDENTITY, outcome: 'fails' as const } }

describe('what comes of it, by persona', () => {
  test('who is not verified yet goes through all pages, and on to the relying service', async () => {
    const { browser, profile, accountId } = await newcomer(idp)
    await browser.open(authorizeUrl())
    assert.deepEqual(await walk(idp, browser), WITHOUT_PHOTO)
    assert.equal(browser.path, '/sign_up/completed')
    assert.ok(textOf(browser.last).includes('Priya Placeholder'))
    assert.deepEqual(await profile(), {
      givenName: 'Priya',
      familyName: 'Placeholder',
      birthdate: '1988-09-21',
      address: { street: '500 Example Street', locality: 'Baltimore', region: 'MD', postalCode: '01235' },
      socialSecurityNumber: PERSONA_SSN,
      phoneNumber: '+12025550147',
      faceMatched: false,
      verifiedAt: (await profile())?.verifiedAt,
    })
    assert.ok(Math.abs(((await profile())?.verifiedAt ?? 0) - now()) < 60_000)
    assert.equal(await idp.lookUpSecrets.left(accountId, 'personal_key'), 1)
    await browser.submit('/sign_up/completed')
    const back = new URL(String(browser.last.headers.location))
    assert.ok(back.href.startsWith(`${REDIRECT_URI}?code=`))
  })

  test('somebody who is no persona fills in the document', async () => {
    const { browser, profile } = await newcomer(idp, { evidence: 'none' })
    await browser.open(authorizeUrl())
    await walk(idp, browser, {
      ssn: '666-12-3456',
      document: (empty) =>
        empty
          .replace('first_name: ""', 'first_name: Nadia\n  middle_name: M')
          .replace('last_name: ""', 'last_name: Specimen')
          .replace('dob: ""', 'dob: 7/04/1991')
          .replace('address1: ""', 'address1: 300 Example Street\n  address2: Apt 3')
          .replace('city: ""', 'city: Baltimore')
          .replace('state: ""', 'state: md')
          .replace('zipcode: ""', 'zipcode: 01235-1234'),
    })
    assert.deepEqual(await profile(), {
      givenName: 'Nadia',
      middleName: 'M',
      familyName: 'Specimen',
      birthdate: '1991-07-04',
      address: {
        street: '300 Example Street\nApt 3',
        locality: 'Baltimore',
        region: 'MD',
        postalCode: '01235-1234',
      },
      socialSecurityNumber: '666123456',
      phoneNumber: '+12025550147',
      faceMatched: false,
      verifiedAt: (await profile())?.verifiedAt,
    })
  })

  test('who is verified already sees nothing of it', async () => {
    const { browser } = await newcomer(idp, { profile: PROFILE })
    await browser.open(authorizeUrl())
    assert.equal(browser.path, '/sign_up/completed')
    await browser.open('/verify')
    assert.equal(browser.path, '/sign_up/completed')
    await browser.open('/verify/ssn')
    assert.equal(browser.path, '/sign_up/completed')
  })

  test('nor does anybody whom no relying service wants verified', async () => {
    const { browser } = await newcomer(idp)
    await browser.open('/verify')
    assert.equal(browser.path, '/account')
    await browser.open(authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only' }))
    assert.equal(browser.path, '/sign_up/completed')
    await browser.open('/verify/welcome')
    assert.equal(browser.path, '/sign_up/completed')
  })

  test('a required face match adds the photo', async () => {
    const { browser, profile } = await newcomer(idp)
    await browser.open(authorizeUrl(FACE_REQUIRED))
    assert.deepEqual(await walk(idp, browser), STEPS)
    assert.equal(browser.path, '/sign_up/completed')
    assert.equal((await profile())?.faceMatched, true)
  })

  test('so does a preferred one for who is not verified yet, and for nobody else', async () => {
    const newer = await newcomer(idp)
    await newer.browser.open(authorizeUrl(FACE_PREFERRED))
    assert.deepEqual(await walk(idp, newer.browser), STEPS)
    const verified = await newcomer(idp, { profile: PROFILE })
    await verified.browser.open(authorizeUrl(FACE_PREFERRED))
    assert.equal(verified.browser.path, '/sign_up/completed')
  })

  test('who was verified without a face match is verified again where one is required', async () => {
    const { browser, profile } = await newcomer(idp, { profile: PROFILE })
    await browser.open(authorizeUrl(FACE_REQUIRED))
    assert.deepEqual(await walk(idp, browser), STEPS)
    assert.equal((await profile())?.faceMatched, true)
    const matched = await newcomer(idp, { profile: { ...PROFILE, faceMatched: true } })
    await matched.browser.open(authorizeUrl(FACE_REQUIRED))
    assert.equal(matched.browser.path, '/sign_up/completed')
  })

  test('a profile older than verified_within is verified again', async () => {
    const { browser, profile } = await newcomer(idp, { profile: PROFILE })
    const request = { client_id: PRIVILEGED, redirect_uri: 'http://localhost:4400/callback' }
    await browser.open(authorizeUrl({ ...request, verified_within: '30d' }))
    assert.deepEqual(await walk(idp, browser), WITHOUT_PHOTO)
    assert.equal(browser.path, '/sign_up/completed')
    assert.ok(((await profile())?.verifiedAt ?? 0) > 0)
  })

  test('who fails ends on a page that leads back to the relying service', async () => {
    const { browser, profile } = await newcomer(idp, fails)
    await browser.open(authorizeUrl())
    await walk(idp, browser)
    assert.equal(browser.path, '/verify/session/errors/warning')
    assert.equal(titleOf(browser.last), FAILED)
    const text = textOf(browser.last)
    assert.ok(text.includes('You can try 4 more times.'))
    assert.ok(text.includes('Exit Login.gov and return to Social Security'))
    const back = await browser.get('/redirect/return_to_sp/failure_to_proof')
    assert.equal(back.headers.location, ACCESS_DENIED)
    assert.equal(await profile(), undefined)
  })

  test('or by the address that the client has for it', async () => {
    const { browser } = await newcomer(idp, fails)
    await browser.open(authorizeUrl({ client_id: SAME_AGENCY, redirect_uri: OTHER_REDIRECT_URI }))
    await walk(idp, browser)
    const back = await browser.get('/redirect/return_to_sp/failure_to_proof')
    assert.equal(back.headers.location, 'http://localhost:4100/not-proofed')
  })

  test('who fails with a photo is shown that it will not match', async () => {
    const { browser } = await newcomerAt(idp, 'selfie', { ...fails, request: FACE_REQUIRED })
    assert.match(browser.last.body, /checked value="differs"/)
  })
})

describe('what is given', () => {
  const refused = (page: { statusCode: number; body: string }, field: string, text: string) => {
    assert.equal(page.statusCode, 422)
    assert.match(page.body, new RegExp(`href="#${field}"`))
    assert.match(page.body, new RegExp(`id="${field}"`))
    assert.ok(textOf(page as never).includes(text), text)
    assert.match(titleOf(page) ?? '', /^Error: /)
  }

  test('nobody begins without consent', async () => {
    const { browser } = await newcomerAt(idp, 'welcome')
    refused(await browser.submit('/verify/welcome'), 'ial2_consent_given', 'Check this box to continue.')
    await browser.open('/verify/document_capture')
    assert.equal(browser.path, '/verify/welcome')
  })

  const documents: [string, string, string][] = [
    ['an empty field', '  \n', 'Enter your document.'],
    ['text that is no YAML', '{{ no', 'The document cannot be read.'],
    ['YAML that is no mapping', '- document', 'The document cannot be read.'],
    ['references', 'a: &a [x]\ndocument: *a', 'The document cannot be read.'],
    ['more than it may hold', `document: ${'x'.repeat(20_001)}`, 'The document is too long.'],
    [
      'lines that are missing',
      'document:\n  first_name: Priya',
      'not valid: last_name, dob, address1, city, state, zipcode.',
    ],
    ['a friendly error', 'friendly_error: "Hold <still>"', 'Hold <still> You can try 4 more times.'],
    ['a result that is not Passed', 'doc_auth_result: Failed', 'We could not verify your document.'],
  ]
  for (const [what, document, text] of documents) {
    test(`as a document, ${what} is refused`, async () => {
      const { browser } = await newcomerAt(idp, 'document_capture')
      const page = await browser.submit('/verify/document_capture', { document })
      refused(page, 'document', text)
      // What was typed is there to be corrected.
      assert.equal(documentOn(page), document)
      await browser.open('/verify/ssn')
      assert.equal(browser.path, '/verify/document_capture')
    })
  }

  test('a document whose photo is of somebody else is refused where the face is matched', async () => {
    const portrait = (text: string) => `${text}portrait_match_results:\n  FaceMatchResult: Fail\n`
    const { browser } = await newcomerAt(idp, 'document_capture', { request: FACE_REQUIRED })
    const page = await browser.submit('/verify/document_capture', {
      document: portrait(documentOn(browser.last)),
    })
    refused(page, 'document', 'The photo on your document does not match your face.')
    const unmatched = await newcomerAt(idp, 'document_capture')
    await unmatched.browser.submit('/verify/document_capture', {
      document: portrait(documentOn(unmatched.browser.last)),
    })
    assert.equal(unmatched.browser.path, '/verify/ssn')
  })

  test('a photo that does not match is refused, and so is none', async () => {
    const { browser } = await newcomerAt(idp, 'selfie', { request: FACE_REQUIRED })
    refused(await browser.submit('/verify/selfie', {}), 'photo', 'Choose whether')
    const page = await browser.submit('/verify/selfie', { photo: 'differs' })
    refused(page, 'photo', 'does not match your face. Try again. You can try 4 more times.')
    await browser.open('/verify/ssn')
    assert.equal(browser.path, '/verify/selfie')
  })

  for (const [what, ssn, text] of [
    ['nothing', ' ', 'Please fill in this field.'],
    ['eight digits', '900-12-345', 'Enter a Social Security number of 9 digits.'],
    ['letters', '90012345x', 'Enter a Social Security number of 9 digits.'],
  ] as const) {
    test(`as an SSN, ${what} is refused`, async () => {
      const { browser } = await newcomerAt(idp, 'ssn')
      const page = await browser.submit('/verify/ssn', { ssn })
      refused(page, 'ssn', text)
      if (ssn.trim()) assert.ok(!page.body.includes(ssn))
    })
  }

  test('SSNs from 900 and 666 can be verified, and a persona’s own; another cannot', async () => {
    for (const ssn of ['900 12 3456', '666123456', PERSONA_SSN]) {
      const { browser } = await newcomerAt(idp, 'verify_info', { ssn })
      await browser.submit('/verify/verify_info')
      assert.equal(browser.path, '/verify/phone')
    }
    const { browser } = await newcomerAt(idp, 'verify_info', { ssn: '987654320' })
    await browser.submit('/verify/verify_info')
    assert.equal(browser.path, '/verify/session/errors/warning')
    await browser.open('/verify/phone')
    assert.equal(browser.path, '/verify/verify_info')
  })

  test('what is to be verified is shown with the SSN masked, and can be changed', async () => {
    const { browser } = await newcomerAt(idp, 'verify_info')
    const text = textOf(browser.last)
    for (const part of ['Priya Placeholder', '1988-09-21', 'Baltimore, MD 01235', '***-**-4329']) {
      assert.ok(text.includes(part), part)
    }
    assert.ok(!browser.last.body.includes(PERSONA_SSN))
    await browser.submit('/verify/verify_info')
    await browser.open('/verify/ssn')
    assert.ok(!browser.last.body.includes(PERSONA_SSN))
    await browser.submit('/verify/ssn', { ssn: '900-11-2222' })
    // Another number has to be verified anew.
    assert.equal(browser.path, '/verify/verify_info')
    assert.ok(textOf(browser.last).includes('***-**-2222'))
    await browser.submit('/verify/verify_info')
    await browser.open('/verify/document_capture')
    await browser.submit('/verify/document_capture', {
      document: documentOn(browser.last).replace('Priya', 'Maria'),
    })
    assert.equal(browser.path, '/verify/verify_info')
    assert.ok(textOf(browser.last).includes('Maria Placeholder'))
  })

  for (const [what, phone, text] of [
    ['nothing', '', 'Please fill in this field.'],
    ['letters', 'phone', 'Enter a phone number of the United States'],
    ['nine digits', '202-555-014', 'Enter a phone number of the United States'],
    ['a number of another country', '+44 20 7946 0000', 'Enter a phone number of the United States'],
    ['703-555-5555', '(703) 555-5555', 'We could not match this phone number to you.'],
    ['703-555-5888', '+1 703 555 5888', 'We could not check this phone number in time.'],
  ] as const) {
    test(`as a phone number, ${what} is refused`, async () => {
      const { browser } = await newcomerAt(idp, 'phone')
      const before = idp.codes.sent.length
      refused(await browser.submit('/verify/phone', { phone }), 'phone', text)
      assert.equal(idp.codes.sent.length, before)
      await browser.open('/verify/phone_confirmation')
      assert.equal(browser.path, '/verify/phone')
    })
  }

  test('a number that cannot get codes, and a carrier that does not answer, are told at the field', async () => {
    const { browser } = await newcomerAt(idp, 'phone')
    idp.codes.failNext = 'phone_number_not_usable'
    const unusable = await browser.submit('/verify/phone', { phone: '202-555-0147' })
    refused(unusable, 'phone', 'We cannot send a code to this phone number.')
    idp.codes.failNext = 'unreachable'
    const unreachable = await browser.submit('/verify/phone', { phone: '202-555-0147' })
    refused(unreachable, 'phone', 'We could not send a code to this phone number now.')
  })

  test('the code goes to the number given, by text or by call', async () => {
    const { browser } = await newcomerAt(idp, 'phone')
    assert.match(browser.last.body, /value="20255501\d\d"/)
    await browser.submit('/verify/phone', { phone: '202.555.0147', otp_delivery_preference: 'voice' })
    const { body } = idp.codes.sent.at(-1) ?? assert.fail('nothing was sent')
    assert.equal(body.phoneNumber, '+12025550147')
    assert.equal(body.purpose, 'proofing')
    assert.equal(body.channel, 'call')
    assert.ok(textOf(browser.last).includes('We are calling (***)\u00a0***\u20110147'.replace('\u00a0', ' ')))
    assert.ok(!browser.last.body.includes('2025550147'))
  })

  test('a wrong code is told, another one can be had after ten seconds, and another number', async () => {
    const { browser } = await newcomerAt(idp, 'phone_confirmation')
    refused(await browser.submit('/verify/phone_confirmation', { code: ' ' }), 'code', 'Please fill in')
    const wrong = { code: idp.codes.wrongCode }
    refused(await browser.submit('/verify/phone_confirmation', wrong), 'code', 'one-time code is invalid')
    const sent = idp.codes.sent.length
    await browser.open('/verify/resend_otp')
    assert.ok(textOf(browser.last).includes('You tried too many times, please try again in'))
    assert.equal(idp.codes.sent.length, sent)
    advanceClock(11_000)
    await browser.open('/verify/resend_otp')
    assert.equal(browser.path, '/verify/phone_confirmation')
    assert.equal(idp.codes.sent.length, sent + 1)
    await browser.open('/verify/phone')
    await browser.submit('/verify/phone', { phone: '202-555-0148' })
    assert.equal(idp.codes.sent.at(-1)?.body.phoneNumber, '+12025550148')
    await browser.submit('/verify/phone_confirmation', { code: idp.codes.newestCode })
    assert.equal(browser.path, '/verify/enter_password')
  })

  test('the tenth wrong code locks the account and signs out (NIST SP 800-63B-4 §3.2.2)', async () => {
    const { browser } = await newcomerAt(idp, 'phone_confirmation')
    const wrong = { code: idp.codes.wrongCode }
    for (let tries = 0; tries < 9; tries += 1) await browser.submit('/verify/phone_confirmation', wrong)
    assert.ok(textOf(browser.last).includes('You have 1 attempt remaining'))
    await browser.submit('/verify/phone_confirmation', wrong)
    assert.match(titleOf(browser.last) ?? '', /Account temporarily locked/)
    await browser.open('/verify/enter_password')
    assert.equal(browser.path, '/')
  })

  test('without the password nothing is kept', async () => {
    const { browser, profile } = await newcomerAt(idp, 'enter_password')
    const enter = (password: string) =>
      browser.submit('/verify/enter_password', { 'user[password]': password })
    refused(await enter(''), 'user_password', 'Please fill in this field.')
    refused(await enter('not-the-password'), 'user_password', 'The password you’ve entered is wrong.')
    assert.equal(await profile(), undefined)
    for (let tries = 1; tries < 5; tries += 1) await enter('not-the-password')
    const blocked = await enter(PASSWORD)
    assert.equal(blocked.statusCode, 429)
    assert.ok(Number(blocked.headers['retry-after']) > 0)
    assert.ok(!blocked.body.includes(PASSWORD))
    assert.equal(await profile(), undefined)
  })

  test('the personal key is shown until the person has kept it, and then never again', async () => {
    const { browser, accountId } = await newcomerAt(idp, 'personal_key')
    const keyOn = () => /id="personal-key">([^<]*)</.exec(browser.last.body)?.[1]
    const key = keyOn() ?? assert.fail('there is no key')
    assert.match(key, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
    refused(await browser.submit('/verify/personal_key'), 'acknowledgment', 'Check this box to continue.')
    for (const path of ['/verify', '/verify/welcome', '/verify/enter_password', '/verify/cancel']) {
      await browser.open(path)
      assert.equal(browser.path, '/verify/personal_key')
      assert.equal(keyOn(), key)
    }
    await browser.submit('/verify/personal_key', { acknowledgment: '1' })
    assert.equal(browser.path, '/sign_up/completed')
    await browser.open('/verify/personal_key')
    assert.equal(browser.path, '/sign_up/completed')
    assert.equal(await idp.lookUpSecrets.use(accountId, 'personal_key', key), true)
  })
})

describe('the way through', () => {
  test('no step is skipped, whether its page is opened or its form is sent (OWASP ASVS 5.0 2.3.1)', async () => {
    for (const [index, step] of STEPS.entries()) {
      const { browser } = await newcomerAt(idp, step, { request: FACE_REQUIRED })
      const token = /name="_csrf" value="([^"]*)"/.exec(browser.last.body)?.[1] ?? ''
      for (const later of STEPS.slice(index + 1)) {
        await browser.open(`/verify/${later}`)
        assert.equal(browser.path, `/verify/${step}`, later)
        const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
        const posted = await idp.app.inject({
          method: 'POST',
          url: `/verify/${later}`,
          headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
          payload: new URLSearchParams({ _csrf: token }).toString(),
        })
        assert.equal(posted.statusCode, 303, later)
        assert.match(String(posted.headers.location), /^\/verify/)
        assert.notEqual(posted.headers.location, `/verify/${later}`)
      }
    }
  })

  test('only who is signed in gets there (NIST SP 800-63B-4 §2.2)', async () => {
    for (const path of ['', '/session/errors/failure', '/cancel', ...STEPS.map((step) => `/${step}`)]) {
      const page = await idp.app.inject(`/verify${path}`)
      assert.equal(page.statusCode, 302)
      assert.equal(page.headers.location, '/')
    }
  })

  test('a post without the form’s token is refused (OWASP ASVS 5.0 3.5.1)', async () => {
    const { browser } = await newcomerAt(idp, 'verify_info')
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
    const page = await idp.app.inject({ method: 'POST', url: '/verify/verify_info', headers, payload: '' })
    assert.equal(page.statusCode, 403)
  })

  test('five failures over all steps end it for six hours', async () => {
    const { browser, profile, email } = await newcomerAt(idp, 'document_capture')
    await browser.submit('/verify/document_capture', { document: 'friendly_error: no' })
    await browser.submit('/verify/document_capture', { document: 'friendly_error: no' })
    await browser.open('/verify/document_capture')
    await walk(idp, browser, { ssn: '123456789' })
    assert.equal(browser.path, '/verify/session/errors/warning')
    await browser.open('/verify/ssn')
    await walk(idp, browser, { phone: '7035555555', ssn: PERSONA_SSN })
    assert.equal(browser.path, '/verify/phone')
    assert.ok(textOf(browser.last).includes('You can try once more.'))
    await browser.submit('/verify/phone', { phone: '7035555888' })
    assert.equal(browser.path, '/verify/session/errors/failure')
    assert.equal(titleOf(browser.last), FAILED)
    assert.ok(textOf(browser.last).includes('You can try again in 6 hours.'))
    for (const path of ['/verify', '/verify/phone', '/verify/welcome', '/verify/session/errors/warning']) {
      await browser.open(path)
      assert.equal(browser.path, '/verify/session/errors/failure')
    }
    assert.ok(textOf(browser.last).includes('Exit Login.gov and return to Social Security'))
    // Another session of the same person has no other tries.
    const second = await signedIn(idp, { email })
    await second.open(authorizeUrl())
    for (let minutes = 0; minutes < 360; minutes += 10) {
      await second.open('/verify')
      assert.equal(second.path, '/verify/session/errors/failure', `after ${minutes} minutes`)
      advanceClock(600_000)
    }
    await second.open('/verify/session/errors/failure')
    assert.equal(second.path, '/verify/welcome')
    assert.equal(await profile(), undefined)
  })

  test('whoever stops is asked, and goes back with access_denied', async () => {
    const { browser, profile } = await newcomerAt(idp, 'enter_password')
    await browser.open('/verify/cancel')
    assert.ok(textOf(browser.last).includes('Exit Login.gov and return to Social Security'))
    await browser.open('/verify')
    assert.equal(browser.path, '/verify/enter_password')
    const back = await browser.get('/redirect/return_to_sp/cancel')
    assert.equal(back.headers.location, ACCESS_DENIED)
    assert.equal(await profile(), undefined)
    // What had been given is gone.
    await browser.open(authorizeUrl())
    assert.equal(browser.path, '/verify/welcome')
  })

  test('whoever starts over begins with the first page', async () => {
    const { browser } = await newcomerAt(idp, 'phone')
    await browser.open('/verify/cancel')
    await browser.submit('/verify/session')
    assert.equal(browser.path, '/verify/welcome')
    await browser.open('/verify/phone')
    assert.equal(browser.path, '/verify/welcome')
  })

  test('a face match that is asked for half way is not left out', async () => {
    const { browser, profile } = await newcomerAt(idp, 'enter_password')
    await browser.open(authorizeUrl(FACE_REQUIRED))
    assert.equal(browser.path, '/verify/selfie')
    assert.equal(await profile(), undefined)
    await browser.submit('/verify/selfie', { photo: 'matches' })
    assert.equal(browser.path, '/verify/enter_password')
  })

  test('in Spanish it is Spanish from the first page to the last', async () => {
    const { browser } = await newcomer(idp)
    await browser.open(authorizeUrl({}, '/es'))
    const titles: (string | undefined)[] = []
    for (const step of [...WITHOUT_PHOTO.slice(1), undefined]) {
      titles.push(titleOf(browser.last))
      assert.match(browser.last.body, /<html lang="es"/)
      await walk(idp, browser, { base: '/es', ...(step ? { until: step } : {}) })
    }
    assert.equal(browser.path, '/es/sign_up/completed')
    assert.deepEqual(titles, [
      'Verifique su identidad',
      'Agregue su documento',
      'Introduzca su número de Seguro Social',
      'Verifique su información',
      'Verifique su número de teléfono',
      'Introduzca su código de un solo uso',
      'Introduzca su contraseña para terminar',
      'Guarde su clave personal',
    ])
  })
})

describe('what is kept', () => {
  test('nothing of it can be read in the database before, during or after (OWASP ASVS 5.0 14.2.6)', async () => {
    const { browser } = await newcomer(idp)
    await browser.open(authorizeUrl())
    const tables = ['sessions', 'key_value', 'accounts', 'look_up_secrets', 'audit_events']
    const readable = async () => {
      const rows = await Promise.all(
        tables.map((table) => sql`select * from ${sql.table(table)}`.execute(idp.ground.database)),
      )
      return JSON.stringify(rows)
    }
    for (const step of [...WITHOUT_PHOTO.slice(1), undefined]) {
      const key = /id="personal-key">([^<]*)</.exec(browser.last.body)?.[1]
      const kept = await readable()
      for (const secret of [PERSONA_SSN, 'Placeholder', '2025550147', key ?? PERSONA_SSN]) {
        assert.ok(!kept.includes(secret))
      }
      await walk(idp, browser, step ? { until: step } : {})
    }
    const logged = idp.logLines.join('\n')
    assert.ok(!logged.includes(PERSONA_SSN) && !logged.includes('Placeholder'))
  })

  test('nothing is the account’s before the password', async () => {
    const { browser, profile, accountId } = await newcomer(idp)
    await browser.open(authorizeUrl())
    for (const step of WITHOUT_PHOTO.slice(1, -1)) {
      await walk(idp, browser, { until: step })
      assert.equal(await profile(), undefined)
      assert.equal(await idp.lookUpSecrets.left(accountId, 'personal_key'), 0)
    }
    await walk(idp, browser, { until: 'personal_key' })
    assert.ok(await profile())
  })

  test('two posts of the password at once verify once, and the key that is shown is the one that works', async () => {
    const { browser, accountId } = await newcomerAt(idp, 'enter_password')
    const form = browser.last
    const answers = await Promise.all(
      [1, 2, 3].map(() => {
        browser.last = form
        return browser.post('/verify/enter_password', { 'user[password]': PASSWORD })
      }),
    )
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).toSorted(), [303, 303, 303])
    const won = answers.find(({ headers }) => headers.location === '/verify/personal_key')
    for (const { name, value } of won?.cookies ?? []) browser.cookies.set(name, encodeURIComponent(value))
    await browser.open('/verify/personal_key')
    const key = /id="personal-key">([^<]*)</.exec(browser.last.body)?.[1] ?? ''
    assert.equal(await idp.lookUpSecrets.use(accountId, 'personal_key', key), true)
  })

  test('what one person has given is not another’s in the same browser', async () => {
    const { browser, accountId } = await newcomerAt(idp, 'enter_password')
    const other = await newcomer(idp)
    await sql`update sessions set account_id = ${other.accountId} where account_id = ${accountId}`.execute(
      idp.ground.database,
    )
    await browser.open('/verify')
    assert.equal(browser.path, '/verify/welcome')
  })
})
