// "Create An Account", from the acknowledgement to the signed-in session.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { type Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { easternDate } from '../src/identity/age.ts'
import { headingOf, seenFromOutside } from './support/answers.ts'
import {
  aboutYou,
  applicant,
  apply,
  confirmEmail,
  createAccount,
  NEW_PASSWORD,
} from './support/applicants.ts'
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

const CANNOT = 'We cannot create an account for you online'

async function credentials(browser: Browser, username: string, changes: Record<string, string> = {}) {
  const fields = { username, password: NEW_PASSWORD, extraSecurity: 'no', ...changes }
  return browser.submit('/create-account/username', fields)
}

describe('a new account', () => {
  test('acknowledgement, details, e-mail, username and password, and signed in', async () => {
    const browser = mySsa.browser()
    const person = applicant({ middleName: 'Q.' })
    assert.equal(headingOf(await apply(browser, person)), 'Check your e-mail')
    assert.equal(await mySsa.accounts.findByEmail(person.email), undefined)
    await confirmEmail(browser, offices, person)
    assert.equal(await mySsa.accounts.findByEmail(person.email), undefined)
    const done = await credentials(browser, person.username)
    assert.equal(browser.path, '/create-account/done')
    assert.ok(textOf(done).includes(person.username))

    const account = await mySsa.accounts.findByEmail(person.email)
    const { verifiedAt: _, ...profile } = account?.profile ?? { verifiedAt: 0 }
    assert.deepEqual(profile, {
      givenName: 'Test',
      middleName: 'Q.',
      familyName: 'Person',
      birthdate: '1990-02-28',
      socialSecurityNumber: person.ssn,
      address: { street: '1 Test Street', locality: 'Baltimore', region: 'MD', postalCode: '21235' },
      faceMatched: false,
    })
    assert.equal(await mySsa.usernames.of(account?.id ?? ''), person.username)
    assert.equal(offices.mailsTo(person.email).at(-1)?.subject, 'Your account was created')
    await browser.open('/security-settings')
    assert.equal(browser.path, '/security-settings')
    await browser.open('/create-account')
    assert.equal(browser.path, '/security-settings')
  })

  test('with extra security: a letter is asked for, and the question comes at the next sign-in', async () => {
    const browser = mySsa.browser()
    const person = await createAccount(browser, offices, applicant({ lastName: 'Wishes' }), 'yes')
    assert.match(textOf(browser.last), /We are mailing you a letter with your upgrade code/)
    const letter = offices.letters.at(-1)?.request
    assert.equal(letter?.kind, 'upgrade-code')
    assert.deepEqual(letter?.recipient, {
      name: 'Test Wishes',
      street: '1 Test Street',
      city: 'Baltimore',
      state: 'MD',
      zipCode: '21235',
    })
    const next = mySsa.browser()
    await next.open('/sign-in')
    await next.submit('/sign-in', { username: person.username, password: NEW_PASSWORD })
    assert.equal(next.path, '/extra-security')
  })

  test('with extra security while letters are out of reach: the account is made, and the wish is kept', async () => {
    offices.areLettersDown = true
    const browser = mySsa.browser()
    await createAccount(browser, offices, applicant(), 'yes')
    offices.areLettersDown = false
    assert.equal(browser.path, '/create-account/done')
    assert.match(textOf(browser.last), /We are mailing you a letter/)
  })

  test('goes on in the browser that opened the link, and in no other', async () => {
    const first = mySsa.browser()
    const person = applicant()
    await apply(first, person)
    const link = offices.linkTo(person.email)
    const second = mySsa.browser()
    await confirmEmail(second, offices, person)
    await first.open('/create-account/username')
    assert.equal(first.path, '/create-account')
    assert.equal(headingOf(await mySsa.browser().open(link)), 'Start again')
    await credentials(second, person.username)
    assert.equal(second.path, '/create-account/done')
  })
})

