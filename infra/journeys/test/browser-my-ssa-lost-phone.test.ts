// A lost phone at my Social Security, the notices, and a sign-in that fails.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { codeOnPhone, tick } from '../src/login-gov-steps.ts'
import { thingsToFix } from '../src/my-ssa-account-steps.ts'
import {
  codeInLetter,
  expectWords,
  giveSecurityCode,
  giveUsername,
  nationalNumber,
  openLetter,
} from '../src/my-ssa-steps.ts'
import { pageChecks } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const look = pageChecks({ javaScript: true })
const { urls } = gatehouse
const MY_SSA = urls['my-ssa']
const HERE = 'my Social Security'
const SIGN_IN = `Sign In or Create an Account | ${HERE}`
const SETTINGS = `Security Settings | ${HERE}`
const [maria, daniel] = [gatehouse.persona('maria'), gatehouse.persona('daniel')]
const NEW_PHONE = '+12025550177'

const codeOn = (page: Page, phoneNumber: string) => codeOnPhone(page.context(), urls.lab, phoneNumber)
const ten = (phoneNumber: string) => nationalNumber({ phoneNumber })

test('whoever lost the phone puts another in its place with a reset code', options, async (t) => {
  const page = await openVisitor(t)
  await page.goto(MY_SSA)
  await giveUsername(page, daniel)
  await look(page, 'ms-20-code', `Enter Security Code | ${HERE}`)
  await giveSecurityCode(page, '00000000')
  await look(page, 'ms-21-code-wrong', `Error: Enter Security Code | ${HERE}`)
  await follow(page, 'What if I lose or change my phone number?')
  await look(page, 'ms-22-lost', `Lost or changed phone number | ${HERE}`)
  await press(page, 'Mail Reset Code Instructions')
  await look(page, 'ms-23-lost-empty', `Error: Lost or changed phone number | ${HERE}`)
  await tick(page, 'I agree to the Terms of Service.')
  await tick(page, 'I get my mail at this address.')
  await page.getByLabel('Enter your new Cell Phone Number:').fill(ten(NEW_PHONE))
  await press(page, 'Mail Reset Code Instructions')
  await look(page, 'ms-24-mailed', `We are mailing your instructions | ${HERE}`)
  const letter = await openLetter(page.context(), urls.lab, daniel, 'Your reset code')
  await look(letter, 'ms-25-letter', 'Your reset code | QA desk')
  const resetCode = await codeInLetter(letter)
  await letter.close()
  await press(page, 'Exit')

  await giveUsername(page, daniel)
  await look(page, 'ms-26-new-phone', `Reset your phone number | ${HERE}`)
  // Only the password was given by now, and it does not show the number.
  await page.getByLabel('Your new Cell Phone Number:').fill(ten(NEW_PHONE))
  await press(page, 'Get Text Message')
  await look(page, 'ms-27-new-phone-code', `Reset your phone number - Enter Text Code | ${HERE}`)
  await giveSecurityCode(page, await codeOn(page, NEW_PHONE))
  await look(page, 'ms-28-reset-code', `Enter your reset code | ${HERE}`)
  const enter = async (code: string) => {
    await page.getByLabel('Enter the Reset Code:').fill(code)
    await press(page, 'Submit Reset Code')
  }
  await enter(resetCode === '12345678' ? '12345679' : '12345678')
  await look(page, 'ms-29-reset-code-wrong', `Error: Enter your reset code | ${HERE}`)
  await enter(resetCode)
  assert.equal(await page.title(), SETTINGS)
  await press(page, 'Sign out')
  await giveUsername(page, daniel)
  await giveSecurityCode(page, await codeOn(page, NEW_PHONE))
  assert.equal(await page.title(), SETTINGS)
})

test(
  'the notices pass axe, and so does a sign-in that fails until the username is blocked',
  options,
  async (t) => {
    const page = await openVisitor(t)
    await page.goto(MY_SSA)
    for (const [name, title] of [
      ['ms-30-learn-more', 'Learn More'],
      ['ms-31-paperwork', 'Paperwork Reduction Act'],
      ['ms-32-privacy', 'Privacy Act Statement'],
    ] as const) {
      await follow(page, title)
      await look(page, name, `${title} | ${HERE}`)
      await follow(page, 'Back to Sign In or Create an Account')
    }
    await press(page, 'Sign In')
    await look(page, 'ms-33-sign-in-empty', `Error: ${SIGN_IN}`)
    assert.deepEqual(await thingsToFix(page), ['Enter your username.', 'Enter your password.'])
    const nobody = { ...maria, mySsa: { username: 'NobodyAtAll99', extraSecurity: 'off' as const } }
    for (let tries = 0; tries < 5; tries++) await giveUsername(page, nobody)
    await look(page, 'ms-34-sign-in-blocked', `Error: ${SIGN_IN}`)
    await expectWords(page, 'There were too many wrong tries with this username.')
  },
)
