// The second factor at sign-in, method by method (fact sheet 6.1 steps 4 and 5, 6.2, 6.3).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { createTestCertificates } from '@gatehouse/provider/authenticators/certificates'
import { type Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import { authorizeUrl, REDIRECT_URI, ROOT } from './support/login-gov.ts'
import { asOperator } from './support/operator.ts'
import { choiceOf, optionsOf, type People, startWithPeople, titleOf } from './support/people.ts'
import { connect } from './support/risc.ts'
import { type SoftwareKey, softwareKey } from './support/software-key.ts'

let idp: People
before(async () => {
  idp = await startWithPeople()
})
after(() => idp.app.close())
// Past any cool-down and lock-out of the test before.
beforeEach(() => advanceClock(601_000))

const OPTIONS = '/login/two_factor/options'
const SELECTION = 'two_factor_options_form[selection]'
const APP = '/login/two_factor/authenticator'
const BACKUP_CODE = '/login/two_factor/backup_code'
const KEY = '/login/two_factor/webauthn'
const DEVICE = '/login/two_factor/webauthn?platform=true'
const CARD = '/login/two_factor/piv_cac'
const INVALID = 'That one-time code is invalid. Try again or request a new code.'

type Person = Awaited<ReturnType<People['person']>>

async function atSecondFactor(person: Person, url?: string): Promise<Browser> {
  const browser = idp.browser()
  await idp.giveEmailAndPassword(browser, person.email, url)
  return browser
}

/** How somebody has authenticated, as the session has it. */
async function authenticationOf({ accountId }: Person) {
  const rows = await idp.ground.database
    .selectFrom('sessions')
    .select(['authentication', 'signInId'])
    .where('accountId', '=', accountId)
    .where('signInId', 'is not', null)
    .execute()
  return rows.map(({ authentication }) => JSON.parse(authentication))[0]
}

/** Registers a key with the account, as its owner did some time ago. */
async function addKey(person: Person, kind: 'security_key' | 'platform_authenticator'): Promise<SoftwareKey> {
  const key = softwareKey(ROOT)
  const browser = idp.browser()
  const spare = await idp.lookUpSecrets.issue(person.accountId, 'personal_key', { count: 1, groups: 4 })
  await idp.giveEmailAndPassword(browser, person.email)
  await browser.open('/login/two_factor/personal_key')
  await browser.submit('/login/two_factor/personal_key', { code: spare[0] ?? '' })
  const place = `/webauthn_setup${kind === 'security_key' ? '' : '?platform=true'}`
  await browser.open(place)
  await browser.submit(place, { response: key.register(optionsOf(browser.last)) })
  await browser.submit('/logout')
  await idp.lookUpSecrets.remove(person.accountId, 'personal_key')
  assert.equal((await idp.authenticators.ofKind(person.accountId, kind)).length, 1)
  return key
}

/** Registers a card of the account, as its owner did some time ago. */
async function addCard(person: Person) {
  const certificates = createTestCertificates({ ...idp.ground, name: 'Login.gov' })
  const [choice] = await certificates.choicesFor([
    { id: person.accountId, email: person.email, name: person.email },
  ])
  const shown = await certificates.present(choice?.id ?? '')
  assert.ok(shown.outcome === 'valid')
  const { outcome: _, ...details } = shown
  const { accountId } = person
  const identifier = details.fingerprint
  await idp.authenticators.add({ accountId, kind: 'certificate', name: 'Card', details, identifier })
  return { id: choice?.id ?? '', ...details }
}

describe('which method is asked for (fact sheet 6.1 step 4)', () => {
  const methods: [string, string, (person: Person) => Promise<unknown>][] = [
    ['backup codes', BACKUP_CODE, (person) => person.backupCodes()],
    ['a phone', '/login/two_factor/sms', (person) => person.addPhone()],
    ['an authenticator app', APP, (person) => person.addApp()],
    ['a security key', KEY, (person) => addKey(person, 'security_key')],
    ['face or touch unlock', DEVICE, (person) => addKey(person, 'platform_authenticator')],
    ['a government employee ID', CARD, (person) => addCard(person)],
  ]

  test('is the strongest that the account has, in the order of the fact sheet', async () => {
    const person = await idp.person()
    for (const [name, path, add] of methods) {
      await add(person)
      advanceClock(11_000)
      const browser = await atSecondFactor(person)
      assert.equal(browser.path, path, name)
      assert.equal(browser.last.statusCode, 200, name)
    }
  })

  test('a code by text is sent before its page is shown, by call where the person prefers that', async () => {
    const person = await idp.person()
    await person.addPhone('+12025550120', 'call')
    const browser = await atSecondFactor(person)
    assert.equal(browser.path, '/login/two_factor/voice')
    assert.equal(idp.codes.sent.at(-1)?.body.channel, 'call')
  })

  test('the options are what the account has, by the real page’s names and values (fact sheet 6.2)', async () => {
    const person = await idp.person()
    const home = await person.addPhone('+12025550121')
    const abroad = await person.addPhone('+442071838750')
    await person.addApp()
    await addKey(person, 'security_key')
    await addKey(person, 'platform_authenticator')
    await addCard(person)
    await person.backupCodes()
    await person.personalKey()
    const browser = await atSecondFactor(person)
    const page = await browser.open(OPTIONS)
    const offered = [
      ...page.body.matchAll(
        /name="two_factor_options_form\[selection\]"[^>]*value="([^"]*)">\s*<label[^>]*>([^<]*)/g,
      ),
    ]
    assert.deepEqual(
      offered.map(([, value, label]) => [value, label]),
      [
        [`sms_${home.id}`, 'Text message'],
        [`sms_${abroad.id}`, 'Text message'],
        // Calls go to numbers of the North American plan only.
        [`voice_${home.id}`, 'Automated phone call'],
        ['auth_app', 'Authentication app'],
        ['webauthn', 'Security key'],
        ['webauthn_platform', 'Face or touch unlock'],
        ['piv_cac', 'Government employee ID'],
        ['backup_code', 'Backup codes'],
        ['personal_key', 'Personal Key'],
      ],
    )
  })

  test('each option leads to its page', async () => {
    const person = await idp.person()
    const first = await person.addPhone('+12025550122')
    const second = await person.addPhone('+12025550123')
    await person.addApp()
    await person.backupCodes()
    const browser = await atSecondFactor(person)
    for (const [value, path, number] of [
      [`voice_${second.id}`, '/login/two_factor/voice', '+12025550123'],
      [`sms_${first.id}`, '/login/two_factor/sms', '+12025550122'],
      ['auth_app', APP, undefined],
      ['backup_code', BACKUP_CODE, undefined],
    ] as const) {
      await browser.open(OPTIONS)
      await browser.submit(OPTIONS, { [SELECTION]: value })
      assert.equal(browser.path, path)
      if (number) assert.equal(idp.codes.sent.at(-1)?.body.phoneNumber, number)
    }
  })

  test('the default phone is used first', async () => {
    const person = await idp.person()
    await person.addPhone('+12025550124')
    const chosen = await person.addPhone('+12025550125')
    await idp.authenticators.makeDefault(person.accountId, chosen.id)
    await atSecondFactor(person)
    assert.equal(idp.codes.sent.at(-1)?.body.phoneNumber, '+12025550125')
  })

  test('what the account has not is neither a choice nor a page, and takes no answer', async () => {
    const person = await idp.person()
    await person.addPhone()
    const browser = await atSecondFactor(person)
    const sms = browser.last
    for (const value of ['auth_app', 'webauthn', 'sms_somebody-elses', 'x', '__proto__']) {
      await browser.open(OPTIONS)
      assert.equal((await browser.submit(OPTIONS, { [SELECTION]: value })).statusCode, 422, value)
    }
    for (const place of [APP, KEY, DEVICE, CARD, BACKUP_CODE, '/login/two_factor/personal_key']) {
      assert.equal((await browser.get(place)).headers.location, '/users/two_factor_authentication', place)
      const token = /name="_csrf" value="([^"]*)"/.exec(sms.body)?.[1] ?? ''
      const answer = await idp.app.inject({
        method: 'POST',
        url: place,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        },
        payload: new URLSearchParams({ _csrf: token }).toString(),
      })
      assert.equal(answer.headers.location, '/users/two_factor_authentication', place)
      assert.equal(answer.statusCode, 303)
    }
    assert.equal(await authenticationOf(person), undefined)
  })
})

