// Completing a sign-in by each method (fact sheet 7 and the walkthrough).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Browser, choicesOf, optionsOf, textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { sqlConsents } from '../src/consent/consents.ts'
import { ATTRIBUTES } from '../src/oauth/attributes.ts'
import { REFUSED_NUMBER } from './support/fake-services.ts'
import { AGENCY, authorizeUrl, PASSWORD, REDIRECT_URI } from './support/id-me.ts'
import { type People, startWithPeople } from './support/people.ts'
import { softwareKey } from './support/software-key.ts'

let idMe: People
before(async () => {
  idMe = await startWithPeople()
})
after(() => idMe.app.close())

const MFA = authorizeUrl({ scope: 'openid mfa' })
const LOCKED = 'Your account is locked'

/** Ends where the relying service would get its code, but for the consent. */
function assertSignedIn(browser: Browser) {
  assert.equal(browser.path, '/consent', titleOf(browser.last))
}

describe('text or call', () => {
  test('the walkthrough: Text me, Continue, the code, back to the relying service', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    const choice = await idMe.givePassword(browser, person.email, MFA)
    assert.equal(titleOf(choice), 'Complete your sign in')
    assert.match(textOf(choice), /Step 2 of 3/)
    assert.match(choice.body, /<li class="[^"]*--current" aria-current="step">/)
    assert.deepEqual(choicesOf(choice, 'channel'), ['text', 'call'])
    assert.match(textOf(choice), /Text me.*Call me/)
    assert.equal(idMe.services.sent.length, 0)

    const entry = await browser.submit('/second-factor/phone', { channel: 'text' })
    assert.match(textOf(entry), /Step 3 of 3/)
    assert.ok(textOf(entry).includes('Enter the code we sent to (***) ***\u20110142'))
    assert.ok(textOf(entry).includes('Enter the 6-digit code'))
    assert.match(textOf(entry), /Didn’t receive it\? Resend my verification code/)
    assert.match(textOf(entry), /update your settings here/)
    assert.ok(!entry.body.includes(person.number.slice(2)))
    const { owner, ...asked } = idMe.services.sent.at(-1)?.body ?? assert.fail('nothing was sent')
    assert.equal(owner, person.accountId)
    assert.deepEqual(asked, {
      purpose: 'sign-in',
      channel: 'text',
      length: 6,
      phoneNumber: person.number,
      sender: 'ID.me',
      origin: 'localhost',
      language: 'en',
    })

    const consent = await browser.submit('/second-factor/phone/code', { code: idMe.services.newestCode })
    assertSignedIn(browser)
    assert.ok(textOf(consent).includes('Allow Social Security to see:'))
    await browser.submit('/consent', { answer: 'allow' })
    const back = new URL(String(browser.last.headers.location))
    assert.equal(back.origin + back.pathname, REDIRECT_URI)
    assert.match(back.searchParams.get('code') ?? '', /^[0-9a-f]{32}$/)
  })

  test('a call, in the language of the page', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await browser.open(`/es${MFA}`)
    await browser.submit('/es/sign-in', {
      email: person.email,
      password: PASSWORD,
    })
    assert.equal(titleOf(browser.last), 'Complete su inicio de sesión')
    await browser.submit('/es/second-factor/phone', { channel: 'call' })
    const { channel, language } = idMe.services.sent.at(-1)?.body ?? assert.fail('nothing was sent')
    assert.deepEqual({ channel, language }, { channel: 'call', language: 'es' })
    await browser.submit('/es/second-factor/phone/code', { code: idMe.services.newestCode })
    assert.equal(browser.path, '/es/consent')
  })

  test('nothing chosen is an error that names the field', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    const page = await browser.submit('/second-factor/phone')
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /href="#channel"/)
  })

  test('of several phones the one that was chosen gets the code', async () => {
    const person = await idMe.person()
    await person.addPhone()
    // They are listed in the order in which they were added.
    advanceClock(1)
    await person.addPhone('+12025550177')
    const browser = idMe.browser()
    const page = await idMe.givePassword(browser, person.email, MFA)
    const [, second = ''] = choicesOf(page, 'phone')
    await browser.submit('/second-factor/phone', { channel: 'text', phone: second })
    assert.equal(idMe.services.sent.at(-1)?.body.phoneNumber, '+12025550177')
  })

  test('a resend waits 30 seconds, and then only the newest code counts', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    const first = idMe.services.newestCode
    const early = await browser.submit('/second-factor/phone/resend')
    assert.match(textOf(early), /You can ask for another one in \d+ seconds/)
    assert.equal(idMe.services.newestCode, first)
    advanceClock(31_000)
    const resent = await browser.submit('/second-factor/phone/resend')
    assert.match(textOf(resent), /We sent another code/)
    assert.notEqual(idMe.services.newestCode, first)
    const refused = await browser.submit('/second-factor/phone/code', { code: first })
    assert.equal(refused.statusCode, 422)
    await browser.submit('/second-factor/phone/code', { code: idMe.services.newestCode })
    assertSignedIn(browser)
  })

  test('an expired code is refused', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    advanceClock(600_000)
    const page = await browser.submit('/second-factor/phone/code', { code: idMe.services.newestCode })
    assert.equal(page.statusCode, 422)
    assert.match(textOf(page), /This code does not work\. You have 2 tries left\./)
  })

  test('an empty field is no try', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    for (let count = 0; count < 4; count += 1) {
      const page = await browser.submit('/second-factor/phone/code', { code: ' ' })
      assert.equal(page.statusCode, 422)
    }
    await browser.submit('/second-factor/phone/code', { code: idMe.services.newestCode })
    assertSignedIn(browser)
  })

  for (const [number, code] of [
    ['+12025550199', 'D0100'],
    [REFUSED_NUMBER, 'D0100'],
    ['+12025550198', 'D0200'],
  ] as const) {
    test(`${code} for a number that is not trusted, and nothing is sent (${number.slice(-4)})`, async () => {
      const person = await idMe.person()
      await person.addPhone(number)
      const browser = idMe.browser()
      await idMe.givePassword(browser, person.email, MFA)
      const before = idMe.services.sent.length
      const page = await browser.submit('/second-factor/phone', { channel: 'text' })
      assert.equal(page.statusCode, 422)
      assert.ok(textOf(page).includes(`Error ${code}:`))
      assert.equal(idMe.services.sent.length, before)
    })
  }
})

