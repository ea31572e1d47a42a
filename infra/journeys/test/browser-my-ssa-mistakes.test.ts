// What the screens of "Adding Extra Security" say to who mistypes, leaves half way, or skips it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreeToTerms, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { codeOnPhone } from '../src/login-gov-steps.ts'
import {
  answerExtraSecurity,
  codeInLetter,
  expectWords,
  giveCellPhone,
  giveSecurityCode,
  giveUpgradeCode,
  giveUsername,
  nationalNumber,
  openLetter,
} from '../src/my-ssa-steps.ts'
import { pageChecks } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })
const LANDLINE = '2025550194'
const SIGN_IN = 'Sign In or Create an Account | my Social Security'
const ENABLE = 'Enable your Extra Security | my Social Security'
const PHONE = 'Enable Extra Security - Add Phone | my Social Security'
const CODE = 'Enable your Extra Security - Enter Text Code | my Social Security'

/** Another code of the same length. */
const wrong = (code: string) => code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10))

test('every screen says what to fix, and whoever leaves goes on where it stood', options, async (t) => {
  const page = await openVisitor(t)
  const ruth = gatehouse.persona('ruth')
  await page.goto(urls['ticket-portal'])
  await follow(page, 'Sign In')
  await press(page, 'Sign In')
  await look(page, 'ms-30-nothing-entered', `Error: ${SIGN_IN}`)
  await expectWords(page, 'Enter your username.', 'Enter your password.')
  await giveUsername(page, { ...ruth, password: wrong(ruth.password) })
  await look(page, 'ms-31-wrong-password', `Error: ${SIGN_IN}`)
  await giveUsername(page, ruth)
  await press(page, 'Next')
  await look(page, 'ms-32-nothing-chosen', `Error: ${ENABLE}`)

  await answerExtraSecurity(page, 'enable')
  await giveCellPhone(page, '555-0148')
  await look(page, 'ms-33-short-number', `Error: ${PHONE}`)
  await expectWords(page, 'Enter a 10-digit number, area code first.')
  await giveCellPhone(page, LANDLINE)
  await look(page, 'ms-34-landline', `Error: ${PHONE}`)
  await expectWords(page, 'This number cannot receive text messages.')
  await giveCellPhone(page, nationalNumber(ruth))
  const phoneCode = await codeOnPhone(page.context(), urls.lab, ruth.phoneNumber)
  await giveSecurityCode(page, wrong(phoneCode))
  await look(page, 'ms-35-wrong-security-code', `Error: ${CODE}`)
  await press(page, 'Send a new text message')
  await look(page, 'ms-36-too-soon', CODE)
  await expectWords(page, 'You can ask for another one in')
  await giveSecurityCode(page, phoneCode)

  const letter = await openLetter(page.context(), urls.lab, ruth)
  const upgradeCode = await codeInLetter(letter)
  await giveUpgradeCode(page, wrong(upgradeCode))
  await look(page, 'ms-37-wrong-upgrade-code', `Error: ${ENABLE}`)
  await follow(page, 'Exit')
  await look(page, 'ms-38-left', 'Sign In or Create an Account | Social Security')

  // In another browser the phone need not be confirmed again, only named, but the text is asked for before the portal opens.
  const other = await openVisitor(t)
  await other.goto(urls['ticket-portal'])
  await follow(other, 'Sign In')
  await giveUsername(other, ruth)
  await answerExtraSecurity(other, 'enable')
  await look(other, 'ms-39-resumed', ENABLE)
  await expectWords(other, 'Welcome back!')
  await giveUpgradeCode(other, upgradeCode)
  await look(other, 'ms-39-resumed-without-number', `Error: ${ENABLE}`)
  await other.getByLabel('Enter your Cell Phone Number again:').fill(nationalNumber(ruth))
  await giveUpgradeCode(other, upgradeCode)
  await follow(other, 'Next')
  gatehouse.advanceClock(60_000)
  await look(other, 'ms-40-text-is-to-come', 'Enter Security Code | my Social Security')
  await press(other, 'Get Text Message')
  await giveSecurityCode(other, await codeOnPhone(other.context(), urls.lab, ruth.phoneNumber))
  await agreeToTerms(other)
  assert.equal(await other.title(), 'Ticket Portal | Ticket Portal')
})

test('whoever goes on without extra security is told by the Ticket Portal what to do', options, async (t) => {
  const page = await openVisitor(t)
  await page.goto(urls['ticket-portal'])
  await follow(page, 'Sign In')
  await giveUsername(page, gatehouse.persona('maria'))
  await look(page, 'ms-50-needed', 'Extra security is needed | my Social Security')
  await press(page, 'Next')
  await look(page, 'ms-51-nothing-chosen', 'Error: Extra security is needed | my Social Security')
  await page.locator('label', { hasText: 'No, go on without extra security.' }).click()
  await press(page, 'Next')
  await agreeToTerms(page)
  await look(page, 'ms-52-portal', 'Extra security is needed | Ticket Portal')
  await expectWords(page, 'You signed in without extra security.', 'Yes, enable my extra security.')
  // What was skipped is asked again, without the password.
  await follow(page, 'Sign in again')
  assert.equal(await page.title(), 'Extra security is needed | my Social Security')
})
