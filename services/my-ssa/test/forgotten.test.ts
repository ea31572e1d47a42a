// Forgot Username and Forgot Password.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { textOf } from '@gatehouse/provider/for-tests/browser'
import { headingOf, seenFromOutside } from './support/answers.ts'
import { applicant, createAccount, detailsOf, eventually, NEW_PASSWORD } from './support/applicants.ts'
import { FakeOffices } from './support/fake-offices.ts'
import { type MySsa, PASSWORD, startMySsa } from './support/my-ssa.ts'

let mySsa: MySsa
let offices: FakeOffices
before(async () => {
  offices = new FakeOffices()
  mySsa = await startMySsa({ calls: offices.calls })
})
after(() => mySsa.app.close())
beforeEach(() => advanceClock(86_400_000))

const OTHER = 'seven loud kettles hum in the cellar'
const maria = {
  firstName: 'maria',
  middleName: '',
  lastName: 'EXAMPLE',
  birthdate: '1984-03-12',
  ssn: '987654325',
}

async function forgotUsername(details: Record<string, string>) {
  const browser = mySsa.browser()
  await browser.open('/forgot-username')
  await browser.submit('/forgot-username', details)
  return browser
}

async function forgotPassword(username: string, how: string) {
  const browser = mySsa.browser()
  await browser.open('/forgot-password')
  await browser.submit('/forgot-password', { username, how })
  return browser
}

async function signIn(username: string, password: string) {
  const browser = mySsa.browser()
  await browser.open('/sign-in')
  await browser.submit('/sign-in', { username, password })
  return browser
}

/** The link in the next e-mail to an address. */
async function nextLink(address: string, ask: () => Promise<unknown>) {
  const count = offices.mailsTo(address).length
  await ask()
  await eventually(() => offices.mailsTo(address).length > count)
  return offices.linkTo(address)
}

async function choose(link: string, password: string) {
  const browser = mySsa.browser()
  await browser.open(link)
  await browser.submit('/forgot-password/link', { password })
  return browser
}

describe('a forgotten username', () => {
  test('comes to the confirmed e-mail address, and nowhere else', async () => {
    const link = await nextLink('maria@example.com', () => forgotUsername(maria))
    assert.equal(link, '/sign-in')
    assert.match(offices.mails.at(-1)?.text ?? '', /MariaExample84/)
  })

  test('is answered alike, byte for byte, whether there is an account or not; no other mail goes out', async () => {
    const person = await createAccount(mySsa.browser(), offices)
    const mine = detailsOf(person)
    const count = offices.mails.length
    const seen = [
      seenFromOutside(await forgotUsername({ ...mine, lastName: 'Other' })),
      seenFromOutside(await forgotUsername({ ...mine, birthdate: '1990-02-27' })),
      seenFromOutside(await forgotUsername(detailsOf(applicant()))),
      seenFromOutside(await forgotUsername(mine)),
    ]
    assert.equal(new Set(seen).size, 1)
    // What follows an answer is done in the order of the answers.
    await eventually(() => offices.mailsTo(person.email).find(({ subject }) => subject === 'Your username'))
    assert.equal(offices.mails.length, count + 1)
  })

  test('is looked for ten times a day for one SSN', async () => {
    const details = detailsOf(applicant())
    for (let count = 1; count <= 10; count += 1) {
      assert.equal((await forgotUsername(details)).last.statusCode, 200)
    }
    assert.equal((await forgotUsername(details)).last.statusCode, 429)
  })

  test('names the fields that are wrong', async () => {
    const { last } = await forgotUsername({})
    assert.equal(last.statusCode, 422)
    for (const field of ['firstName', 'lastName', 'birthdate', 'ssn'])
      assert.match(last.body, new RegExp(`#${field}`))
  })
})

