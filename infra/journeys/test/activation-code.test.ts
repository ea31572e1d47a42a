// Seed 001 §2.8 to 2.10: a service is requested, a letter with an activation code comes to the employer, the employee
// enters the code, and only then CBSV opens.

import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { type Persona, startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { openLetterBox } from '@gatehouse/testkit/letter-box'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import { documented, verify } from '../src/gateway-requests.ts'
import { press } from '../src/headless-steps.ts'

const DAY = 24 * 60 * 60 * 1000
const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const james = gatehouse.persona('james')
const bounded = { timeout: 180_000 }

/** Example Mortgage Company, for which CBSV is not active with James's User ID JAMES8W3. */
const EIN = '960002037'
const ADDRESS = { street: '2 Mortgage Avenue', zipCode: '21202' }

/** BSO's main menu, signed in for that employer. */
async function toMainMenu(t: TestContext, persona: Persona) {
  const browser = openBrowser()
  t.after(() => browser.close())
  await browser.open(urls.bso)
  await browser.follow('Sign in')
  await completeSignIn(browser, { urls, persona, ein: EIN })
  assert.equal(browser.page.heading, 'BSO Main Menu')
  return browser
}

const enter = (browser: Awaited<ReturnType<typeof toMainMenu>>, code: string) =>
  press(browser, 'Activate Service(s)', { code })

test(
  'CBSV opens with the activation code that comes to the employer by letter, and after another sign-in',
  bounded,
  async (t) => {
    const box = await openLetterBox(urls, ADDRESS)
    const before = await signInHeadless({ urls, persona: james, ein: EIN })
    assert.equal((await verify(urls, { token: before.tokens.access_token })).status, 403)

    const browser = await toMainMenu(t, james)
    assert.match(browser.page.text, /CBSV is not active for this User ID/)
    await browser.follow('Request New Services')
    const pending = await press(browser, 'Request this service')
    assert.equal(pending.heading, 'View Pending Services')
    assert.match(pending.alerts.join(), /You have requested CBSV/)
    const letter = await box.nextLetter(/activation code/i)
    assert.equal(letter.to.name, 'Responsible Company Official')
    assert.equal(letter.to.company, 'Example Mortgage Company')
    assert.match(JSON.stringify(letter.blocks), /User ID JAMES8W3/)

    await browser.follow('Enter Activation Code(s)')
    const wrong = await enter(browser, 'ZZZZZZZZ')
    assert.equal(wrong.status, 422)
    assert.match(wrong.alerts.join(), /4 tries left/)

    // The letter was lost, and found again: its code has ended.
    await browser.follow('View Pending Services')
    await press(browser, 'Re-Request Activation Code')
    const second = await box.nextLetter(/activation code/i)
    await browser.follow('Enter Activation Code(s)')
    assert.match((await enter(browser, letter.code)).alerts.join(), /3 tries left/)

    const confirmed = await enter(browser, second.code.toLowerCase())
    assert.equal(confirmed.heading, 'Enter Activation Code(s) - Confirmation')
    assert.match(confirmed.text, /Social Security has approved your request/)
    assert.equal((await browser.open(`${urls.bso}/cbsv`)).status, 403, 'this sign-in began before')

    await browser.open(`${urls.bso}/services/activated`)
    await browser.follow('Sign in again to use CBSV')
    const menu = await completeSignIn(browser, { urls, persona: james, ein: EIN })
    assert.equal(menu.url, `${urls.bso}/cbsv`)
    await browser.follow('Request Online SSN Verification')
    const cells = Object.entries(documented[0] ?? {}).map(([field, value]) => [`${field}-1`, value])
    const results = await press(browser, 'Submit', Object.fromEntries(cells))
    assert.equal(results.heading, 'Consent Based SSN Verification Results')

    const { tokens, claims } = await signInHeadless({ urls, persona: james, ein: EIN })
    assert.equal(claims.bso_user_id, 'JAMES8W3')
    const verified = await verify(urls, { token: tokens.access_token })
    assert.deepEqual([verified.status, verified.results], [200, ['Yes', 'No', 'Deceased']])
    const old = await verify(urls, { token: before.tokens.access_token })
    assert.equal(old.status, 403, 'a token of before gains nothing')

    const log = (await gatehouse.logLines()).join('\n')
    for (const { code } of [letter, second]) assert.ok(!log.includes(code), 'no code is in the log')
  },
)

test('an activation code that was not entered within 60 days is requested again', bounded, async (t) => {
  const nadia = gatehouse.persona('nadia')
  const box = await openLetterBox(urls, ADDRESS)
  const browser = await toMainMenu(t, nadia)
  await browser.follow('Request New Services')
  await press(browser, 'Request this service')
  const expired = await box.nextLetter(/activation code/i)

  gatehouse.advanceClock(61 * DAY)
  const again = await toMainMenu(t, nadia)
  const pending = await again.follow('View Pending Services')
  assert.match(pending.text, /has expired at the end of/)
  await again.follow('Enter Activation Code(s)')
  assert.match((await enter(again, expired.code)).alerts.join(), /no longer valid/)
  await again.follow('View Pending Services')
  await press(again, 'Re-Request Activation Code')
  const letter = await box.nextLetter(/activation code/i)
  await again.follow('Enter Activation Code(s)')
  assert.equal((await enter(again, letter.code)).heading, 'Enter Activation Code(s) - Confirmation')
})
