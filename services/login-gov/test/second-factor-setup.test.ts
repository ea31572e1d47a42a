// Setting up second factors, first and further ones, and managing them (fact sheet 6.1, 6.2, 6.3).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { type Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import { authorizeUrl, PASSWORD, ROOT } from './support/login-gov.ts'
import { choiceOf, optionsOf, type People, startWithPeople, titleOf, totp } from './support/people.ts'
import { softwareKey } from './support/software-key.ts'

let idp: People
before(async () => {
  idp = await startWithPeople()
})
after(() => idp.app.close())
beforeEach(() => advanceClock(601_000))

const SET_UP = '/authentication_methods_setup'
const LIST = '/account/two_factor_authentication'
const SELECTION = 'two_factor_options_form[selection]'
const PHONE = { 'new_phone_form[phone]': '(202) 555-0130', 'new_phone_form[otp_delivery_preference]': 'sms' }

type Person = Awaited<ReturnType<People['person']>>

async function atSetUp(person: Person, url?: string): Promise<Browser> {
  const browser = idp.browser()
  await idp.giveEmailAndPassword(browser, person.email, url)
  assert.equal(browser.path, SET_UP)
  return browser
}

/** Somebody with a phone, signed in a moment ago. */
async function signedIn(): Promise<{ person: Person; browser: Browser }> {
  const person = await idp.person()
  await person.addPhone()
  const browser = idp.browser()
  await idp.giveEmailAndPassword(browser, person.email)
  await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
  assert.equal(browser.path, '/account')
  return { person, browser }
}

const keyOn = ({ body }: { body: string }) =>
  (/<code>([^<]+)<\/code>/.exec(body)?.[1] ?? '').replaceAll(' ', '')
const kindsOf = async ({ accountId }: Person) =>
  (await idp.authenticators.of(accountId)).map(({ kind, name }) => [kind, name])
const lettersTo = ({ email }: Person) => idp.mail.to(email)

/** Sets up each method, from its page on. */
const SETTING_UP: Record<string, (browser: Browser, person: Person) => Promise<unknown>> = {
  async phone(browser) {
    await browser.submit('/phone_setup', PHONE)
    assert.equal(browser.path, '/phone_setup/code')
    assert.equal(idp.codes.sent.at(-1)?.body.phoneNumber, '+12025550130')
    return browser.submit('/phone_setup/code', { code: idp.codes.newestCode })
  },
  auth_app: (browser) =>
    browser.submit('/authenticator_setup', { code: totp(keyOn(browser.last), now()), name: 'My app' }),
  webauthn: (browser) =>
    browser.submit('/webauthn_setup', {
      response: softwareKey(ROOT).register(optionsOf(browser.last)),
      name: 'Blue key',
    }),
  webauthn_platform: (browser) =>
    browser.submit('/webauthn_setup?platform=true', {
      response: softwareKey(ROOT).register(optionsOf(browser.last)),
    }),
  piv_cac: (browser, { email }) =>
    browser.submit('/piv_cac_setup', { certificate: choiceOf(browser.last, email), name: 'Work' }),
}
const EXPECTED: Record<string, [string, string, string]> = {
  phone: ['phone', 'Phone', 'sms'],
  auth_app: ['authenticator_app', 'My app', 'totp'],
  webauthn: ['security_key', 'Blue key', 'webauthn'],
  webauthn_platform: ['platform_authenticator', 'Face or touch unlock', 'webauthn_platform'],
  piv_cac: ['certificate', 'Work', 'piv_cac'],
}

