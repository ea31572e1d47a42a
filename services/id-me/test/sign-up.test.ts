// A new account (`op=signup`, fact sheet 2), from the address to the relying service; identity, community and consent.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Browser, textOf, titleOf } from '@gatehouse/provider/for-tests/browser'
import { authorizeUrl, IAL2, NS, PASSWORD as PERSONA_PASSWORD, REDIRECT_URI } from './support/id-me.ts'
import { type People, startWithPeople } from './support/people.ts'

let idMe: People
before(async () => {
  idMe = await startWithPeople()
})
after(() => idMe.app.close())

const PASSWORD = 'nine quiet herons rent a lighthouse'
const SIGN_UP = authorizeUrl({ op: 'signup' })
let count = 0
function newAddress() {
  count += 1
  return `new-${count}@example.com`
}

const evidence = {
  givenName: 'Test',
  familyName: 'Person',
  birthdate: '1990-02-28',
  document: 'ssn',
  number: '987-65-4320',
  street: '1 Test Street',
  city: 'Baltimore',
  state: 'md',
  zip: '21235',
}

/** From the request to the account with its password. */
async function signUp(browser: Browser, url = SIGN_UP) {
  const email = newAddress()
  await browser.open(url)
  assert.equal(browser.path, '/sign-up')
  const sent = await browser.submit('/sign-up', { email })
  assert.equal(titleOf(sent), 'Check your email')
  const confirmed = await browser.open(idMe.services.linkTo(email))
  assert.ok(textOf(confirmed).includes(email))
  await browser.submit('/sign-up/link', { password: PASSWORD })
  return email
}

async function addPhone(browser: Browser) {
  assert.equal(browser.path, '/second-factor/new')
  await browser.submit('/second-factor/new', { method: 'phone' })
  await browser.submit('/second-factor/new/phone', { number: '2025550150', channel: 'text' })
  await browser.submit('/second-factor/new/phone/code', { code: idMe.services.newestCode })
}

/** Signed in by a code, on the way to a policy. */
async function onTheWay(id: string, scope: string) {
  const account = await idMe.accountOf(id)
  const browser = idMe.browser()
  await browser.open(authorizeUrl({ scope: `openid ${scope}` }))
  await browser.submit('/sign-in', { email: account.email, password: PERSONA_PASSWORD })
  if (browser.path === '/second-factor/phone') {
    advanceClock(31_000)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    await browser.submit('/second-factor/phone/code', { code: idMe.services.newestCode })
  }
  return browser
}

describe('a new account', () => {
  test('address, password, phone, identity, consent, and back with a code', async () => {
    const browser = idMe.browser()
    const email = await signUp(browser)
    await addPhone(browser)
    assert.equal(browser.path, '/verification')
    await browser.submit('/verification', evidence)
    const consent = browser.last
    assert.equal(browser.path, '/consent')
    assert.match(textOf(consent), /Allow Social Security to see:/)
    await browser.submit('/consent', { answer: 'allow' })
    const back = new URL(String(browser.last.headers.location))
    assert.equal(back.origin + back.pathname, REDIRECT_URI)
    assert.ok(back.searchParams.get('code'))
    const { profile } = (await idMe.accounts.findByEmail(email)) ?? assert.fail('there is no account')
    assert.equal(profile?.socialSecurityNumber, '987654320')
    assert.equal(profile?.address.region, 'MD')
    assert.equal(profile?.phoneNumber, '+12025550150')
  })

  test('the mail may be opened in another browser: the request goes on there', async () => {
    const browser = idMe.browser()
    const email = newAddress()
    await browser.open(SIGN_UP)
    await browser.submit('/sign-up', { email })
    const another = idMe.browser()
    await another.open(idMe.services.linkTo(email))
    await another.submit('/sign-up/link', { password: PASSWORD })
    await addPhone(another)
    assert.equal(another.path, '/verification')
  })

  test('an address that has an account is answered the same, by page', async () => {
    const browser = idMe.browser()
    await browser.open('/sign-up')
    const page = await browser.submit('/sign-up', { email: 'maria@example.com' })
    assert.equal(titleOf(page), 'Check your email')
    const letter = idMe.services.lettersTo('maria@example.com').at(-1)
    assert.match(letter?.subject ?? '', /already have an account/)
    assert.ok(!letter?.text.includes('token='))
  })

  test('a weak password is refused, and so is a link that is used or too old (NIST SP 800-63B-4 §3.1.1.2)', async () => {
    const browser = idMe.browser()
    const email = newAddress()
    await browser.open('/sign-up')
    await browser.submit('/sign-up', { email })
    const link = idMe.services.linkTo(email)
    await browser.open(link)
    assert.equal((await browser.submit('/sign-up/link', { password: 'short' })).statusCode, 422)
    assert.equal((await browser.submit('/sign-up/link', { password: 'qwertyuiop' })).statusCode, 422)
    await browser.submit('/sign-up/link', { password: PASSWORD })
    assert.equal(browser.path, '/second-factor/new')
    assert.equal((await idMe.browser().open(link)).statusCode, 410)

    const late = newAddress()
    await idMe.browser().open('/sign-up')
    const other = idMe.browser()
    await other.open('/sign-up')
    await other.submit('/sign-up', { email: late })
    advanceClock(86_400_000)
    assert.equal((await other.open(idMe.services.linkTo(late))).statusCode, 410)
  })

  test('what is no address is told', async () => {
    const browser = idMe.browser()
    await browser.open('/sign-up')
    const page = await browser.submit('/sign-up', { email: 'two@at@signs' })
    assert.equal(page.statusCode, 422)
    assert.match(page.body, /href="#email"/)
  })
})