test('a session that somebody else planted in the browser gets nothing of an application (OWASP ASVS 5.0 7.2.4)', async () => {
  const stranger = mySsa.browser()
  await stranger.open('/create-account')
  await stranger.submit('/create-account', { acknowledged: 'yes' })
  const browser = mySsa.browser()
  const plant = () => {
    browser.cookies.clear()
    for (const [key, cookie] of stranger.cookies) browser.cookies.set(key, cookie)
  }
  plant()
  const person = applicant()
  await apply(browser, person)
  assert.doesNotMatch((await stranger.open('/create-account/about-you')).body, /1990-02-28/)
  plant()
  await confirmEmail(browser, offices, person)
  await stranger.open('/create-account/username')
  assert.notEqual(stranger.path, '/create-account/username')
  await credentials(browser, person.username)
  assert.equal(browser.path, '/create-account/done')
})

test('without the link of the e-mail there is no account, whatever is sent (OWASP ASVS 5.0 2.3.1)', async () => {
  const browser = mySsa.browser()
  const person = applicant()
  await apply(browser, person)
  const csrf = /name="_csrf" value="([^"]+)"/.exec(browser.last.body)?.[1] ?? ''
  const cookie = [...browser.cookies].map(([key, value]) => `${key.split(' ')[0]}=${value}`).join('; ')
  const { username } = person
  const form = { username, password: NEW_PASSWORD, extraSecurity: 'no', _csrf: csrf }
  const answer = await mySsa.app.inject({
    method: 'POST',
    url: '/create-account/username',
    headers: { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  })
  assert.equal(headingOf(answer), 'Start again')
  assert.equal(await mySsa.accounts.findByEmail(person.email), undefined)
})

describe('what is entered', () => {
  test('the penalties are acknowledged first', async () => {
    const browser = mySsa.browser()
    await browser.open('/create-account')
    await browser.submit('/create-account')
    assert.equal(browser.last.statusCode, 422)
    assert.match(browser.last.body, /href="#acknowledged"/)
    await browser.open('/create-account/about-you')
    assert.equal(browser.path, '/create-account')
  })

  test('is named where it is wrong, shown again but for the SSN, and nothing is mailed', async () => {
    const browser = mySsa.browser()
    const person = applicant({ zip: 'no zip', state: '', email: 'none', birthdate: '2999-01-01' })
    const page = await apply(browser, person)
    assert.equal(page.statusCode, 422)
    for (const field of ['zip', 'state', 'email', 'birthdate'])
      assert.match(page.body, new RegExp(`href="#${field}"`))
    assert.match(page.body, /value="1 Test Street"/)
    assert.ok(!page.body.includes(person.ssn))
    assert.equal(offices.mailsTo('none').length, 0)
  })

  test('18 years are counted to the day', async () => {
    const years = (day: string) => `${Number(day.slice(0, 4)) - 18}${day.slice(4)}`
    const today = easternDate(now())
    const tomorrow = easternDate(now() + 86_400_000)
    const page = await apply(mySsa.browser(), applicant({ birthdate: years(tomorrow) }))
    assert.match(page.body, /href="#birthdate">You must be at least 18 years of age/)
    // Nobody is born on a 29 February of a year that has none.
    const birthdate = years(today).replace(/-02-29$/, '-02-28')
    assert.equal(headingOf(await apply(mySsa.browser(), applicant({ birthdate }))), 'Check your e-mail')
  })

  test('username, password and choice are judged together, and the username must be free in any case (NIST SP 800-63B-4 §3.1.1.2)', async () => {
    const browser = mySsa.browser()
    const person = applicant()
    await apply(browser, person)
    await confirmEmail(browser, offices, person)
    const empty = await credentials(browser, '', { password: '', extraSecurity: '' })
    for (const field of ['username', 'password', 'extraSecurity']) {
      assert.match(empty.body, new RegExp(`href="#${field}"`))
    }
    const taken = await credentials(browser, 'MARIAEXAMPLE84')
    assert.match(taken.body, /href="#username">Somebody has this username already/)
    for (const [password, rule] of [
      ['fourteen chars', /15 characters or more/],
      [person.email, /easy to guess/],
      ['passwordpassword', /easy to guess/],
      ['x'.repeat(129), /up to 128/],
    ] as const) {
      const page = await credentials(browser, person.username, { password })
      assert.equal(page.statusCode, 422)
      assert.match(textOf(page), rule)
      assert.ok(!page.body.includes(`value="${password}`))
    }
    assert.equal(await mySsa.accounts.findByEmail(person.email), undefined)
    assert.equal((await credentials(browser, person.username)).statusCode, 200)
  })
})