describe('an authenticator app (NIST SP 800-63B-4 §3.1.4)', () => {
  test('its code signs in', async () => {
    const person = await idp.person()
    const { code } = await person.addApp()
    const browser = await atSecondFactor(person)
    await browser.submit(APP, { code: ` #${code()} ` })
    assert.equal(browser.path, '/account')
    assert.deepEqual((await authenticationOf(person)).methods, ['password', 'totp'])
  })

  test('a code is good once, and one of the time before is not good after it (RFC 6238 §5.2, OWASP ASVS 5.0 6.5.1)', async () => {
    const person = await idp.person()
    const { code } = await person.addApp()
    const used = code()
    const earlier = code(now() - 30_000)
    await (await atSecondFactor(person)).submit(APP, { code: used })
    for (const again of [used, earlier]) {
      const browser = await atSecondFactor(person)
      const page = await browser.submit(APP, { code: again })
      assert.equal(page.statusCode, 422)
      assert.ok(textOf(page).includes(INVALID))
    }
  })

  test('a clock may be 30 seconds off, and no more (fact sheet 6.3)', async () => {
    for (const [offset, path] of [
      [-30_000, '/account'],
      [30_000, '/account'],
      [-60_000, APP],
      [60_000, APP],
    ] as const) {
      const person = await idp.person()
      const { code } = await person.addApp()
      const browser = await atSecondFactor(person)
      await browser.submit(APP, { code: code(now() + offset) })
      assert.equal(browser.path, path, String(offset))
    }
  })

  test('wrong and malformed codes are told alike, no code is told as such', async () => {
    const person = await idp.person()
    const { code } = await person.addApp()
    const browser = await atSecondFactor(person)
    const wrong = String((Number(code()) + 500_000) % 1_000_000).padStart(6, '0')
    for (const given of [wrong, 'abc', '1'.repeat(400), '12345', '¼²³456']) {
      const page = await browser.submit(APP, { code: given })
      assert.equal(page.statusCode, 422)
      assert.ok(textOf(page).includes(INVALID))
    }
    assert.ok(textOf(await browser.submit(APP, { code: ' ' })).includes('Please fill in this field.'))
  })

  test('another account’s code is none', async () => {
    const [person, other] = [await idp.person(), await idp.person()]
    await person.addApp()
    const { code } = await other.addApp()
    const browser = await atSecondFactor(person)
    assert.equal((await browser.submit(APP, { code: code() })).statusCode, 422)
  })
})