describe('a forgotten password', () => {
  test('the link changes it, ends the sessions and the block of tries, and tells the e-mail address (OWASP ASVS 5.0 6.3.7, 7.4.3)', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const signedIn = await signIn(username, NEW_PASSWORD)
    for (let count = 1; count <= 5; count += 1) await signIn(username, 'wrong')
    assert.equal((await signIn(username, NEW_PASSWORD)).last.statusCode, 429)
    const link = await nextLink(email, () => forgotPassword(username.toUpperCase(), 'email'))
    const changed = await choose(link, OTHER)
    assert.equal(changed.path, '/sign-in')
    assert.match(textOf(changed.last), /Your password was changed/)
    await signedIn.open('/security-settings')
    assert.equal(signedIn.path, '/sign-in')
    assert.match(textOf(signedIn.last), /Your password was changed/)
    assert.equal((await signIn(username, NEW_PASSWORD)).last.statusCode, 422)
    assert.equal((await signIn(username, OTHER)).path, '/security-settings')
    assert.equal(offices.mailsTo(email).at(-1)?.subject, 'Your password changed')
  })

  test('a link works for 15 minutes and once; a newer one ends it', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const ask = () => forgotPassword(username, 'email')
    const first = await nextLink(email, ask)
    advanceClock(61_000)
    const second = await nextLink(email, ask)
    assert.equal((await mySsa.browser().open(first)).statusCode, 410)
    advanceClock(15 * 60_000 - 30_000)
    const late = mySsa.browser()
    assert.equal((await late.open(second)).statusCode, 200)
    advanceClock(30_000)
    await late.submit('/forgot-password/link', { password: OTHER })
    assert.equal(late.last.statusCode, 410)
    const third = await nextLink(email, ask)
    const twice = mySsa.browser()
    await twice.open(third)
    assert.equal((await choose(third, OTHER)).path, '/sign-in')
    await twice.submit('/forgot-password/link', { password: NEW_PASSWORD })
    assert.equal(twice.last.statusCode, 410)
    assert.equal((await signIn(username, OTHER)).path, '/security-settings')
  })

  test('of two uses of one link at once, one changes the password', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const link = await nextLink(email, () => forgotPassword(username, 'email'))
    const used = await Promise.all(
      [OTHER, 'five green lamps above the river'].map((one) => choose(link, one)),
    )
    assert.deepEqual(used.map(({ last }) => last.statusCode).toSorted(), [200, 410])
  })

  test('a password that will not do leaves the link as it is', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const link = await nextLink(email, () => forgotPassword(username, 'email'))
    const short = await choose(link, 'too short')
    assert.equal(short.last.statusCode, 422)
    assert.match(short.last.body, /href="#password"/)
    assert.equal((await choose(link, OTHER)).path, '/sign-in')
  })

  test('is asked for alike, byte for byte, with a username that nobody has', async () => {
    const { username } = await createAccount(mySsa.browser(), offices)
    for (const how of ['email', 'letter']) {
      const known = seenFromOutside(await forgotPassword(username, how))
      assert.equal(known, seenFromOutside(await forgotPassword('NobodyAtAll1', how)))
    }
  })

  test('a blocked or suspended account gets neither link nor letter', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const account = await mySsa.accounts.findByEmail(email)
    await mySsa.accounts.setSuspended(account?.id ?? '', true)
    const counts = [offices.mails.length, offices.letters.length]
    await forgotPassword(username, 'email')
    await forgotPassword(username, 'letter')
    await nextLink('maria@example.com', () => forgotPassword('MariaExample84', 'email'))
    assert.deepEqual([offices.mails.length, offices.letters.length], [counts[0]! + 1, counts[1]])
  })

  test('does not take extra security away (OWASP ASVS 5.0 6.4.3)', async () => {
    const link = await nextLink('daniel@example.com', () => forgotPassword('DanielPattern68', 'email'))
    await choose(link, OTHER)
    assert.equal((await signIn('DanielPattern68', OTHER)).path, '/security-code')
    assert.equal((await signIn('DanielPattern68', PASSWORD)).last.statusCode, 422)
  })

  test('names what is lacking', async () => {
    const { last } = await forgotPassword(' ', 'pigeon')
    assert.equal(last.statusCode, 422)
    assert.match(last.body, /href="#username"/)
    assert.match(last.body, /href="#how"/)
  })
})

