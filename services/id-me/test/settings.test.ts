// What somebody changes of the own account: second factors and addresses.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Browser,
  choicesOf,
  formsOf,
  optionsOf,
  textOf,
  titleOf,
} from '@gatehouse/provider/for-tests/browser'
import { REFUSED_NUMBER } from './support/fake-services.ts'
import { authorizeUrl, PASSWORD } from './support/id-me.ts'
import { type People, startWithPeople, totp } from './support/people.ts'
import { softwareKey } from './support/software-key.ts'

let idMe: People
before(async () => {
  idMe = await startWithPeople()
})
after(() => idMe.app.close())

/** Signed in with a code by text, at the settings. */
async function atSettings() {
  const person = await idMe.person()
  await person.addPhone()
  const browser = idMe.browser()
  await idMe.givePassword(browser, person.email, '/settings')
  assert.equal(browser.path, '/second-factor/phone')
  await giveCode(browser)
  assert.equal(browser.path, '/settings')
  return { person, browser }
}

async function giveCode(browser: Browser) {
  advanceClock(31_000)
  await browser.submit('/second-factor/phone', { channel: 'text' })
  return browser.submit('/second-factor/phone/code', { code: idMe.services.newestCode })
}

async function kindsOf(accountId: string) {
  return (await idMe.authenticators.of(accountId)).map(({ kind }) => kind).sort()
}

describe('who may', () => {
  test('the settings need the second factor, whatever the request of the relying service needs', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, authorizeUrl({ scope: 'openid login' }))
    assert.equal(browser.path, '/consent')
    for (const place of ['/settings', '/second-factor/new', '/second-factor/new/phone']) {
      await browser.open(place)
      assert.equal(browser.path, '/second-factor/phone', place)
    }
    await giveCode(browser)
    assert.equal(browser.path, '/second-factor/new/phone')
  })

  test('a change 20 minutes later needs both factors again', async () => {
    const { browser } = await atSettings()
    for (let count = 0; count < 2; count += 1) {
      advanceClock(10 * 60_000)
      await browser.open('/settings')
    }
    await browser.open('/second-factor/new/code-generator')
    assert.equal(browser.path, '/sign-in/again')
    const wrong = await browser.submit('/sign-in/again', { password: 'not it' })
    assert.equal(wrong.statusCode, 422)
    await browser.submit('/sign-in/again', { password: PASSWORD })
    assert.equal(browser.path, '/second-factor/phone')
    await giveCode(browser)
    assert.equal(browser.path, '/second-factor/new/code-generator')
  })

  test('wrong passwords there lock the account as well', async () => {
    const { browser } = await atSettings()
    advanceClock(10 * 60_000)
    await browser.open('/settings')
    advanceClock(11 * 60_000)
    await browser.open('/second-factor/new')
    for (let count = 0; count < 4; count += 1) await browser.submit('/sign-in/again', { password: 'guess' })
    assert.equal((await browser.submit('/sign-in/again', { password: 'guess' })).statusCode, 429)
    await browser.open('/settings')
    assert.equal(browser.path, '/sign-in')
  })

  test('whoever lost the phone gets to the settings by another method', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const code = await person.recoveryCode()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, authorizeUrl({ scope: 'openid mfa' }))
    await browser.submit('/second-factor', { method: 'phone' })
    await browser.submit('/second-factor/phone', { channel: 'text' })
    const choice = await browser.open('/second-factor/update-settings')
    assert.match(textOf(choice), /To update your settings/)
    await browser.submit('/second-factor', { method: 'recovery_code' })
    const settings = await browser.submit('/second-factor/recovery-code', { code })
    assert.equal(browser.path, '/settings')
    assert.match(textOf(settings), /Continue to Social Security/)
  })
})