describe('wrong second factors (NIST SP 800-63B-4 §3.2.2, OWASP ASVS 5.0 6.3.1)', () => {
  test('ten of any methods together lock the account, and from three left on the person is warned', async () => {
    const person = await idp.person()
    await person.addPhone()
    const { code } = await person.addApp()
    await person.backupCodes()
    const browser = await atSecondFactor(person)
    const texts: string[] = []
    const fail = async (place: string, given: string) => {
      await browser.open(place)
      texts.push(textOf(await browser.submit(place, { code: given })))
    }
    for (let count = 0; count < 4; count += 1) await fail(APP, 'wrong')
    await browser.open(OPTIONS)
    const sms = /value="(sms_[^"]*)"/.exec(browser.last.body)?.[1] ?? ''
    await browser.submit(OPTIONS, { [SELECTION]: sms })
    for (let count = 0; count < 2; count += 1) await fail('/login/two_factor/sms', idp.codes.wrongCode)
    for (let count = 0; count < 3; count += 1) await fail(BACKUP_CODE, 'wrong')
    assert.deepEqual(
      texts.map((text) => /You have \d attempts? remaining/.exec(text)?.[0]),
      [
        ...Array(6).fill(undefined),
        'You have 3 attempts remaining',
        'You have 2 attempts remaining',
        'You have 1 attempt remaining',
      ],
    )
    await browser.open(APP)
    const locked = await browser.submit(APP, { code: 'wrong' })
    assert.equal(locked.statusCode, 429)
    assert.equal(titleOf(locked), 'Error: Account temporarily locked')
    assert.ok(textOf(locked).includes('Please try again in 10 minutes'))
    assert.equal((await browser.get('/account')).headers.location, '/')

    advanceClock(599_000)
    const soon = await atSecondFactor(person)
    assert.equal(titleOf(soon.last), 'Error: Account temporarily locked')
    advanceClock(2_000)
    const later = await atSecondFactor(person)
    assert.equal((await later.submit(APP, { code: code() })).statusCode, 200)
    assert.equal(later.path, '/account')
  })

  test('a right one during the lock-out is not looked at, and stays good', async () => {
    const person = await idp.person()
    const codes = await person.backupCodes()
    const [browser, other] = [await atSecondFactor(person), await atSecondFactor(person)]
    for (let count = 0; count < 10; count += 1) await other.submit(BACKUP_CODE, { code: 'wrong' })
    const answer = await browser.submit(BACKUP_CODE, { code: codes[0] ?? '' })
    assert.equal(answer.statusCode, 429)
    assert.equal(await idp.lookUpSecrets.left(person.accountId, 'backup_code'), 10)
  })

  test('many at once are no more tries than one after the other', async () => {
    const person = await idp.person()
    await person.addApp()
    const browser = await atSecondFactor(person)
    const page = browser.last
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => {
        browser.last = page
        return browser.post(APP, { code: '000000' })
      }),
    )
    assert.ok(answers.filter(({ statusCode }) => statusCode === 422).length <= 9)
    assert.equal(await authenticationOf(person), undefined)
  })

  test('success starts the count anew', async () => {
    const person = await idp.person()
    const { code } = await person.addApp()
    const browser = await atSecondFactor(person)
    for (let count = 0; count < 9; count += 1) await browser.submit(APP, { code: 'wrong' })
    await browser.submit(APP, { code: code() })
    assert.equal(browser.path, '/account')
    const again = await atSecondFactor(person)
    const page = await again.submit(APP, { code: 'wrong' })
    assert.equal(page.statusCode, 422)
    assert.doesNotMatch(textOf(page), /remaining/)
  })
})

