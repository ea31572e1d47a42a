// What somebody changes at my Social Security beside adding extra security: what the Ticket Portal needs, and the security
// settings.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { agreeToTerms, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { choose, codeOnPhone } from '../src/login-gov-steps.ts'
import { thingsToFix } from '../src/my-ssa-account-steps.ts'
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
const look = pageChecks({ javaScript: true })
const { urls } = gatehouse
const MY_SSA = urls['my-ssa']
const HERE = 'my Social Security'
const SETTINGS = `Security Settings | ${HERE}`
const maria = gatehouse.persona('maria')
const NEW_PHONE = '+12025550177'
const LANDLINE = '2025550194'

const codeOn = (page: Page, phoneNumber: string) => codeOnPhone(page.context(), urls.lab, phoneNumber)
const ten = (phoneNumber: string) => nationalNumber({ phoneNumber })

test(
  'who has no extra security asks for it on the way to the Ticket Portal, or goes on without',
  options,
  async (t) => {
    const page = await openVisitor(t)
    await page.goto(`${urls['ticket-portal']}/sign-in`)
    await giveUsername(page, maria)
    await look(page, 'ms-01-needed', `Extra security is needed | ${HERE}`)
    await press(page, 'Next')
    await look(page, 'ms-02-needed-error', `Error: Extra security is needed | ${HERE}`)
    await choose(page, 'Yes, mail me the letter')
    await press(page, 'Next')
    await look(page, 'ms-03-needed-requested', `Extra security is needed | ${HERE}`)
    await choose(page, 'No, go on without extra security.')
    await press(page, 'Next')
    await agreeToTerms(page)
    assert.equal(await page.title(), 'Extra security is needed | Ticket Portal')
  },
)

test('extra security is added, its phone changed, and it is removed again', options, async (t) => {
  const page = await openVisitor(t)
  await page.goto(MY_SSA)
  await giveUsername(page, maria)
  await answerExtraSecurity(page, 'skip')
  await look(page, 'ms-10-requested', SETTINGS)
  await follow(page, 'Enable or cancel extra security')
  await answerExtraSecurity(page, 'enable')
  await giveCellPhone(page, ten(maria.phoneNumber))
  await giveSecurityCode(page, await codeOn(page, maria.phoneNumber))
  const letter = await openLetter(page.context(), urls.lab, maria)
  await giveUpgradeCode(page, await codeInLetter(letter))
  await letter.close()
  await follow(page, 'Next')
  await look(page, 'ms-11-on', SETTINGS)

  await follow(page, 'Change your cell phone number')
  await look(page, 'ms-12-phone', `Change your cell phone number | ${HERE}`)
  await press(page, 'Get Text Message')
  await look(page, 'ms-13-phone-empty', `Error: Change your cell phone number | ${HERE}`)
  assert.equal((await thingsToFix(page)).length, 2)
  const change = async (number: string) => {
    await page.getByLabel('Password', { exact: true }).fill(maria.password)
    await page.getByLabel('New Cell Phone Number:').fill(number)
    await press(page, 'Get Text Message')
  }
  await change(LANDLINE)
  assert.deepEqual(await thingsToFix(page), [
    'This number cannot receive text messages. Enter the number of a cell phone.',
  ])
  await change(ten(NEW_PHONE))
  await look(page, 'ms-14-phone-code', `Change your cell phone number - Enter Text Code | ${HERE}`)
  await giveSecurityCode(page, await codeOn(page, NEW_PHONE))
  await look(page, 'ms-15-phone-changed', SETTINGS)
  await expectWords(page, 'Your cell phone number is changed.')

  await follow(page, 'Remove extra security')
  await look(page, 'ms-16-remove', `Remove extra security | ${HERE}`)
  await page.getByLabel('Password', { exact: true }).fill('not my password at all')
  await press(page, 'Remove extra security')
  await look(page, 'ms-17-remove-wrong', `Error: Remove extra security | ${HERE}`)
  await page.getByLabel('Password', { exact: true }).fill(maria.password)
  await press(page, 'Remove extra security')
  await look(page, 'ms-18-removed', SETTINGS)
  await press(page, 'Add extra security')
  await look(page, 'ms-19-added-again', SETTINGS)
  await expectWords(page, 'We are mailing a letter with your upgrade code.')
})