describe('several methods', () => {
  test('the person chooses in step 1', async () => {
    const person = await idMe.person()
    await person.addPhone()
    await person.addCodeGenerator()
    await person.addPush()
    await person.recoveryCode()
    const browser = idMe.browser()
    const page = await idMe.givePassword(browser, person.email, MFA)
    assert.match(textOf(page), /Step 1 of 3/)
    assert.deepEqual(choicesOf(page, 'method'), ['phone', 'code_generator', 'push', 'recovery_code'])
    const wrong = await browser.submit('/second-factor', { method: 'passkey' })
    assert.equal(wrong.statusCode, 422)
    await browser.submit('/second-factor', { method: 'code_generator' })
    assert.equal(browser.path, '/second-factor/code-generator')
  })

  for (const method of [
    'code-generator',
    'push',
    'passkey',
    'security-key',
    'recovery-code',
    'backup-code',
  ]) {
    test(`${method} is not for whoever has not set it up`, async () => {
      const person = await idMe.person()
      await person.addPhone()
      const browser = idMe.browser()
      await idMe.givePassword(browser, person.email, MFA)
      await browser.open(`/second-factor/${method}`)
      assert.equal(browser.path, '/second-factor/phone')
    })
  }

  test('no page of the second factor opens without the password', async () => {
    const browser = idMe.browser()
    for (const place of [
      '',
      '/phone',
      '/phone/code',
      '/code-generator',
      '/push',
      '/passkey',
      '/new',
      '/new/phone',
    ]) {
      await browser.open(`/second-factor${place}`)
      assert.equal(browser.path, '/sign-in', place)
    }
  })

  test('a password alone leads to no code of a policy that needs more, by whatever way', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const everything = [...ATTRIBUTES, 'groups']
    const consents = sqlConsents(idMe.ground.database)
    for (const policy of ['mfa', 'login'])
      await consents.give(person.accountId, AGENCY.client_id, policy, everything)
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    const places = [MFA, `${MFA}&op=signup`, '/sign-in', '/sign-up', '/consent', '/verification', '/settings']
    for (const place of places) {
      await browser.open(place)
      assert.equal(browser.path, '/second-factor/phone', place)
    }
    // Another tab gets the code that its password is enough for; the first one is no further by it.
    const done = await browser.open(authorizeUrl({ scope: 'openid login' }))
    assert.match(String(done.headers.location), /[?&]code=/)
    await browser.open(MFA)
    assert.equal(browser.path, '/second-factor/phone')
  })

  test('a policy without a second factor asks for none', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, authorizeUrl({ scope: 'openid login' }))
    assertSignedIn(browser)
    await browser.open(MFA)
    assert.equal(browser.path, '/second-factor/phone')
  })
})