describe('backup codes and the personal key (NIST SP 800-63B-4 §3.1.2)', () => {
  test('a code signs in once, however it is written', async () => {
    const person = await idp.person()
    const [code = '', other = ''] = await person.backupCodes()
    assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/)
    const browser = await atSecondFactor(person)
    await browser.submit(BACKUP_CODE, { code: ` ${code.toLowerCase().replaceAll('-', ' ')} ` })
    assert.equal(browser.path, '/account')
    assert.deepEqual((await authenticationOf(person)).methods, ['password', 'backup_code'])
    const again = await atSecondFactor(person)
    assert.equal((await again.submit(BACKUP_CODE, { code })).statusCode, 422)
    await again.submit(BACKUP_CODE, { code: other })
    assert.equal(again.path, '/account')
  })

  test('after the last one new ones are shown, this one time (fact sheet 6.2)', async () => {
    const person = await idp.person()
    const [code = ''] = await person.backupCodes(1)
    const browser = await atSecondFactor(person, authorizeUrl())
    const page = await browser.submit(BACKUP_CODE, { code })
    const shown = [...page.body.matchAll(/<code>([^<]+)<\/code>/g)].map(([, one = '']) => one)
    assert.equal(new Set(shown).size, 10)
    assert.match(page.body, /<a class="usa-button" href="\/openid_connect\/authorize\?/)
    const again = await atSecondFactor(person)
    await again.submit(BACKUP_CODE, { code: shown[3] ?? '' })
    assert.equal(again.path, '/account')
    assert.equal(await idp.lookUpSecrets.left(person.accountId, 'backup_code'), 9)
  })

  test('the personal key signs in and is replaced', async () => {
    const person = await idp.person()
    await person.addPhone()
    const [key = ''] = await person.personalKey()
    const place = '/login/two_factor/personal_key'
    const browser = await atSecondFactor(person)
    await browser.open(place)
    assert.equal((await browser.submit(place, { code: 'WRONG' })).statusCode, 422)
    const page = await browser.submit(place, { code: key })
    const shown = /<code>([^<]+)<\/code>/.exec(page.body)?.[1] ?? ''
    assert.notEqual(shown, key)
    assert.deepEqual((await authenticationOf(person)).methods, ['password', 'personal_key'])
    const again = await atSecondFactor(person)
    await again.open(place)
    assert.equal((await again.submit(place, { code: key })).statusCode, 422)
  })
})

