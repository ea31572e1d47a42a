import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { documentedRequests } from '@gatehouse/numident/documented'
import type { Page } from 'playwright-core'
import {
  agreeToTerms,
  beginSignIn,
  type Channel,
  chooseMethod,
  copiedCode,
  enterCode,
  enterPassword,
  follow,
  openPhone,
  press,
  selectUserId,
  spokenCode,
} from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const maria = gatehouse.persona('maria')

const FIELDS = ['ssn', 'firstName', 'middleName', 'lastName', 'dateOfBirth'] as const

async function requestDocumentedNumbers(page: Page): Promise<void> {
  for (const [index, { request }] of documentedRequests.entries()) {
    for (const field of FIELDS) await page.locator(`#${field}-${index + 1}`).fill(request[field])
    await page.locator(`#gender-${index + 1}`).selectOption(request.gender)
  }
  await press(page, 'Submit')
}

/** The cells of the results, row by row. */
function resultsOn(page: Page): Promise<string[][]> {
  return page.evaluate(`[...document.querySelectorAll('table tbody tr')]
    .map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim()))`)
}

interface Way {
  javaScript: boolean
  channel: Channel
}

/** From the welcome page to the results and out again, looking at each page on the way. */
async function journey(t: TestContext, { javaScript, channel }: Way): Promise<void> {
  const look = pageChecks({ javaScript })
  const page = await openVisitor(t, { javaScriptEnabled: javaScript })

  await page.goto(urls.bso)
  await look(page, '01-welcome', 'Welcome | Business Services Online')
  await beginSignIn(page, urls.bso)
  await look(page, '02-provider', 'Sign In or Create an Account | Social Security')
  await press(page, 'Sign in with Login.gov')
  await look(page, '03-password', 'Sign in | Login.gov')
  const phone = await openPhone(page.context(), urls.lab, maria)
  await enterPassword(page, maria)
  await look(page, '04-code', 'Enter your one-time code | Login.gov')
  let code: string
  if (channel === 'text') code = await copiedCode(phone)
  else {
    // Past the cool-down of the text that was sent first.
    gatehouse.advanceClock(11_000)
    await follow(page, 'Choose another authentication method')
    await look(page, '05-methods', 'Select your authentication method | Login.gov')
    await chooseMethod(page, channel)
    await look(page, '06-call', 'Enter your one-time code | Login.gov')
    code = await spokenCode(phone)
  }
  await look(phone, `07-phone-${channel}`, '(202) 555-0142 | QA desk')
  await enterCode(page, code)
  if (!(await page.title()).startsWith('Terms')) {
    await look(page, '08-consent', 'Share your information | Login.gov')
    await press(page, 'Agree and continue')
  }
  await look(page, '09-terms', 'Terms of Service | Social Security')
  await agreeToTerms(page)
  await look(page, '10-user-id', 'BSO User ID | Social Security')
  await selectUserId(page, 'MARIA7K2')

  await look(page, '11-main-menu', 'BSO Main Menu | Business Services Online')
  assert.equal(new URL(page.url()).origin, urls.bso)
  assert.match(await textOf(page), /Maria Example/)
  await follow(page, 'CBSV: Consent Based Social Security Number Verification Service')
  await look(page, '12-cbsv', 'CBSV Main Menu | Business Services Online')
  await follow(page, 'Request Online SSN Verification')
  await look(page, '13-online', 'Consent Based SSN Verification | Business Services Online')
  await requestDocumentedNumbers(page)
  await look(page, '14-results', 'Consent Based SSN Verification Results | Business Services Online')
  const results = await resultsOn(page)
  assert.deepEqual(
    results.map((cells) => [cells[0], cells[1], cells.at(-1)]),
    documentedRequests.map(({ request: { ssn, firstName }, result }) => [
      `XXXXX${ssn.slice(5)}`,
      firstName,
      result,
    ]),
  )
  const shown = await page.content()
  for (const { request } of documentedRequests) assert.ok(!shown.includes(request.ssn))
  await follow(page, 'what to do about numbers that do not verify')
  await look(page, '15-help', 'CBSV Help | Business Services Online')

  await press(page, 'Logout')
  await look(page, '16-log-out', 'Log out | Social Security')
  await press(page, 'Yes')
  await look(page, '17-signed-out', 'Welcome | Business Services Online')
  assert.equal(new URL(page.url()).pathname, '/signed-out')
  assert.match(await textOf(page), /You are logged out/)
  await page.goto(`${urls.bso}/main-menu`)
  assert.equal(new URL(page.url()).origin, urls['sign-in'], 'who logged out is asked to sign in')
  assert.match(await page.title(), /^Sign In or Create an Account/)
}

test(
  'a person signs in with a text, verifies three numbers and logs out, and every page passes axe (WCAG 2.1 AA)',
  options,
  (t) => journey(t, { javaScript: true, channel: 'text' }),
)

test('the same without JavaScript, with a call', options, (t) =>
  journey(t, { javaScript: false, channel: 'call' }),
)