describe('Code Generator (RFC 6238)', () => {
  test('the code that the app shows, once', async () => {
    const person = await idMe.person()
    const app = await person.addCodeGenerator()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    const code = app.code()
    await browser.submit('/second-factor/code-generator', { code })
    assertSignedIn(browser)
    const another = idMe.browser()
    await idMe.givePassword(another, person.email, MFA)
    const reused = await another.submit('/second-factor/code-generator', { code })
    assert.equal(reused.statusCode, 422)
    advanceClock(60_000)
    await another.submit('/second-factor/code-generator', { code: app.code() })
    assertSignedIn(another)
  })
})

describe('recovery code and backup codes (NIST SP 800-63B-4 §3.1.2)', () => {
  test('the recovery code works once, as it is written or not quite', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const code = await person.recoveryCode()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    await browser.submit('/second-factor', { method: 'recovery_code' })
    await browser.submit('/second-factor/recovery-code', { code: code.toLowerCase().replaceAll('-', ' ') })
    assertSignedIn(browser)
    const another = idMe.browser()
    const page = await idMe.givePassword(another, person.email, MFA)
    assert.ok(!choicesOf(page, 'method').includes('recovery_code'))
  })

  test('each backup code works once', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const [first = '', second = ''] = await person.backupCodes()
    for (const [code, status] of [
      [first, 200],
      [first, 422],
      [second, 200],
    ] as const) {
      const browser = idMe.browser()
      await idMe.givePassword(browser, person.email, MFA)
      await browser.submit('/second-factor', { method: 'backup_code' })
      const page = await browser.submit('/second-factor/backup-code', { code })
      assert.equal(page.statusCode, status)
    }
  })
})

