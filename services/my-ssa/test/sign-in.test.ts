// "Sign In or Create an Account", and what it never tells.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { seenFromOutside } from './support/answers.ts'
import { FakeOffices } from './support/fake-offices.ts'
import { type MySsa, PASSWORD, startMySsa } from './support/my-ssa.ts'

const WRONG = 'some other password'
let mySsa: MySsa
let offices: FakeOffices
before(async () => {
  offices = new FakeOffices()
  mySsa = await startMySsa({ calls: offices.calls })
})
after(() => mySsa.app.close())
beforeEach(() => advanceClock(2 * 86_400_000))

async function signIn(username: string, password: string, browser = mySsa.browser()) {
  await browser.open('/sign-in')
  await browser.submit('/sign-in', { username, password })
  return browser
}

describe('the page', () => {
  test('says what document 002 has on it', async () => {
    const browser = mySsa.browser()
    const text = textOf(await browser.open('/sign-in'))
    for (const words of [
      'Sign In or Create an Account',
      'OMB No. 0960-0789',
      'New Users You must be able to verify some information about yourself and:',
      'Have a valid E-mail address, Have a Social Security number, Have a U.S. mailing address, and Be at least 18 years of age.',
      'You can create an account only to gain access to your own personal information. You cannot use this online service to access the records of a person:',
      'With whom you have a business relationship; For whom you are a representative payee; or For whom you are an appointed representative.',
      'Unauthorized use of this service may subject you to criminal or civil penalties, or both.',
      'Are you now, or have you ever been a victim of domestic violence? Identity theft? Do you have other concerns?',
      'You can block electronic access to your information at any time, for any reason.',
      'between the hours of 7:00 a.m. and 7:00 p.m.',
      '1-800-772-1213',
      '1-800-325-0778',
    ]) {
      assert.ok(text.includes(words), words)
    }
  })

  test('leads to all that it names', async () => {
    const browser = mySsa.browser()
    const { body } = await browser.open('/sign-in')
    for (const [path, name, title] of [
      ['/create-account', 'Create An Account', 'Create An Account'],
      ['/learn-more', 'Learn More', 'Learn More'],
      ['/forgot-username', 'Forgot Username', 'Forgot Username'],
      ['/forgot-password', 'Forgot Password', 'Forgot Password'],
      ['/block-electronic-access', 'block electronic access', 'Block Electronic Access'],
      ['/paperwork-reduction-act', 'Paperwork Reduction Act', 'Paperwork Reduction Act'],
      ['/privacy-act-statement', 'Privacy Act Statement', 'Privacy Act Statement'],
    ] as const) {
      assert.match(body, new RegExp(`<a [^>]*href="${path}"[^>]*>${name}</a>`))
      const page = await mySsa.browser().open(path)
      assert.equal(page.statusCode, 200)
      assert.equal(titleOf(page), title)
    }
  })

  test('names the fields that were left empty', async () => {
    const browser = await signIn('', '')
    assert.equal(browser.last.statusCode, 422)
    assert.match(browser.last.body, /href="#username">Enter your username/)
    assert.match(browser.last.body, /href="#password">Enter your password/)
  })
})

describe('username and password', () => {
  test('sign in, however the username is written, to the settings or to the relying service', async () => {
    for (const username of ['MariaExample84', 'MARIAEXAMPLE84', ' mariaexample84 ']) {
      const browser = await signIn(username, PASSWORD)
      assert.equal(browser.path, '/security-settings')
      await browser.open('/sign-in')
      assert.equal(browser.path, '/security-settings')
    }
  })

  test('are not enough with extra security: a text goes to the phone', async () => {
    const browser = await signIn('DanielPattern68', PASSWORD)
    assert.equal(browser.path, '/security-code')
    assert.equal(offices.texts.at(-1)?.phoneNumber, '+12025550149')
    await browser.open('/security-settings')
    assert.notEqual(browser.path, '/security-settings')
  })

  test('signing out ends the session, and says so', async () => {
    const browser = await signIn('MariaExample84', PASSWORD)
    await browser.submit('/sign-out')
    assert.equal(browser.path, '/sign-in')
    assert.match(textOf(browser.last), /You are signed out/)
    await browser.open('/security-settings')
    assert.equal(browser.path, '/sign-in')
  })
})