describe('security keys and face or touch unlock (NIST SP 800-63B-4 §3.1.7, WebAuthn Level 3 §7.2)', () => {
  for (const [kind, place, method] of [
    ['security_key', KEY, 'webauthn'],
    ['platform_authenticator', DEVICE, 'webauthn_platform'],
  ] as const) {
    test(`${method} signs in`, async () => {
      const person = await idp.person()
      const key = await addKey(person, kind)
      const browser = await atSecondFactor(person)
      await browser.submit(place, { response: key.answer(optionsOf(browser.last)) })
      assert.equal(browser.path, '/account')
      assert.deepEqual((await authenticationOf(person)).methods, ['password', method])
    })
  }

  test('an answer to another question, of another site, by another key or sent before is refused', async () => {
    const person = await idp.person()
    const key = await addKey(person, 'security_key')
    const stranger = await addKey(await idp.person(), 'security_key')
    const browser = await atSecondFactor(person)
    const first = key.answer(optionsOf(browser.last))
    await browser.submit(KEY, { response: first })
    assert.equal(browser.path, '/account')

    const wrong: [string, (options: { challenge: string }) => string][] = [
      ['sent before', () => first],
      ['challenge', () => key.answer({ challenge: 'A'.repeat(43) })],
      ['origin', (options) => key.answer(options, { origin: 'http://localhost:4999' })],
      ['counter', (options) => key.answer(options, { counter: 1 })],
      ['another account’s key', (options) => stranger.answer(options)],
      ['no JSON', () => '{'],
      ['not an answer', () => '[]'],
      ['half an answer', (options) => key.answer(options).replace('signature', 'signatures')],
    ]
    for (const [what, make] of wrong) {
      const again = await atSecondFactor(person)
      const page = await again.submit(KEY, { response: make(optionsOf(again.last)) })
      assert.equal(page.statusCode, 422, what)
      assert.match(textOf(page), /We could not verify it/, what)
      advanceClock(601_000)
    }
  })

  test('a question is answered once', async () => {
    const person = await idp.person()
    const key = await addKey(person, 'security_key')
    const browser = await atSecondFactor(person)
    const options = optionsOf(browser.last)
    await browser.submit(KEY, { response: '{}' })
    assert.equal((await browser.submit(KEY, { response: key.answer(options) })).statusCode, 422)
  })

  test('face or touch unlock must have known the person', async () => {
    const person = await idp.person()
    const key = await addKey(person, 'platform_authenticator')
    const browser = await atSecondFactor(person)
    const response = key.answer(optionsOf(browser.last), { userVerified: false })
    assert.equal((await browser.submit(DEVICE, { response })).statusCode, 422)
  })

  test('who sends the form without having been asked by the browser has used no try', async () => {
    const person = await idp.person()
    await addKey(person, 'security_key')
    const browser = await atSecondFactor(person)
    for (let count = 0; count < 12; count += 1) {
      assert.equal((await browser.submit(KEY, { response: '' })).statusCode, 200)
    }
  })

  test('the page sends people without a key to the lab, and lets forms be posted there', async () => {
    const person = await idp.person()
    await addKey(person, 'security_key')
    const browser = await atSecondFactor(person, authorizeUrl())
    const page = browser.last
    const policy = String(page.headers['content-security-policy'])
    assert.match(policy, /form-action [^;]*http:\/\/localhost:4012/)
    assert.match(policy, /script-src 'self';/)
    assert.match(page.body, /action="http:\/\/localhost:4012\/security-keys\/assertions"/)
    assert.match(page.body, /name="answerTo" value="http:\/\/localhost:4001\/login\/two_factor\/webauthn"/)
    assert.match(page.body, new RegExp(`name="leadsTo" value="${REDIRECT_URI}"`))
    assert.match(page.body, /<form[^>]* data-webauthn="get"[^>]* hidden/)
    assert.match(page.body, /<script src="\/assets\/webauthn.js" defer>/)
    const script = await idp.app.inject({ url: '/assets/webauthn.js' })
    assert.equal(script.statusCode, 200)
  })
})