describe('push approval', () => {
  async function ask() {
    const person = await idMe.person()
    await person.addPush()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    const page = await browser.submit('/second-factor/push')
    return { person, browser, page }
  }

  test('the page waits without a script, and goes on once it is approved', async () => {
    const { person, browser, page } = await ask()
    // Nothing reloads under the hands of a person or a screen reader (WCAG 2.1 F41).
    assert.equal(page.headers.refresh, undefined)
    assert.match(textOf(page), /Step 3 of 3/)
    const { phoneNumber, from, question } =
      idMe.services.approvals.at(-1)?.body ?? assert.fail('nobody was asked')
    assert.deepEqual(
      { phoneNumber, from, question },
      { phoneNumber: person.number, from: 'ID.me', question: 'Do you want to sign in to Social Security?' },
    )
    const still = await browser.submit('/second-factor/push/approval')
    assert.ok(textOf(still).includes('There is no answer yet.'))
    idMe.services.answer('approved')
    await browser.open('/second-factor/push/approval')
    assertSignedIn(browser)
  })

  test('denied and expired are tries; the third locks the account', async () => {
    const { person, browser } = await ask()
    idMe.services.answer('denied')
    const denied = await browser.submit('/second-factor/push/approval')
    assert.equal(denied.statusCode, 422)
    assert.ok(textOf(denied).includes('denied on your phone'))
    await browser.submit('/second-factor/push')
    advanceClock(121_000)
    const expired = await browser.submit('/second-factor/push/approval')
    assert.ok(textOf(expired).includes('Nobody answered on your phone in time.'))
    await browser.submit('/second-factor/push')
    idMe.services.answer('denied')
    const locked = await browser.submit('/second-factor/push/approval')
    assert.equal(locked.statusCode, 429)
    assert.equal(titleOf(locked), `Error: ${LOCKED}`)
    assert.equal(idMe.services.lettersTo(person.email).length, 1)
  })

  test('a yes to the third question still signs in, and takes the tries back', async () => {
    const { person, browser } = await ask()
    for (let count = 0; count < 2; count += 1) {
      idMe.services.answer('denied')
      await browser.submit('/second-factor/push/approval')
      await browser.submit('/second-factor/push')
    }
    idMe.services.answer('approved')
    await browser.submit('/second-factor/push/approval')
    assertSignedIn(browser)
    const another = idMe.browser()
    await idMe.givePassword(another, person.email, MFA)
    assert.equal(another.path, '/second-factor/push')
  })

  test('a yes on a phone that was taken off the account meanwhile is none', async () => {
    const { person, browser } = await ask()
    await person.addPhone()
    const [app] = await idMe.authenticators.ofKind(person.accountId, 'push_app')
    await idMe.authenticators.remove(person.accountId, app?.id ?? '')
    idMe.services.answer('approved')
    await browser.open('/second-factor/push/approval')
    assert.equal(browser.path, '/second-factor/phone')
  })

  test('a yes to an earlier question does not open an account that was locked since', async () => {
    const { person, browser } = await ask()
    const first = idMe.services.approvals.at(-1) ?? assert.fail('nobody was asked')
    const other = idMe.browser()
    await idMe.givePassword(other, person.email, MFA)
    for (let count = 0; count < 2; count += 1) {
      await other.open('/second-factor/push')
      await other.submit('/second-factor/push')
    }
    first.state = 'approved'
    assert.equal((await browser.open('/second-factor/push/approval')).statusCode, 429)
    await browser.open(MFA)
    assert.equal(browser.path, '/sign-in')
  })

  test('asking again and again without an answer is locked out: nobody is worn down (NIST SP 800-63B-4 §3.2.2)', async () => {
    const { person, browser } = await ask()
    for (let count = 0; count < 4; count += 1) {
      await browser.open('/second-factor/push')
      if (!browser.last.body.includes('action="/second-factor/push"')) break
      await browser.submit('/second-factor/push')
    }
    const asked = idMe.services.approvals.filter(({ body }) => body.phoneNumber === person.number)
    assert.equal(asked.length, 3)
  })
})

describe('passkey and security key (WebAuthn)', () => {
  async function withKey(kind: 'passkey' | 'security-key') {
    const person = await idMe.person()
    const key = softwareKey()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    assert.equal(browser.path, '/second-factor/new')
    await browser.submit('/second-factor/new', { method: kind.replace('-', '_') })
    const place = `/second-factor/new/${kind}`
    await browser.submit(place, { response: key.register(optionsOf(browser.last)), name: 'Mine' })
    assertSignedIn(browser)
    return { person, key }
  }

  for (const kind of ['passkey', 'security-key'] as const) {
    test(`a ${kind} is set up as the first method, and signs in`, async () => {
      const { person, key } = await withKey(kind)
      const browser = idMe.browser()
      const page = await idMe.givePassword(browser, person.email, MFA)
      assert.match(String(page.headers['content-security-policy']), /form-action[^;]*http:\/\/localhost:4012/)
      assert.ok(page.body.includes('action="http://localhost:4012/security-keys/assertions"'))
      await browser.submit(`/second-factor/${kind}`, { response: key.answer(optionsOf(page)) })
      assertSignedIn(browser)
    })
  }

  test('an answer is good for its own page alone, and for this site', async () => {
    const { person, key } = await withKey('security-key')
    const browser = idMe.browser()
    const page = await idMe.givePassword(browser, person.email, MFA)
    const elsewhere = key.answer(optionsOf(page), 'http://localhost:4999')
    const refused = await browser.submit('/second-factor/security-key', { response: elsewhere })
    assert.equal(refused.statusCode, 422)
    // Asked for before, answered now.
    const late = await browser.submit('/second-factor/security-key', {
      response: key.answer(optionsOf(page)),
    })
    assert.equal(late.statusCode, 422)
    const empty = await browser.submit('/second-factor/security-key', { response: '' })
    assert.equal(empty.statusCode, 200)
    const locked = await browser.submit('/second-factor/security-key', { response: 'no JSON' })
    assert.equal(locked.statusCode, 429)
  })
})