describe('the identity', () => {
  test('a persona passes as the file says', async () => {
    const browser = await onTheWay('priya', IAL2)
    assert.equal(browser.path, '/verification')
    assert.match(textOf(browser.last), /one of the personas/)
    await browser.submit('/verification')
    assert.equal(browser.path, '/consent')
    assert.ok((await idMe.accountOf('priya')).profile)
  })

  test('one that fails gets no further', async () => {
    const identity = (await idMe.accountOf('maria')).evidence?.identity ?? assert.fail('maria has evidence')
    const person = await idMe.person({ evidence: { identity, outcome: 'fails' } })
    await person.addPhone()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email)
    await browser.submit('/second-factor/phone', { channel: 'text' })
    await browser.submit('/second-factor/phone/code', { code: idMe.services.newestCode })
    const failed = await browser.submit('/verification')
    assert.equal(failed.statusCode, 422)
    assert.match(textOf(failed), /could not verify your identity.*Back to Social Security/)
    await browser.open(authorizeUrl())
    assert.equal(browser.path, '/verification')
  })

  test('a policy that always verifies asks again for each request, once', async () => {
    const always = `${NS}/ial/2/aal/2-always-verify`
    const browser = await onTheWay('maria', always)
    assert.equal(browser.path, '/verification')
    await browser.submit('/verification')
    assert.equal(browser.path, '/consent')
    await browser.submit('/consent', { answer: 'allow' })
    assert.ok(String(browser.last.headers.location).startsWith(REDIRECT_URI))
    await browser.open(authorizeUrl({ scope: `openid ${always}`, state: 'another' }))
    assert.equal(browser.path, '/verification')
  })

  test('people without an SSN verify by passport, whose number is not kept', async () => {
    const browser = idMe.browser()
    const email = await signUp(browser)
    await addPhone(browser)
    await browser.submit('/verification', { ...evidence, document: 'passport', number: 'x12345678' })
    assert.equal(browser.path, '/consent')
    const { profile } = (await idMe.accounts.findByEmail(email)) ?? assert.fail('there is no account')
    assert.ok(profile)
    assert.ok(!('socialSecurityNumber' in profile))
    assert.ok(!JSON.stringify(profile).includes('12345678'))
  })

  const malformed: [string, Record<string, string>, string][] = [
    ['a name that is left empty', { givenName: ' ' }, 'givenName'],
    ['a day that is none', { birthdate: '1990-02-30' }, 'birthdate'],
    ['a day to come', { birthdate: '2099-01-01' }, 'birthdate'],
    ['no document', { document: '' }, 'document'],
    ['an SSN of eight digits', { number: '98765432' }, 'number'],
    ['an SSN that may be real', { number: '123456789' }, 'number'],
    ['a passport of ten', { document: 'passport', number: 'X123456789' }, 'number'],
    ['a state of three letters', { state: 'MDX' }, 'state'],
    ['a ZIP code of four digits', { zip: '2123' }, 'zip'],
  ]
  test('what is not in its form is named, and the number is never shown again', async () => {
    const browser = idMe.browser()
    await signUp(browser)
    await addPhone(browser)
    for (const [what, changes, field] of malformed) {
      const page = await browser.submit('/verification', { ...evidence, ...changes })
      assert.equal(page.statusCode, 422, what)
      assert.ok(page.body.includes(`href="#${field}"`), what)
      assert.ok(!page.body.includes(changes.number ?? evidence.number), what)
    }
    const failed = await browser.submit('/verification', { ...evidence, number: '987650000' })
    assert.match(textOf(failed), /could not verify your identity/)
  })
})

describe('communities (fact sheet 3)', () => {
  test('a persona of the group goes on', async () => {
    const browser = await onTheWay('james', 'military')
    assert.equal(browser.path, '/consent')
    assert.match(textOf(browser.last), /communities/)
  })

  test('others do not', async () => {
    const browser = await onTheWay('maria', 'teacher')
    assert.equal(browser.path, '/verification/group')
    assert.equal(browser.last.statusCode, 422)
    assert.match(textOf(browser.last), /could not verify that you belong to: teacher/)
  })
})

describe('consent', () => {
  test('is asked once for each policy, and again for another', async () => {
    const browser = await onTheWay('mateo', 'login')
    assert.equal(browser.path, '/consent')
    await browser.submit('/consent', { answer: 'allow' })
    await browser.open(authorizeUrl({ scope: 'openid login' }))
    assert.ok(String(browser.last.headers.location).startsWith(REDIRECT_URI))
    await browser.open(authorizeUrl({ scope: 'openid teacher' }))
    assert.equal(browser.path, '/consent')
  })

  test('denied, the relying service gets access_denied', async () => {
    const browser = await onTheWay('mateo', `${NS}/ial/1/aal/1`)
    await browser.submit('/consent', { answer: 'deny' })
    const back = new URL(String(browser.last.headers.location))
    assert.equal(back.searchParams.get('error'), 'access_denied')
    await browser.open(authorizeUrl({ scope: `openid ${NS}/ial/1/aal/1` }))
    assert.equal(browser.path, '/consent')
  })

  test('a post counts for what its page showed, and for no other request', async () => {
    const browser = await onTheWay('maria', 'login')
    const shown = browser.last
    await browser.open(authorizeUrl({ scope: `openid ${NS}/ial/1/aal/1` }))
    browser.last = shown
    await browser.post('/consent', { answer: 'allow' })
    assert.equal(browser.last.headers.location, '/consent')
  })
})