describe('who gets an account', () => {
  const maria = { firstName: 'Maria', lastName: 'Example', birthdate: '1984-03-12', ssn: '987654325' }
  const oliver = { firstName: 'Oliver', lastName: 'Model', birthdate: '1999-01-15', ssn: '987654328' }

  test('a person with an account is told so once the identity is verified, and only then', async () => {
    assert.equal(headingOf(await apply(mySsa.browser(), applicant(maria))), 'You already have an account')
    for (const wrong of [{ birthdate: '1984-03-13' }, { lastName: 'Sample' }, { firstName: 'Mario' }]) {
      assert.equal(headingOf(await apply(mySsa.browser(), applicant({ ...maria, ...wrong }))), CANNOT)
    }
    const own = await createAccount(mySsa.browser(), offices)
    const again = { ...applicant(), ssn: own.ssn }
    assert.equal(headingOf(await apply(mySsa.browser(), again)), 'You already have an account')
    assert.equal(headingOf(await apply(mySsa.browser(), { ...again, firstName: 'Other' })), CANNOT)
  })

  test('a persona who fails does not pass with the right details, and a persona’s SSN is nobody else’s', async () => {
    assert.equal(headingOf(await apply(mySsa.browser(), applicant(oliver))), CANNOT)
    assert.equal(headingOf(await apply(mySsa.browser(), applicant({ ssn: oliver.ssn }))), CANNOT)
  })

  test('a blocked person is answered like one whose details do not fit, byte for byte', async () => {
    const person = applicant()
    const blocking = mySsa.browser()
    await blocking.open('/block-electronic-access')
    const { firstName, middleName, lastName, birthdate, ssn } = person
    await blocking.submit('/block-electronic-access', { firstName, middleName, lastName, birthdate, ssn })
    const blocked = mySsa.browser()
    await apply(blocked, person)
    const wrong = mySsa.browser()
    await apply(wrong, applicant({ ssn: oliver.ssn }))
    assert.equal(seenFromOutside(blocked), seenFromOutside(wrong))
  })

  test('an address that has an account gets a mail that says so, and the page says nothing', async () => {
    const taken = mySsa.browser()
    await apply(taken, applicant({ email: 'maria@example.com' }))
    assert.equal(offices.mailsTo('maria@example.com').at(-1)?.subject, 'You already have an account')
    const free = mySsa.browser()
    const person = applicant()
    await apply(free, person)
    assert.equal(seenFromOutside(taken, ['maria@example.com']), seenFromOutside(free, [person.email]))
  })

  test('an SSN is tried ten times a day, whoever asks', async () => {
    const ssn = '919191919'
    for (let count = 1; count <= 10; count += 1) {
      assert.equal((await apply(mySsa.browser(), applicant({ ssn }))).statusCode, 200)
    }
    assert.equal((await apply(mySsa.browser(), applicant({ ssn }))).statusCode, 429)
    advanceClock(86_400_000)
    assert.equal((await apply(mySsa.browser(), applicant({ ssn }))).statusCode, 200)
  })

  test('of two browsers that finish one person’s application at once, one makes the account', async () => {
    const ssn = '929292929'
    const people = [applicant({ ssn }), applicant({ ssn })]
    const browsers = await Promise.all(
      people.map(async (person) => {
        const browser = mySsa.browser()
        await apply(browser, person)
        await confirmEmail(browser, offices, person)
        return browser
      }),
    )
    await Promise.all(browsers.map((browser, index) => credentials(browser, people[index]?.username ?? '')))
    const titles = browsers.map(({ last }) => headingOf(last)).toSorted()
    assert.deepEqual(titles, ['You already have an account', 'Your account was created'])
    const accounts = await Promise.all(people.map(({ email }) => mySsa.accounts.findByEmail(email)))
    assert.equal(accounts.filter(Boolean).length, 1)
  })
})