describe('a temporary password by letter', () => {
  async function letterFor(username: string) {
    const count = offices.letters.length
    await forgotPassword(username, 'letter')
    return eventually(() => offices.letters[count])
  }

  async function use(username: string, temporaryPassword: string, password = OTHER) {
    const browser = mySsa.browser()
    await browser.open('/reset-password')
    await browser.submit('/reset-password', { username, temporaryPassword, password })
    return browser
  }

  test('goes to the mailing address, and is good for choosing a password once (OWASP ASVS 5.0 6.4.1)', async () => {
    const { username } = await createAccount(mySsa.browser(), offices, applicant({ middleName: 'Q' }))
    const { request, code } = await letterFor(username)
    assert.equal(request.kind, 'temporary-password')
    assert.equal(request.recipient.name, 'Test Q Person')
    assert.equal((await signIn(username, code)).last.statusCode, 422)
    const signedIn = await signIn(username, NEW_PASSWORD)
    assert.equal((await use(username, ` ${code} `)).path, '/sign-in')
    await signedIn.open('/security-settings')
    assert.equal(signedIn.path, '/sign-in')
    assert.equal((await signIn(username, OTHER)).path, '/security-settings')
    advanceClock(60_000)
    assert.equal((await use(username, code, 'five green lamps above the river')).last.statusCode, 422)
    assert.equal((await use(username, code)).last.statusCode, 422)
  })

  test('is not spent by a password that will not do', async () => {
    const { username } = await createAccount(mySsa.browser(), offices)
    const { code } = await letterFor(username)
    const asked = offices.redemptions.length
    const short = await use(username, code, 'too short')
    assert.match(short.last.body, /href="#password"/)
    assert.equal(offices.redemptions.length, asked)
    assert.equal((await use(username, code)).path, '/sign-in')
  })

  test('spent, but the password not stored for a kill: the same form goes through', async () => {
    const { username } = await createAccount(mySsa.browser(), offices)
    const { code } = await letterFor(username)
    const { schema } = mySsa.ground.database
    // Sessions end in the same step as the password changes: without their table there is no such step.
    await schema.alterTable('sessions').renameTo('sessions_away').execute()
    assert.equal((await use(username, code)).last.statusCode, 500)
    await schema.alterTable('sessions_away').renameTo('sessions').execute()
    assert.equal(offices.letters.find((one) => one.code === code)?.isOpen, false)
    assert.equal((await signIn(username, NEW_PASSWORD)).path, '/security-settings')
    assert.equal((await use(username, code)).path, '/sign-in')
    assert.equal((await signIn(username, OTHER)).path, '/security-settings')
  })

  test('a new password ends the other way to one: the link after a letter, the letter after a link', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const link = await nextLink(email, () => forgotPassword(username, 'email'))
    const first = await letterFor(username)
    await use(username, first.code)
    await assert.rejects(choose(link, NEW_PASSWORD), /has no form/)
    assert.equal((await signIn(username, OTHER)).path, '/security-settings')
    const second = await letterFor(username)
    advanceClock(60_000)
    await choose(await nextLink(email, () => forgotPassword(username, 'email')), NEW_PASSWORD)
    assert.equal((await use(username, second.code)).last.statusCode, 422)
    assert.equal((await signIn(username, NEW_PASSWORD)).path, '/security-settings')
  })

  test('letters out of reach keep nobody from a new password by link', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const link = await nextLink(email, () => forgotPassword(username, 'email'))
    offices.areLettersDown = true
    await choose(link, OTHER)
    offices.areLettersDown = false
    assert.equal((await signIn(username, OTHER)).path, '/security-settings')
  })

  test('neither letter nor link that came before gets past a suspension', async () => {
    const { username, email } = await createAccount(mySsa.browser(), offices)
    const link = await nextLink(email, () => forgotPassword(username, 'email'))
    const { code } = await letterFor(username)
    const { id = '' } = (await mySsa.accounts.findByEmail(email)) ?? {}
    await mySsa.accounts.setSuspended(id, true)
    assert.equal((await use(username, code)).last.statusCode, 422)
    await choose(link, OTHER)
    assert.equal(await mySsa.accounts.hasPassword(id, NEW_PASSWORD), true)
  })

  test('of somebody else, wrong, or for nobody’s username is refused alike, and locks alike', async () => {
    const one = await createAccount(mySsa.browser(), offices)
    const other = await createAccount(mySsa.browser(), offices)
    const { code } = await letterFor(one.username)
    const seen = await Promise.all(
      [other.username, 'NobodyAtAll2'].map(async (username) => {
        const answers = []
        for (let count = 1; count <= 6; count += 1) {
          const browser = await use(username, code)
          assert.equal(browser.last.statusCode, count < 5 ? 422 : 429)
          answers.push(seenFromOutside(browser, [username]).replace(/"retry-after":"\d+"/, ''))
        }
        return answers
      }),
    )
    assert.deepEqual(seen[0], seen[1])
    assert.equal((await use(one.username, code)).path, '/sign-in')
  })
})

test('the pages say where to go', async () => {
  assert.equal(headingOf(await mySsa.browser().open('/reset-password')), 'Use your temporary password')
  assert.equal((await mySsa.browser().open('/forgot-password/link?token=nothing')).statusCode, 410)
  assert.equal((await mySsa.browser().open('/forgot-password/link')).statusCode, 410)
})

test('no password, code or token is in the log (OWASP ASVS 5.0 16.2.5)', async () => {
  const { username, email } = await createAccount(mySsa.browser(), offices)
  const link = await nextLink(email, () => forgotPassword(username, 'email'))
  await choose(link, OTHER)
  const log = mySsa.logLines.join('')
  const token = new URL(link, 'http://localhost').searchParams.get('token') ?? ''
  for (const secret of [OTHER, NEW_PASSWORD, token, 'QZXW', '987654325'])
    assert.ok(!log.includes(secret), secret)
})