describe('adding', () => {
  test('a phone, with a code; the person is told by mail', async () => {
    const { person, browser } = await atSettings()
    await browser.open('/second-factor/new/phone')
    await browser.submit('/second-factor/new/phone', { number: '(202) 555-0161', channel: 'call' })
    const { phoneNumber, channel, purpose } =
      idMe.services.sent.at(-1)?.body ?? assert.fail('nothing was sent')
    assert.deepEqual(
      { phoneNumber, channel, purpose },
      { phoneNumber: '+12025550161', channel: 'call', purpose: 'phone-set-up' },
    )
    const wrong = await browser.submit('/second-factor/new/phone/code', { code: idMe.services.wrongCode })
    assert.equal(wrong.statusCode, 422)
    const settings = await browser.submit('/second-factor/new/phone/code', { code: idMe.services.newestCode })
    assert.ok(textOf(settings).includes('(***) ***\u20110161'))
    assert.match(idMe.services.lettersTo(person.email).at(-1)?.subject ?? '', /security settings/)
    await browser.open('/second-factor/new/phone')
    const twice = await browser.submit('/second-factor/new/phone', { number: '2025550161' })
    assert.match(textOf(twice), /set up already/)
  })

  test('the code of one phone neither adds another nor stands in for it', async () => {
    const { browser } = await atSettings()
    await browser.open('/second-factor/new/phone')
    await browser.submit('/second-factor/new/phone', { number: '202-555-0171', channel: 'text' })
    assert.equal(browser.path, '/second-factor/new/phone/code')
    await browser.open('/sign-in/again')
    await browser.submit('/sign-in/again', { password: PASSWORD })
    await browser.open('/second-factor/phone/code')
    assert.equal(browser.path, '/second-factor/phone')
    advanceClock(31_000)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    assert.equal(browser.path, '/second-factor/phone/code')
    await browser.open('/second-factor/new/phone/code')
    assert.equal(browser.path, '/second-factor/new/phone')
  })

  for (const [given, words] of [
    ['', /fill in this field/],
    ['nothing like a number', /Enter a phone number/],
    ['123', /Enter a phone number/],
    ['202-555-0142 x12', /with an extension cannot be used/],
    ['202-555-0142 ext. 12', /with an extension cannot be used/],
    ['+12025550142;ext=7', /with an extension cannot be used/],
    ['2025550199', /Error D0100/],
    [REFUSED_NUMBER, /Error D0100/],
    ['2025550198', /Error D0200/],
  ] as const) {
    test(`the number ${JSON.stringify(given)} is refused (fact sheet 7)`, async () => {
      const { person, browser } = await atSettings()
      await browser.open('/second-factor/new/phone')
      const page = await browser.submit('/second-factor/new/phone', { number: given })
      assert.equal(page.statusCode, 422)
      assert.match(textOf(page), words)
      assert.match(page.body, /href="#number"/)
      assert.deepEqual(await kindsOf(person.accountId), ['phone'])
    })
  }

  test('a Code Generator by its setup key, which the QR code holds too', async () => {
    const { person, browser } = await atSettings()
    const page = await browser.open('/second-factor/new/code-generator')
    assert.match(page.body, /<svg/)
    const setupKey = /id="setup-key">([A-Z2-7 ]+)</.exec(page.body)?.[1]?.replaceAll(' ', '') ?? ''
    assert.equal(setupKey.length, 32)
    const wrong = await browser.submit('/second-factor/new/code-generator', { code: '000000' })
    assert.equal(wrong.statusCode, 422)
    assert.ok(wrong.body.includes('id="setup-key"'))
    const code = totp(setupKey)
    await browser.submit('/second-factor/new/code-generator', { code })
    assert.equal(browser.path, '/settings')
    assert.deepEqual(await kindsOf(person.accountId), ['authenticator_app', 'phone'])
    // The code of the set-up is used.
    const another = idMe.browser()
    await idMe.givePassword(another, person.email, authorizeUrl({ scope: 'openid mfa' }))
    await another.submit('/second-factor', { method: 'code_generator' })
    assert.equal((await another.submit('/second-factor/code-generator', { code })).statusCode, 422)
  })

  test('the push app, once it is approved on the phone', async () => {
    const { person, browser } = await atSettings()
    await browser.open('/second-factor/new/push')
    const nowhere = await browser.submit('/second-factor/new/push', { number: '2025551234' })
    assert.match(textOf(nowhere), /not on that phone/)
    await browser.submit('/second-factor/new/push', { number: person.number })
    await browser.submit('/second-factor/new/push/approval')
    assert.deepEqual(await kindsOf(person.accountId), ['phone'])
    idMe.services.answer('denied')
    assert.equal((await browser.submit('/second-factor/new/push/approval')).statusCode, 422)
    await browser.submit('/second-factor/new/push', { number: person.number })
    idMe.services.answer('approved')
    await browser.submit('/second-factor/new/push/approval')
    assert.equal(browser.path, '/settings')
    assert.deepEqual(await kindsOf(person.accountId), ['phone', 'push_app'])
  })

  test('a security key, with its name, and not twice', async () => {
    const { person, browser } = await atSettings()
    const key = softwareKey()
    const place = '/second-factor/new/security-key'
    const page = await browser.open(place)
    const lab = formsOf(page.body).find(({ action }) => action.endsWith('/security-keys/registrations'))
    assert.equal(lab?.hidden.answerTo, `http://localhost:4002${place}`)
    const settings = await browser.submit(place, {
      response: key.register(optionsOf(page)),
      name: 'Blue one',
    })
    assert.match(textOf(settings), /Security Key: Blue one/)
    const again = await browser.open(place)
    const refused = await browser.submit(place, { response: key.register(optionsOf(again)) })
    assert.equal(refused.statusCode, 422)
    assert.deepEqual(await kindsOf(person.accountId), ['phone', 'security_key'])
  })

  test('a recovery code and backup codes are shown once, new ones end the old', async () => {
    const { person, browser } = await atSettings()
    await browser.open('/second-factor/new')
    assert.ok(choicesOf(browser.last, 'method').includes('recovery_code'))
    const codes: string[] = []
    for (let count = 0; count < 2; count += 1) {
      await browser.open('/second-factor/new/recovery-code')
      const page = await browser.submit('/second-factor/new/recovery-code')
      codes.push(/<li><code>([^<]+)</.exec(page.body)?.[1] ?? assert.fail('no code is shown'))
    }
    const [old = '', newest = ''] = codes
    assert.match(newest, /^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/)
    assert.equal(await idMe.lookUpSecrets.use(person.accountId, 'recovery_code', old), false)
    assert.equal(await idMe.lookUpSecrets.use(person.accountId, 'recovery_code', newest), true)
    await browser.open('/second-factor/new/backup-code')
    const set = await browser.submit('/second-factor/new/backup-code')
    assert.equal([...set.body.matchAll(/<li><code>/g)].length, 10)
    assert.match(textOf(await browser.open('/settings')), /Backup codes: 10 left/)
  })

  test('codes on paper are not for an account that has nothing else', async () => {
    const person = await idMe.person()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, authorizeUrl({ scope: 'openid mfa' }))
    assert.equal(browser.path, '/second-factor/new')
    assert.ok(!choicesOf(browser.last, 'method').includes('recovery_code'))
    await browser.open('/second-factor/new/recovery-code')
    assert.equal(browser.path, '/second-factor/new')
  })
})