describe('government employee ID (NIST SP 800-63B-4 §3.1.7)', () => {
  test('a card’s certificate is a second factor', async () => {
    const person = await idp.person()
    const card = await addCard(person)
    const browser = await atSecondFactor(person)
    await browser.submit(CARD, { certificate: card.id })
    assert.equal(browser.path, '/account')
    const { methods, certificate } = await authenticationOf(person)
    assert.deepEqual(methods, ['password', 'piv_cac'])
    assert.deepEqual(certificate, { subject: card.subject, issuer: card.issuer })
  })

  test('expired, untrusted, unknown and somebody else’s are refused, each for its reason', async () => {
    const person = await idp.person()
    await addCard(person)
    const stranger = await addCard(await idp.person())
    const browser = await atSecondFactor(person)
    const page = browser.last
    for (const [id, words] of [
      [choiceOf(page, 'Expired certificate'), 'has expired'],
      [choiceOf(page, 'Untrusted certificate'), 'comes from an issuer that we do not trust'],
      ['authority', 'could not read a certificate'],
      ['x', 'could not read a certificate'],
      [stranger.id, 'is not connected to your account'],
      ['', 'Choose one of the certificates'],
    ] as const) {
      const answer = await browser.submit(CARD, { certificate: id })
      assert.equal(answer.statusCode, 422)
      assert.ok(textOf(answer).includes(words), words)
    }
    assert.equal(await authenticationOf(person), undefined)
  })

  test('on the sign-in page it is both factors, without e-mail address and password', async () => {
    const person = await idp.person()
    const card = await addCard(person)
    const browser = idp.browser()
    await browser.open(authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid email' }))
    const page = await browser.open('/login/piv_cac')
    assert.equal(titleOf(page), 'Sign in with your government employee ID')
    assert.equal(choiceOf(page, person.email), card.id)
    await browser.submit('/login/piv_cac', { certificate: card.id })
    assert.equal(browser.path, '/sign_up/completed')
    assert.deepEqual((await authenticationOf(person)).methods, ['piv_cac'])
  })

  test('there, a card of no account and cards that are not good are refused', async () => {
    for (const [label, words] of [
      ['Maria Example', 'is not connected to an account'],
      ['Expired certificate', 'has expired'],
      ['Untrusted certificate', 'we do not trust'],
    ] as const) {
      const browser = idp.browser()
      const page = await browser.open('/login/piv_cac')
      const answer = await browser.submit('/login/piv_cac', { certificate: choiceOf(page, label) })
      assert.equal(answer.statusCode, 422)
      assert.ok(textOf(answer).includes(words))
      assert.equal((await browser.get('/account')).headers.location, '/')
    }
  })

  test('there, a locked account stays locked and a suspended one shut', async () => {
    const [locked, suspended] = [await idp.person(), await idp.person()]
    const [card, other] = [await addCard(locked), await addCard(suspended)]
    const browser = await atSecondFactor(locked)
    for (let count = 0; count < 10; count += 1) await browser.submit(CARD, { certificate: 'x' })
    await idp.accounts.setSuspended(suspended.accountId, true)
    for (const { id, status } of [
      { ...card, status: 429 },
      { ...other, status: undefined },
    ]) {
      const fresh = idp.browser()
      await fresh.open('/login/piv_cac')
      const answer = await fresh.submit('/login/piv_cac', { certificate: id })
      if (status) assert.equal(answer.statusCode, status)
      assert.equal((await fresh.get('/account')).statusCode, 302)
    }
    assert.equal(await authenticationOf(suspended), undefined)
  })
})

describe('requests that demand more (fact sheet 2.3)', () => {
  const NS = 'http://idmanagement.gov/ns/assurance'
  const demanding = (aal: string) =>
    authorizeUrl({ acr_values: `urn:acr.login.gov:auth-only ${NS}/${aal}`, scope: 'openid email' })
  const RESISTANT = demanding('aal/2?phishing_resistant=true')
  const HSPD12 = demanding('aal/2?hspd12=true')

  test('a phishing-resistant one offers nothing else and takes nothing else (NIST SP 800-63B-4 §3.2.5)', async () => {
    const person = await idp.person()
    await person.addPhone()
    const { code } = await person.addApp()
    const key = await addKey(person, 'security_key')
    const browser = await atSecondFactor(person, RESISTANT)
    assert.equal(browser.path, KEY)
    const page = browser.last
    const options = await browser.open(OPTIONS)
    assert.deepEqual(
      [...options.body.matchAll(/type="radio"[^>]*value="([^"]*)"/g)].map(([, value]) => value),
      ['webauthn'],
    )
    assert.equal((await browser.submit(OPTIONS, { [SELECTION]: 'auth_app' })).statusCode, 422)
    assert.equal((await browser.get(APP)).headers.location, '/users/two_factor_authentication')
    const token = /name="_csrf" value="([^"]*)"/.exec(options.body)?.[1] ?? ''
    const forced = await idp.app.inject({
      method: 'POST',
      url: APP,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      payload: new URLSearchParams({ _csrf: token, code: code() }).toString(),
    })
    assert.equal(forced.headers.location, '/users/two_factor_authentication')
    assert.equal(await authenticationOf(person), undefined)
    assert.notEqual(page, options)
    await browser.open(KEY)
    await browser.submit(KEY, { response: key.answer(optionsOf(browser.last)) })
    assert.equal(browser.path, '/sign_up/completed')
  })

  test('who has none that fits proves the account by another, and then sets one up', async () => {
    const person = await idp.person()
    await person.addPhone()
    const browser = await atSecondFactor(person, RESISTANT)
    assert.equal(browser.path, '/login/two_factor/sms')
    assert.equal(
      (await browser.get('/authentication_methods_setup')).headers.location,
      '/users/two_factor_authentication',
    )
    await browser.open('/login/two_factor/sms')
    const page = await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
    assert.equal(browser.path, '/authentication_methods_setup')
    const offered = [...page.body.matchAll(/type="radio"[^>]*value="([^"]*)"/g)].map(([, value]) => value)
    assert.deepEqual(offered, ['webauthn_platform', 'webauthn', 'piv_cac'])
    assert.equal(
      (await browser.submit('/authentication_methods_setup', { [SELECTION]: 'phone' })).statusCode,
      422,
    )
    await browser.submit('/authentication_methods_setup', { [SELECTION]: 'webauthn' })
    const key = softwareKey(ROOT)
    await browser.submit('/webauthn_setup', { response: key.register(optionsOf(browser.last)) })
    assert.equal(browser.path, '/sign_up/completed')
    await browser.submit('/sign_up/completed')
    assert.match(String(browser.last.headers.location), /[?&]code=/)
  })

  test('hspd12 takes the card and nothing else', async () => {
    const person = await idp.person()
    await addKey(person, 'security_key')
    const card = await addCard(person)
    const browser = await atSecondFactor(person, HSPD12)
    assert.equal(browser.path, CARD)
    assert.equal((await browser.get(KEY)).headers.location, '/users/two_factor_authentication')
    await browser.open(CARD)
    await browser.submit(CARD, { certificate: card.id })
    assert.equal(browser.path, '/sign_up/completed')
  })

  test('somebody who is signed in by less steps up before the code', async () => {
    const person = await idp.person()
    await person.addPhone()
    const key = await addKey(person, 'platform_authenticator')
    const browser = await atSecondFactor(person)
    await browser.open(OPTIONS)
    const sms = /value="(sms_[^"]*)"/.exec(browser.last.body)?.[1] ?? ''
    await browser.submit(OPTIONS, { [SELECTION]: sms })
    await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
    assert.equal(browser.path, '/account')
    await browser.open(RESISTANT)
    assert.equal(browser.path, DEVICE)
    await browser.submit(DEVICE, { response: key.answer(optionsOf(browser.last)) })
    assert.equal(browser.path, '/sign_up/completed')
  })
})