describe('the link in the e-mail', () => {
  test('works for a day and once; a newer one ends it', async () => {
    const browser = mySsa.browser()
    const person = applicant()
    await apply(browser, person)
    const first = offices.linkTo(person.email)
    await browser.submit('/create-account/e-mail')
    assert.equal(offices.linkTo(person.email), first, 'not so soon after the first')
    advanceClock(61_000)
    await browser.submit('/create-account/e-mail')
    const second = offices.linkTo(person.email)
    assert.notEqual(second, first)
    assert.equal((await mySsa.browser().open(first)).statusCode, 410)
    assert.equal((await mySsa.browser().open(second)).statusCode, 200)
    advanceClock(86_400_000 - 30_000)
    assert.equal((await mySsa.browser().open(second)).statusCode, 200)
    advanceClock(30_000)
    assert.equal((await mySsa.browser().open(second)).statusCode, 410)
  })

  test('does not come when no mail can be sent: the page fails, and works when it can', async () => {
    const browser = mySsa.browser()
    const person = applicant()
    offices.isMailDown = true
    assert.equal((await apply(browser, person)).statusCode, 503)
    offices.isMailDown = false
    await browser.open('/create-account/about-you')
    assert.match(browser.last.body, /value="1 Test Street"/)
    await browser.submit('/create-account/about-you', aboutYou(person))
    assert.equal(headingOf(browser.last), 'Check your e-mail')
    assert.equal(offices.mailsTo(person.email).length, 1)
  })
})

test('creating an account goes on after a restart at each of its steps, and what waits is sealed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'my-ssa-restart-'))
  const databaseUrl = `sqlite:${join(folder, 'my-ssa.sqlite')}`
  const secrets = deriveSecrets(randomBytes(32))
  const started: MySsa[] = []
  const person = applicant()
  let cookies: Browser['cookies'] | undefined
  // Nothing is closed in an orderly way: the next process opens the file as the last one left it.
  async function next() {
    const again = await startMySsa({ databaseUrl, secrets, calls: offices.calls })
    started.push(again)
    const browser = again.browser()
    for (const [key, cookie] of cookies ?? []) browser.cookies.set(key, cookie)
    cookies = browser.cookies
    return { again, browser }
  }
  let { again, browser } = await next()
  await browser.open('/create-account')
  await browser.submit('/create-account', { acknowledged: 'yes' })
  ;({ again, browser } = await next())
  await browser.open('/create-account/about-you')
  await browser.submit('/create-account/about-you', aboutYou(person))
  const rows = [
    await again.ground.database.selectFrom('keyValue').selectAll().execute(),
    await again.ground.database.selectFrom('sessions').selectAll().execute(),
  ]
  for (const secret of [person.ssn, '1990-02-28', '1 Test Street']) {
    assert.ok(!JSON.stringify(rows).includes(secret), 'what waits is sealed')
  }
  ;({ again, browser } = await next())
  await browser.open('/create-account/e-mail')
  assert.equal(headingOf(browser.last), 'Check your e-mail')
  await confirmEmail(browser, offices, person)
  ;({ again, browser } = await next())
  await browser.open('/create-account/username')
  await credentials(browser, person.username)
  assert.equal(browser.path, '/create-account/done')
  ;({ again, browser } = await next())
  const signingIn = again.browser()
  await signingIn.open('/sign-in')
  await signingIn.submit('/sign-in', { username: person.username, password: NEW_PASSWORD })
  assert.equal(signingIn.path, '/security-settings')
  for (const one of started) await one.app.close()
  rmSync(folder, { recursive: true, force: true })
})

test('personas have their accounts after each start, with the password of the file', async () => {
  const maria = await mySsa.accountOf('maria')
  assert.equal(await mySsa.accounts.hasPassword(maria.id, PASSWORD), true)
  assert.equal(await mySsa.usernames.of(maria.id), 'MariaExample84')
  assert.equal(await mySsa.accounts.findByEmail('oliver@example.com'), undefined)
})

test('no SSN, password or token is in the log (OWASP ASVS 5.0 16.2.5)', async () => {
  const person = await createAccount(mySsa.browser(), offices)
  const log = mySsa.logLines.join('')
  for (const secret of [person.ssn, NEW_PASSWORD, /token=[\w-]{43}/]) {
    assert.doesNotMatch(log, secret instanceof RegExp ? secret : new RegExp(secret))
  }
})