test('the field that says where to go on leads to a request of this site and nowhere else (RFC 9700 §4.11)', async () => {
  for (const place of [
    'https://attacker.example/interaction/aaaaaaaaaaaaaaaaaaaaa',
    '//attacker.example/interaction/aaaaaaaaaaaaaaaaaaaaa',
    '/interaction/../about',
    '/interaction/aaaaaaaaaaaaaaaaaaaaa/exit',
    '/about',
  ]) {
    const browser = mySsa.browser()
    await browser.open('/sign-in')
    await browser.submit('/sign-in', { username: 'MariaExample84', password: PASSWORD, continue: place })
    assert.equal(browser.path, '/security-settings', place)
  }
})

describe('nobody learns who has an account (OWASP ASVS 5.0 6.3.8)', () => {
  test('a wrong password and an unknown username are answered alike, byte for byte', async () => {
    const known = await signIn('MariaExample84', WRONG)
    const unknown = await signIn('NobodyAtAll1', WRONG)
    assert.equal(known.last.statusCode, 422)
    assert.equal(seenFromOutside(known, ['MariaExample84']), seenFromOutside(unknown, ['NobodyAtAll1']))
  })

  test('the fifth wrong try blocks a username for a day, whether somebody has it or not (NIST SP 800-63B-4 §3.2.2, OWASP ASVS 5.0 6.3.1)', async () => {
    const seen: string[][] = [[], []]
    for (const [index, username] of ['MariaExample84', 'NobodyAtAll2'].entries()) {
      for (let count = 1; count <= 6; count += 1) {
        const browser = await signIn(count % 2 ? username : username.toUpperCase(), WRONG)
        assert.equal(browser.last.statusCode, count < 5 ? 422 : 429)
        seen[index]?.push(
          seenFromOutside(browser, [username, username.toUpperCase()]).replace(/"retry-after":"\d+"/, ''),
        )
      }
    }
    assert.deepEqual(seen[0], seen[1])
    const blocked = await signIn('MariaExample84', PASSWORD)
    assert.equal(blocked.last.statusCode, 429)
    assert.match(textOf(blocked.last), /Try again in 24 hours, or choose Forgot Password/)
    assert.ok(Number(blocked.last.headers['retry-after']) > 86_000)
    advanceClock(86_400_000)
    assert.equal((await signIn('MariaExample84', PASSWORD)).path, '/security-settings')
  })

  test('many tries at once count each', async () => {
    const browsers = await Promise.all(Array.from({ length: 12 }, () => signIn('NobodyAtAll3', WRONG)))
    const looked = browsers.filter(({ last }) => last.statusCode === 422)
    assert.equal(looked.length, 4)
  })

  test('a suspension is told only to whoever has the right password', async () => {
    const { id } = await mySsa.accountOf('ruth')
    await mySsa.accounts.setSuspended(id, true)
    const wrong = await signIn('RuthTemplate79', WRONG)
    const unknown = await signIn('NobodyAtAll4', WRONG)
    assert.equal(seenFromOutside(wrong, ['RuthTemplate79']), seenFromOutside(unknown, ['NobodyAtAll4']))
    const right = await signIn('RuthTemplate79', PASSWORD)
    assert.equal(right.last.statusCode, 403)
    assert.match(textOf(right.last), /This account is suspended/)
    await mySsa.accounts.setSuspended(id, false)
  })
})

test('neither a password nor a username is in the log (OWASP ASVS 5.0 16.2.5)', async () => {
  await signIn('MariaExample84', WRONG)
  await signIn('NobodyAtAll5', WRONG)
  const log = mySsa.logLines.join('')
  for (const text of [WRONG, PASSWORD, 'NobodyAtAll5']) assert.ok(!log.includes(text))
})