describe('somebody without a second factor', () => {
  test('is asked to set one up after the password, by the names and in the order of fact sheet 6.2', async () => {
    const browser = await atSetUp(await idp.person())
    const offered = [
      ...browser.last.body.matchAll(/type="radio"[^>]*value="([^"]*)">\s*<label[^>]*>([^<]*)/g),
    ].map(([, value, label]) => [value, label])
    assert.deepEqual(offered, [
      ['webauthn_platform', 'Face or touch unlock'],
      ['auth_app', 'Authentication application'],
      ['phone', 'Text or voice message'],
      ['webauthn', 'Security key'],
      ['piv_cac', 'Government employee ID'],
      ['backup_code', 'Backup codes'],
    ])
    assert.equal((await browser.submit(SET_UP, {})).statusCode, 422)
    assert.equal((await browser.submit(SET_UP, { [SELECTION]: 'x' })).statusCode, 422)
  })

  for (const choice of Object.keys(SETTING_UP)) {
    test(`${choice}: is signed in by it and goes on to the relying service`, async () => {
      const person = await idp.person()
      const browser = await atSetUp(
        person,
        authorizeUrl({ acr_values: 'urn:acr.login.gov:auth-only', scope: 'openid email' }),
      )
      await browser.submit(SET_UP, { [SELECTION]: choice })
      await SETTING_UP[choice]?.(browser, person)
      assert.equal(browser.path, '/sign_up/completed')
      const [kind, name, method] = EXPECTED[choice] ?? assert.fail()
      assert.deepEqual(await kindsOf(person), [[kind, name]])
      const row = await idp.ground.database
        .selectFrom('sessions')
        .select('authentication')
        .where('accountId', '=', person.accountId)
        .where('signInId', 'is not', null)
        .executeTakeFirstOrThrow()
      assert.deepEqual(JSON.parse(row.authentication).methods, ['password', method])
      assert.equal(lettersTo(person)[0]?.subject, 'A new authentication method was added to your account')
    })
  }

  test('backup_code: gets ten codes, as a list and as a file, this one time', async () => {
    const person = await idp.person()
    const browser = await atSetUp(person)
    await browser.submit(SET_UP, { [SELECTION]: 'backup_code' })
    const page = await browser.submit('/backup_code_setup')
    const codes = [...page.body.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code = '']) => code)
    assert.equal(codes.length, 10)
    const file = /href="data:text\/plain;charset&#61;utf-8,([^"]*)" download="backup-codes.txt"/.exec(
      page.body,
    )?.[1]
    assert.equal(decodeURIComponent(file ?? ''), `${codes.join('\n')}\n`)
    assert.match(page.body, /<a class="usa-button" href="\/account">Continue<\/a>/)
    assert.equal((await browser.get('/account')).statusCode, 200)
    for (const line of idp.logLines) for (const code of codes) assert.ok(!line.includes(code))
  })
})