describe('three failed tries (fact sheet 7)', () => {
  test('of any methods together lock the account; a link in a mail recovers it', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const app = await person.addCodeGenerator()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    await browser.submit('/second-factor', { method: 'code_generator' })
    await browser.submit('/second-factor/code-generator', { code: '000001' })
    await browser.submit('/second-factor/code-generator', { code: 'nothing like a code' })
    await browser.open('/second-factor/phone')
    await browser.submit('/second-factor/phone', { channel: 'text' })
    const locked = await browser.submit('/second-factor/phone/code', { code: idMe.services.wrongCode })
    assert.equal(locked.statusCode, 429)
    assert.ok(Number(locked.headers['retry-after']) > 80_000)
    assert.match(textOf(locked), /open the link in the email.*try again in 24 hours/)

    // The right password alone is not enough now.
    const again = idMe.browser()
    const still = await idMe.givePassword(again, person.email, MFA)
    assert.equal(still.statusCode, 429)
    await again.open('/second-factor/code-generator')
    assert.equal(again.path, '/sign-in')

    const [letter, ...more] = idMe.services.lettersTo(person.email)
    assert.equal(more.length, 0)
    assert.equal(letter?.from, 'ID.me')
    assert.match(letter?.text ?? '', /15 minutes/)
    const reader = idMe.browser()
    const link = idMe.services.linkTo(person.email)
    const confirm = await reader.open(link)
    assert.ok(textOf(confirm).includes(person.email))
    // Opening it is not enough: programs open links in mail too.
    const stillLocked = idMe.browser()
    assert.equal((await idMe.givePassword(stillLocked, person.email, MFA)).statusCode, 429)
    const recovered = await reader.submit('/recovery/link')
    assert.ok(textOf(recovered).includes('Your account is recovered.'))
    assert.equal((await reader.open(link)).statusCode, 410)

    const fresh = idMe.browser()
    await idMe.givePassword(fresh, person.email, MFA)
    await fresh.submit('/second-factor', { method: 'code_generator' })
    await fresh.submit('/second-factor/code-generator', { code: app.code() })
    assertSignedIn(fresh)
  })

  test('the link works for 15 minutes, and another one can be had a minute later', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    for (let count = 0; count < 3; count += 1) {
      await browser.submit('/second-factor/phone/code', { code: idMe.services.wrongCode })
    }
    const first = idMe.services.linkTo(person.email)
    await browser.submit('/recovery')
    assert.equal(idMe.services.lettersTo(person.email).length, 1)
    advanceClock(61_000)
    await browser.submit('/recovery')
    assert.equal(idMe.services.lettersTo(person.email).length, 2)
    advanceClock(14 * 60_000)
    assert.equal((await idMe.browser().open(first)).statusCode, 410)
    assert.equal((await idMe.browser().open(idMe.services.linkTo(person.email))).statusCode, 200)
  })

  test('without the link it opens after a day', async () => {
    const person = await idMe.person()
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, MFA)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    for (let count = 0; count < 3; count += 1) {
      await browser.submit('/second-factor/phone/code', { code: idMe.services.wrongCode })
    }
    advanceClock(86_400_000)
    const another = idMe.browser()
    await idMe.givePassword(another, person.email, MFA)
    assert.equal(another.path, '/second-factor/phone')
  })
})

describe('what is kept and logged', () => {
  test('no code, number, address or token is in a log line (OWASP ASVS 5.0 16.2.5)', () => {
    const log = idMe.logLines.join('\n')
    assert.ok(log.length > 0)
    for (const { code } of idMe.services.sent.slice(0, 5)) assert.ok(!log.includes(`"${code}"`))
    for (const { to, text } of idMe.services.letters) {
      assert.ok(!log.includes(to))
      const token = /token=(\S+)/.exec(text)?.[1]
      if (token) assert.ok(!log.includes(token))
    }
  })
})
