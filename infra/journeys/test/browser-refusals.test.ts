import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import {
  agreeToTerms,
  beginSignIn,
  enterCode,
  enterPassword,
  follow,
  largeCode,
  openPhone,
  press,
  selectUserId,
} from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })

async function toPassword(page: Page): Promise<void> {
  await beginSignIn(page, urls.bso)
  await press(page, 'Sign in with Login.gov')
}

/** From the welcome page past the consent. */
async function toTerms(page: Page, id: string): Promise<void> {
  const persona = gatehouse.persona(id)
  await toPassword(page)
  const phone = await openPhone(page.context(), urls.lab, persona)
  const before = await phone.locator('.lab-message').count()
  await enterPassword(page, persona)
  await phone.locator('.lab-message').nth(before).waitFor()
  await enterCode(page, await largeCode(phone))
  await phone.close()
  // Login.gov asks for consent once.
  if (new URL(page.url()).origin === urls['login-gov']) await press(page, 'Agree and continue')
}

test('a wrong password, a wrong code and a lock-out are said on pages that pass axe', options, async (t) => {
  const page = await openVisitor(t)
  const james = gatehouse.persona('james')
  await toPassword(page)
  await enterPassword(page, { email: james.email, password: 'not the one he has' })
  await look(page, '20-wrong-password', 'Error: Sign in | Login.gov')
  await enterPassword(page, james)
  await enterCode(page, '000000')
  await look(page, '21-wrong-code', 'Error: Enter your one-time code | Login.gov')
  await follow(page, 'Send another code')
  await look(page, '22-too-soon', 'Enter your one-time code | Login.gov')
  for (let tries = 0; tries < 8; tries++) await enterCode(page, '000000')
  await look(page, '23-last-try', 'Error: Enter your one-time code | Login.gov')
  await enterCode(page, '000000')
  await look(page, '24-locked', 'Error: Account temporarily locked | Login.gov')
  gatehouse.advanceClock(11 * 60_000)
})

test(
  'terms that are not agreed to and a User ID that is not chosen are said, and Exit leads back',
  options,
  async (t) => {
    const page = await openVisitor(t)
    await toTerms(page, 'maria')
    await press(page, 'Next')
    await look(page, '25-terms-not-ticked', 'Error: Terms of Service | Social Security')
    await agreeToTerms(page)
    await press(page, 'Next')
    await look(page, '26-no-user-id', 'Error: BSO User ID | Social Security')
    await press(page, 'Exit')
    await look(page, '27-left', 'Welcome | Business Services Online')
    assert.match(await textOf(page), /You left the sign-in/)
  },
)

test(
  'somebody without a User ID requests one; without CBSV the main menu says how to get it',
  options,
  async (t) => {
    const page = await openVisitor(t)
    await toTerms(page, 'nadia')
    await agreeToTerms(page)
    await look(page, '28-no-user-ids', 'BSO User ID | Social Security')
    await follow(page, 'Request a new User ID')
    await look(page, '29-new-user-id', 'Request a new User ID | Social Security')
    await page.getByLabel('Employer Identification Number (EIN)').fill('12')
    await press(page, 'Request User ID')
    await look(page, '30-ein-wrong', 'Error: Request a new User ID | Social Security')
    await page.getByLabel('Employer Identification Number (EIN)').fill('96-0002037')
    await press(page, 'Request User ID')
    await look(page, '31-user-id-issued', 'BSO User ID | Social Security')
    await press(page, 'Next')
    await look(page, '32-menu-without-cbsv', 'BSO Main Menu | Business Services Online')
    assert.match(await textOf(page), /CBSV is not active for this User ID/)
    await page.goto(`${urls.bso}/cbsv`)
    assert.match(await page.title(), /^Error: /)
    await look(page, '33-no-cbsv', await page.title())
  },
)

test('somebody who is not proofed gets no further than Login.gov', options, async (t) => {
  const page = await openVisitor(t)
  const oliver = gatehouse.persona('oliver')
  await toPassword(page)
  const phone = await openPhone(page.context(), urls.lab, oliver)
  await enterPassword(page, oliver)
  await enterCode(page, await largeCode(phone))
  await page.locator('label[for=ial2_consent_given]').click()
  await press(page, 'Continue')
  await press(page, 'Continue')
  await page.getByLabel('Social Security number').fill(oliver.ssn ?? '')
  await press(page, 'Continue')
  await press(page, 'Submit')
  await look(page, '34-not-proofed', 'We could not verify your identity | Login.gov')
  assert.equal(new URL(page.url()).origin, urls['login-gov'])
  await follow(page, 'Exit Login.gov')
  await look(page, '35-back-at-provider-choice', 'Sign In or Create an Account | Social Security')
  assert.match(await textOf(page), /You are not signed in/)
  await page.goto(`${urls['login-gov']}/account`)
  await look(page, '36-account', 'Your account | Login.gov')
})

test('what CBSV refuses is said at its field, and the misuse alert in full', options, async (t) => {
  const page = await openVisitor(t)
  gatehouse.advanceClock(11_000)
  await toTerms(page, 'maria')
  await agreeToTerms(page)
  await selectUserId(page, 'MARIA7K2')
  await page.goto(`${urls.bso}/cbsv/online-verification`)
  const title = 'Consent Based SSN Verification | Business Services Online'
  await press(page, 'Submit')
  await look(page, '37-nothing-entered', `Error: ${title}`)
  await page.locator('#ssn-2').fill('987-65-4320')
  await page.locator('#lastName-2').fill('Sample')
  await page.locator('#dateOfBirth-2').fill('13011975')
  await page.locator('#firstName-10').fill('Avery')
  await press(page, 'Submit')
  await look(page, '38-field-errors', `Error: ${title}`)
  for (let row = 1; row <= 6; row++) {
    await page.locator(`#ssn-${row}`).fill('987654320')
    await page.locator(`#firstName-${row}`).fill('Avery')
    await page.locator(`#lastName-${row}`).fill('Sample')
    await page.locator(`#dateOfBirth-${row}`).fill('')
  }
  await page.locator('#firstName-10').fill('')
  await press(page, 'Submit')
  await look(page, '39-misuse', 'Error: Potential Misuse Alert | Business Services Online')
  await page.goto(`${urls.bso}/sign-in`)
  assert.equal(new URL(page.url()).pathname, '/main-menu', 'who is signed in is not asked again')
})