describe('relying services are told (fact sheet 7.1)', () => {
  test('of a lock-out by wrong second factors once, and of a method that was added or removed', async () => {
    const person = await idp.person()
    await person.addPhone()
    const client = 'urn:gov:gsa:openidconnect.profiles:sp:sso:test:told'
    const registered = await asOperator(idp.app)('PUT', `/api/clients/${encodeURIComponent(client)}`, {
      client_id: client,
      friendly_name: 'Told of everything',
      agency_id: 'told',
      ial: 1,
      pkce: true,
      redirect_uris: ['http://localhost:4700/callback'],
      push_notification_url: 'http://localhost:4700/push',
    })
    assert.ok(registered.statusCode < 300, registered.body)
    await connect(idp.ground.database, person.accountId, client)
    const told = async () => {
      const answer = await asOperator(idp.app)('GET', '/api/risc/deliveries')
      const { deliveries } = answer.json() as { deliveries: { client_id: string; event_type: string }[] }
      return deliveries
        .filter(({ client_id: id }) => id === client)
        .map(({ event_type: type }) => type.split('/').at(-1))
    }
    const browsers = [await atSecondFactor(person), await atSecondFactor(person)]
    for (let count = 0; count < 10; count += 1) {
      await browsers[0]?.submit('/login/two_factor/sms', { code: 'wrong' })
    }
    assert.deepEqual(await told(), ['mfa-limit-account-locked'])
    assert.equal((await browsers[1]?.submit('/login/two_factor/sms', { code: 'wrong' }))?.statusCode, 429)
    assert.deepEqual(await told(), ['mfa-limit-account-locked'])

    advanceClock(601_000)
    const browser = await atSecondFactor(person)
    await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
    await browser.open('/backup_code_setup')
    await browser.submit('/backup_code_setup')
    await browser.open('/manage/backup_code')
    await browser.submit('/manage/backup_code/removal')
    assert.deepEqual(await told(), [
      'recovery-information-changed',
      'recovery-information-changed',
      'mfa-limit-account-locked',
    ])
  })
})