describe('removing', () => {
  const idOf = async (accountId: string, kind: string) =>
    (await idMe.authenticators.of(accountId)).find((one) => one.kind === kind)?.id ?? ''

  test('a method, but never the last', async () => {
    const { person, browser } = await atSettings()
    await person.addPush()
    await browser.open('/settings')
    const removed = await browser.submit('/settings/remove', { id: await idOf(person.accountId, 'phone') })
    assert.match(textOf(removed), /It is removed/)
    assert.deepEqual(await kindsOf(person.accountId), ['push_app'])
    const last = await browser.submit('/settings/remove', { id: await idOf(person.accountId, 'push_app') })
    assert.equal(last.statusCode, 422)
    assert.match(textOf(last), /This is your last method/)
    assert.deepEqual(await kindsOf(person.accountId), ['push_app'])
  })

  test('of two removals at once one method is left', async () => {
    const { person, browser } = await atSettings()
    await person.addPush()
    await browser.open('/settings')
    const page = browser.last
    const ids = (await idMe.authenticators.of(person.accountId)).map(({ id }) => id)
    await Promise.all(
      ids.map((id) => {
        browser.last = page
        return browser.post('/settings/remove', { id })
      }),
    )
    assert.equal((await idMe.authenticators.of(person.accountId)).length, 1)
  })

  test('nobody removes what is another person’s', async () => {
    const { browser } = await atSettings()
    const other = await idMe.person()
    await other.addPhone()
    await other.addPush()
    await browser.open('/settings')
    await browser.submit('/settings/remove', { id: await idOf(other.accountId, 'phone') })
    assert.deepEqual(await kindsOf(other.accountId), ['phone', 'push_app'])
  })
})

describe('addresses', () => {
  test('another one is added by the link in its mail, and signs in', async () => {
    const { person, browser } = await atSettings()
    const email = `also-${person.email}`
    const sent = await browser.submit('/settings/email', { email: ` ${email.toUpperCase()} ` })
    assert.equal(titleOf(sent), 'Check your email')
    const link = idMe.services.linkTo(email)
    // It says nothing to anybody else.
    const stranger = await atSettings()
    assert.equal((await stranger.browser.open(link)).statusCode, 410)
    const [form] = formsOf((await stranger.browser.open('/settings')).body)
    const posted = await idMe.app.inject({
      method: 'POST',
      url: link.split('?')[0] ?? '',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...stranger.browser.cookies].map((pair) => pair.join('=')).join('; '),
      },
      payload: `${new URLSearchParams({ ...form?.hidden, token: link.split('token=')[1] ?? '' })}`,
    })
    assert.equal(posted.statusCode, 410)
    await browser.open(link)
    const settings = await browser.submit('/settings/email/link')
    assert.ok(textOf(settings).includes(email))
    assert.match(idMe.services.lettersTo(person.email).at(-1)?.subject ?? '', /security settings/)
    const another = idMe.browser()
    await idMe.givePassword(another, email, authorizeUrl({ scope: 'openid login' }))
    assert.equal(another.path, '/consent')
  })

  test('one that is somebody’s is answered the same', async () => {
    const { browser } = await atSettings()
    const other = await idMe.person()
    const sent = await browser.submit('/settings/email', { email: other.email })
    assert.equal(titleOf(sent), 'Check your email')
    assert.match(idMe.services.lettersTo(other.email).at(-1)?.subject ?? '', /already have an account/)
  })

  test('the last one stays; what is no address is told', async () => {
    const { person, browser } = await atSettings()
    const last = await browser.submit('/settings/email/remove', { email: person.email })
    assert.match(textOf(last), /This is your last address/)
    const malformed = await browser.submit('/settings/email', { email: 'no address' })
    assert.equal(malformed.statusCode, 422)
    assert.match(malformed.body, /href="#email"/)
  })
})