describe('somebody who has one', () => {
  test('cannot add another by the password alone (NIST SP 800-63B-4 §4.1.2)', async () => {
    const person = await idp.person()
    await person.addPhone()
    const browser = idp.browser()
    await idp.giveEmailAndPassword(browser, person.email)
    for (const place of [
      SET_UP,
      '/phone_setup',
      '/phone_setup/code',
      '/phone_setup/send',
      '/authenticator_setup',
      '/webauthn_setup',
      '/piv_cac_setup',
      '/backup_code_setup',
      LIST,
    ]) {
      assert.equal((await browser.get(place)).headers.location, '/users/two_factor_authentication', place)
    }
    assert.equal((await browser.get('/')).headers.location, '/users/two_factor_authentication')
  })

  test('adds another one, is told so on the page and by mail, and finds it in the list', async () => {
    const { person, browser } = await signedIn()
    await browser.open('/authenticator_setup')
    const secret = keyOn(browser.last)
    assert.match(browser.last.body, /<svg/)
    // The key stays the same while the page is reloaded.
    await browser.open('/authenticator_setup')
    assert.equal(keyOn(browser.last), secret)
    const wrong = await browser.submit('/authenticator_setup', { code: 'abc', name: 'My <b>app</b>' })
    assert.equal(wrong.statusCode, 422)
    assert.equal(keyOn(wrong), secret)
    const page = await browser.submit('/authenticator_setup', {
      code: totp(secret, now()),
      name: 'My <b>app</b>',
    })
    assert.equal(browser.path, LIST)
    assert.ok(textOf(page).includes('The authentication method was added to your account.'))
    assert.match(page.body, /My &#60;b&#62;app/)
    const again = await browser.open(LIST)
    assert.ok(!textOf(again).includes('was added'))
    const [letter] = lettersTo(person)
    assert.match(letter?.text ?? '', /added an authentication application/)
    // Neither in the database nor in the log in the clear.
    const rows = JSON.stringify([
      await idp.ground.database.selectFrom('sessions').selectAll().execute(),
      await idp.ground.database.selectFrom('authenticators').selectAll().execute(),
    ])
    assert.ok(!rows.includes(secret))
    assert.ok(!idp.logLines.join('').includes(secret))
  })

  test('uses the code that set an app up for that alone (RFC 6238 §5.2)', async () => {
    const { person, browser } = await signedIn()
    await browser.open('/authenticator_setup')
    const code = totp(keyOn(browser.last), now())
    await browser.submit('/authenticator_setup', { code })
    const other = idp.browser()
    await idp.giveEmailAndPassword(other, person.email)
    assert.equal(other.path, '/login/two_factor/authenticator')
    assert.equal((await other.submit('/login/two_factor/authenticator', { code })).statusCode, 422)
  })

  test('has authenticated within 20 minutes, or does so again with both factors (fact sheet 6.3, OWASP ASVS 5.0 7.5.1)', async () => {
    const { person, browser } = await signedIn()
    advanceClock(10 * 60_000)
    await browser.open(LIST)
    advanceClock(9 * 60_000)
    assert.equal((await browser.get('/authenticator_setup')).statusCode, 200)
    advanceClock(2 * 60_000)
    await browser.open('/authenticator_setup')
    assert.match(browser.path, /^\/login\/password\?/)
    await browser.submit('/login/password', { 'user[password]': PASSWORD })
    assert.equal(browser.path, '/login/two_factor/sms')
    // Half way is no way.
    assert.match(String((await browser.get('/authenticator_setup')).headers.location), /^\/login\/password\?/)
    await browser.open('/login/two_factor/sms')
    assert.doesNotMatch(browser.last.body, /remember_device/)
    assert.equal((await browser.submit('/login/two_factor/sms', { code: 'wrong' })).statusCode, 422)
    await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
    assert.equal(browser.path, '/authenticator_setup')
    assert.equal(browser.last.statusCode, 200)
    await browser.submit('/authenticator_setup', { code: totp(keyOn(browser.last), now()) })
    assert.equal((await idp.authenticators.ofKind(person.accountId, 'authenticator_app')).length, 1)
  })
})

describe('a phone', () => {
  test('has a number with ten digits or a country code, without extension', async () => {
    const { browser } = await signedIn()
    await browser.open('/phone_setup')
    for (const [number, delivery, words] of [
      ['', 'sms', 'Please fill in this field'],
      ['202-555-013', 'sms', 'Enter a phone number with ten digits'],
      ['202-555-0130 ext. 4', 'sms', 'Enter a phone number with ten digits'],
      ['+0123456789', 'sms', 'Enter a phone number with ten digits'],
      ['+44 20 7183 8750', 'voice', 'We call numbers in the United States'],
      ['202-555-0130', 'pigeon', 'Choose one of the two'],
    ] as const) {
      const page = await browser.submit('/phone_setup', {
        'new_phone_form[phone]': number,
        'new_phone_form[otp_delivery_preference]': delivery,
      })
      assert.equal(page.statusCode, 422, number)
      assert.ok(textOf(page).includes(words), number)
    }
  })

  test('gets its code by call where that was chosen, and may be called for sign-in then', async () => {
    const { person, browser } = await signedIn()
    await browser.open('/phone_setup')
    await browser.submit('/phone_setup', { ...PHONE, 'new_phone_form[otp_delivery_preference]': 'voice' })
    const { channel, purpose } = idp.codes.sent.at(-1)?.body ?? assert.fail()
    assert.deepEqual([channel, purpose], ['call', 'phone-setup'])
    await browser.submit('/phone_setup/code', { code: idp.codes.newestCode })
    const phones = await idp.authenticators.ofKind(person.accountId, 'phone')
    assert.deepEqual(phones[1]?.details, { number: '+12025550130', prefers: 'call' })
  })

  test('can have another code after ten seconds, and a wrong one is told', async () => {
    const { browser } = await signedIn()
    await browser.open('/phone_setup')
    await browser.submit('/phone_setup', PHONE)
    assert.ok(
      textOf(await browser.open('/phone_setup/send?channel=sms')).includes('please try again in 10 seconds'),
    )
    advanceClock(10_000)
    const first = idp.codes.newestCode
    await browser.open('/phone_setup/send?channel=sms')
    assert.notEqual(idp.codes.newestCode, first)
    assert.equal((await browser.submit('/phone_setup/code', { code: first })).statusCode, 422)
    assert.equal((await browser.submit('/phone_setup/code', { code: '' })).statusCode, 422)
    await browser.submit('/phone_setup/code', { code: idp.codes.newestCode })
    assert.equal(browser.path, LIST)
  })

  test('wrong codes lock the account as they do at sign-in', async () => {
    const { browser } = await signedIn()
    await browser.open('/phone_setup')
    await browser.submit('/phone_setup', PHONE)
    for (let count = 0; count < 9; count += 1) await browser.submit('/phone_setup/code', { code: 'wrong' })
    assert.equal((await browser.submit('/phone_setup/code', { code: 'wrong' })).statusCode, 429)
    assert.equal((await browser.get(LIST)).headers.location, '/')
  })

  test('twenty codes an account can have sent in 24 hours, and no more (fact sheet 6.3)', async () => {
    const { browser } = await signedIn()
    await browser.open('/phone_setup')
    const before = idp.codes.sent.length
    for (let count = 0; count < 20; count += 1) {
      const number = `30355501${String(10 + count)}`
      await browser.submit('/phone_setup', { ...PHONE, 'new_phone_form[phone]': number })
      await browser.open('/phone_setup')
    }
    assert.equal(idp.codes.sent.length, before + 20)
    const page = await browser.submit('/phone_setup', PHONE)
    assert.equal(page.statusCode, 429)
    assert.ok(textOf(page).includes('You tried too many times'))
    assert.equal(idp.codes.sent.length, before + 20)
  })

  test('a number that the carrier refuses, one that is there already and a sixth are told', async () => {
    const { person, browser } = await signedIn()
    const [own] = await idp.authenticators.ofKind(person.accountId, 'phone')
    await browser.open('/phone_setup')
    idp.codes.failNext = 'phone_number_not_usable'
    assert.ok(
      textOf(await browser.submit('/phone_setup', PHONE)).includes('We cannot send a code to this number'),
    )
    idp.codes.failNext = 'unreachable'
    assert.ok(
      textOf(await browser.submit('/phone_setup', PHONE)).includes('We could not send your one-time code'),
    )
    const taken = { ...PHONE, 'new_phone_form[phone]': own?.details.number ?? '' }
    assert.ok(textOf(await browser.submit('/phone_setup', taken)).includes('on your account already'))
    for (const number of ['1', '2', '3', '4']) await person.addPhone(`+1202555013${number}`)
    assert.ok(textOf(await browser.submit('/phone_setup', PHONE)).includes('as many phone numbers'))
  })
})

describe('limits for an account (fact sheet 6.2)', () => {
  test('two authenticator apps', async () => {
    const { person, browser } = await signedIn()
    for (const expected of [1, 2, 2]) {
      await browser.open('/authenticator_setup')
      const page = await browser.submit('/authenticator_setup', { code: totp(keyOn(browser.last), now()) })
      if (expected === 2 && page.statusCode !== 200)
        assert.ok(textOf(page).includes('as many authentication apps'))
      assert.equal((await idp.authenticators.ofKind(person.accountId, 'authenticator_app')).length, expected)
    }
    assert.equal(browser.last.statusCode, 422)
    assert.doesNotMatch((await browser.open(LIST)).body, /href="\/authenticator_setup"/)
  })

  test('two government employee IDs, each of one account only', async () => {
    const { person, browser } = await signedIn()
    const add = async (label: string) => {
      await browser.open('/piv_cac_setup')
      return browser.submit('/piv_cac_setup', { certificate: choiceOf(browser.last, label) })
    }
    await add(person.email)
    assert.equal(browser.path, LIST)
    assert.ok(textOf(await add(person.email)).includes('connected to an account already'))
    await add(`${person.email}, second card`)
    assert.equal((await idp.authenticators.ofKind(person.accountId, 'certificate')).length, 2)
    assert.ok(textOf(await add('Expired certificate')).includes('has expired'))
    assert.ok(textOf(await add('Untrusted certificate')).includes('do not trust'))
  })

  test('no third government employee ID', async () => {
    const { person, browser } = await signedIn()
    const { accountId, email } = person
    const details = { subject: 'CN=An earlier card', issuer: 'CN=Test', fingerprint: 'of an earlier card' }
    const earlier = {
      accountId,
      kind: 'certificate',
      name: 'Earlier',
      details,
      identifier: details.fingerprint,
    } as const
    await idp.authenticators.add(earlier, 1)
    for (const [label, path] of [
      [email, LIST],
      [`${email}, second card`, '/piv_cac_setup'],
    ] as const) {
      await browser.open('/piv_cac_setup')
      await browser.submit('/piv_cac_setup', { certificate: choiceOf(browser.last, label) })
      assert.equal(browser.path, path)
    }
    assert.ok(textOf(browser.last).includes('as many PIV/CAC cards'))
    assert.equal((await idp.authenticators.ofKind(accountId, 'certificate')).length, 2)
  })

  test('a security key is on an account once', async () => {
    const { person, browser } = await signedIn()
    const key = softwareKey(ROOT)
    for (const expected of [LIST, '/webauthn_setup', '/webauthn_setup?platform=true']) {
      const place = expected === LIST ? '/webauthn_setup' : expected
      await browser.open(place)
      await browser.submit(place, { response: key.register(optionsOf(browser.last)) })
      assert.equal(browser.path, expected)
    }
    assert.equal(browser.last.statusCode, 422)
    assert.deepEqual(await kindsOf(person), [
      ['phone', 'Phone'],
      ['security_key', 'Security key'],
    ])
  })

  test('an answer that is no registration is refused', async () => {
    const { person, browser } = await signedIn()
    const key = softwareKey(ROOT)
    for (const make of [
      () => 'x',
      () => '{}',
      () => key.register({ challenge: 'A'.repeat(43) }),
      (options: { challenge: string }) => softwareKey('http://evil.example').register(options),
      (options: { challenge: string }) => key.answer(options),
    ]) {
      await browser.open('/webauthn_setup')
      const page = await browser.submit('/webauthn_setup', { response: make(optionsOf(browser.last)) })
      assert.equal(page.statusCode, 422)
      assert.ok(textOf(page).includes('We could not add it'))
    }
    assert.equal((await idp.authenticators.of(person.accountId)).length, 1)
  })
})

describe('the list of second factors', () => {
  test('renames', async () => {
    const { person, browser } = await signedIn()
    await person.addApp()
    await browser.open(LIST)
    const place = /href="(\/manage\/auth_app\/[^"]*)"/.exec(browser.last.body)?.[1] ?? ''
    await browser.open(place)
    const page = await browser.submit(place, { name: 'Another\u0000 name' })
    assert.equal(browser.path, LIST)
    assert.ok(textOf(page).includes('Your change was saved.'))
    assert.deepEqual((await kindsOf(person))[1], ['authenticator_app', 'Another name'])
  })

  test('chooses the phone that comes first', async () => {
    const { person, browser } = await signedIn()
    const { id } = await person.addPhone('+12025550138')
    await browser.open(`/manage/phone/${id}`)
    const page = await browser.submit(`/manage/phone/${id}`, { default: 'true' })
    assert.match(textOf(page), /0138 \(default\)/)
    const other = idp.browser()
    advanceClock(11_000)
    await idp.giveEmailAndPassword(other, person.email)
    assert.equal(idp.codes.sent.at(-1)?.body.phoneNumber, '+12025550138')
  })

  test('removes, says so by mail, and keeps the last', async () => {
    const { person, browser } = await signedIn()
    await person.addApp()
    await person.backupCodes()
    const [phone, app] = await idp.authenticators.of(person.accountId)
    for (const [place, left] of [
      [`/manage/phone/${phone?.id}`, 1],
      [`/manage/backup_code`, 1],
    ] as const) {
      await browser.open(place)
      const page = await browser.submit(`${place}/removal`)
      assert.equal(browser.path, LIST)
      assert.ok(textOf(page).includes('was removed from your account'))
      assert.equal((await idp.authenticators.of(person.accountId)).length, left)
    }
    assert.equal(await idp.lookUpSecrets.left(person.accountId, 'backup_code'), 0)
    assert.deepEqual(
      lettersTo(person).map(({ subject }) => subject),
      Array(2).fill('An authentication method was removed from your account'),
    )
    const last = `/manage/auth_app/${app?.id}`
    const page = await browser.open(last)
    assert.ok(textOf(page).includes('This is the only authentication method'))
    assert.doesNotMatch(page.body, /removal/)
    const token = /name="_csrf" value="([^"]*)"/.exec(page.body)?.[1] ?? ''
    const forced = await idp.app.inject({
      method: 'POST',
      url: `${last}/removal`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      payload: new URLSearchParams({ _csrf: token }).toString(),
    })
    assert.equal(forced.statusCode, 422)
    assert.equal((await idp.authenticators.of(person.accountId)).length, 1)
  })

  test('of two removals at once that would take the last two, one is made', async () => {
    const { person, browser } = await signedIn()
    await person.addApp()
    const [phone, app] = await idp.authenticators.of(person.accountId)
    const pages = [`/manage/phone/${phone?.id}`, `/manage/auth_app/${app?.id}`]
    const opened: Browser['last'][] = []
    for (const place of pages) opened.push(await browser.open(place))
    await Promise.all(
      pages.map((place, index) => {
        browser.last = opened[index] ?? assert.fail()
        return browser.post(`${place}/removal`)
      }),
    )
    assert.equal((await idp.authenticators.of(person.accountId)).length, 1)
  })

  test('has nothing of another account', async () => {
    const { browser } = await signedIn()
    const stranger = await idp.person()
    const { id } = await stranger.addPhone()
    assert.equal((await browser.get(`/manage/phone/${id}`)).headers.location, LIST)
    assert.equal((await browser.get('/manage/phone/x')).headers.location, LIST)
  })
})

test('the pages speak Spanish', async () => {
  const { browser } = await signedIn()
  for (const [place, title] of [
    [SET_UP, 'Configuración del método de autenticación'],
    ['/phone_setup', 'Reciba su código de un solo uso'],
    ['/authenticator_setup', 'Añada una aplicación de autenticación'],
    ['/webauthn_setup', 'Añada su llave de seguridad'],
    ['/webauthn_setup?platform=true', 'Añada el desbloqueo facial o táctil'],
    ['/piv_cac_setup', 'Añada su identificación de empleado del Gobierno'],
    ['/backup_code_setup', 'Obtenga códigos de respaldo'],
    [LIST, 'Sus métodos de autenticación'],
  ] as const) {
    assert.equal(titleOf(await browser.open(`/es${place}`)), title)
  }
})