test('a code that expires soon is warned of, and one that has expired is told so (fact sheet 6.3)', async () => {
  const person = await idp.person()
  await person.addPhone()
  const browser = await atSecondFactor(person)
  const WORKS = /The code works for 10 minutes/
  const EXPIRES = /Your one-time code expires in/
  const EXPIRED = /Your one-time code has expired/
  /** What a person sees before any script runs, and which of the three it is not. */
  const at = async (milliseconds: number, ...not: RegExp[]) => {
    advanceClock(milliseconds)
    const page = await browser.open('/login/two_factor/sms')
    assert.match(page.body, /<script src="\/assets\/login-gov\/countdown.js" defer>/)
    const seen = textOf({ ...page, body: page.body.replace(/<div [^>]* hidden>.*?<\/div>/gs, '') })
    for (const words of not) assert.doesNotMatch(seen, words)
    return seen
  }
  assert.match(await at(0, EXPIRES, EXPIRED), WORKS)
  assert.match(await at(449_000, EXPIRES, EXPIRED), /The code works for 3 minutes/)
  assert.match(await at(1_000, /works for/, EXPIRED), /Your one-time code expires in 3 minutes/)
  assert.match(await at(100_000, /works for/, EXPIRED), /Your one-time code expires in 50 seconds/)
  assert.match(await at(50_000, /works for/, EXPIRES), EXPIRED)
})

test('the pages speak Spanish', async () => {
  const person = await idp.person()
  await person.addPhone()
  await person.addApp()
  await addKey(person, 'security_key')
  await addCard(person)
  await person.backupCodes()
  await person.personalKey()
  const browser = await atSecondFactor(person)
  for (const [place, title] of [
    [`/es${OPTIONS}`, 'Seleccione su método de autenticación'],
    [`/es${APP}`, 'Introduzca su código de un solo uso'],
    [`/es${KEY}`, 'Conecte su llave de seguridad'],
    [`/es${CARD}`, 'Inicie sesión con su identificación de empleado del Gobierno'],
    [`/es${BACKUP_CODE}`, 'Introduzca su código de respaldo'],
    ['/es/login/two_factor/personal_key', 'Introduzca su clave personal'],
  ] as const) {
    assert.equal(titleOf(await browser.open(place)), title)
  }
})
