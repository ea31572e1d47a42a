// New accounts at ID.me, from BSO and back again: with a Social Security number, and without one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { agreeToTerms, follow, press } from '../src/browser-steps.ts'
import { giveCode, leaveForIdMe, setUpCodeGenerator } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { choose, chooseOption, codeOnPhone, linkInMail, NEW_PASSWORD } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })
const VERIFY = 'Verify your identity | ID.me'

const DETAILS = {
  'First name': 'Noa',
  'Last name': 'Newcomer',
  'Date of birth': '1990-05-17',
  'Street address': '700 Example Street',
  City: 'Baltimore',
  'State (two letters)': 'MD',
  'ZIP code': '21235',
}

async function confirmAddress(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email', { exact: true }).fill(email)
  await press(page, 'Create account')
  const subject = 'Confirm your email address'
  await page.goto(await linkInMail(page.context(), urls.lab, email, { subject }))
}

async function choosePassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('Choose a password').fill(password)
  await press(page, 'Continue')
}

async function giveEvidence(page: Page, document: string, number: string): Promise<void> {
  for (const [label, value] of Object.entries(DETAILS)) await page.getByLabel(label).fill(value)
  await choose(page, document)
  await page.getByLabel('Number of the document').fill(number)
  await press(page, 'Verify my identity')
}

test('a new person signs up, sets a phone up and is verified with an SSN', options, async (t) => {
  const page = await openVisitor(t)
  const phone = '+12025550171'
  await leaveForIdMe(page, urls.bso, 'Create an account with')
  await look(page, 'im-80-sign-up', 'Create an ID.me account | ID.me')
  await press(page, 'Create account')
  await look(page, 'im-81-sign-up-blank', 'Error: Create an ID.me account | ID.me')
  await confirmAddress(page, 'noa@example.com')
  await look(page, 'im-82-password', 'Create an ID.me account | ID.me')
  await choosePassword(page, 'password')
  await look(page, 'im-83-password-weak', 'Error: Create an ID.me account | ID.me')
  await choosePassword(page, NEW_PASSWORD)
  await look(page, 'im-84-first-method', 'Secure your account | ID.me')
  await chooseOption(page, 'Text message or phone call')
  await look(page, 'im-85-phone', 'Text message or phone call | ID.me')
  for (const [number, why] of [
    ['202-555-0171 x 12', /Phone numbers with an extension cannot be used/],
    ['202-555-0199', /Error D0100/],
    ['202-555-0198', /Error D0200/],
  ] as const) {
    await page.getByLabel('Phone number').fill(number)
    await press(page, 'Continue')
    assert.match(await textOf(page), why)
  }
  await look(page, 'im-86-phone-refused', 'Error: Text message or phone call | ID.me')
  await page.getByLabel('Phone number').fill(phone)
  await press(page, 'Continue')
  await look(page, 'im-87-phone-code', 'Text message or phone call | ID.me')
  await giveCode(page, await codeOnPhone(page.context(), urls.lab, phone))
  await look(page, 'im-88-verify', VERIFY)
  await press(page, 'Verify my identity')
  await look(page, 'im-89-verify-blank', `Error: ${VERIFY}`)
  await giveEvidence(page, 'Social Security number', '123456789')
  assert.match(await textOf(page), /real ones have no place here/)
  await giveEvidence(page, 'Social Security number', '987650000')
  await look(page, 'im-90-not-verified', 'Error: We could not verify your identity | ID.me')
  await follow(page, 'Try again')
  await giveEvidence(page, 'Social Security number', '987-65-4401')
  await look(page, 'im-91-consent', 'Share your information | ID.me')
  assert.match(await textOf(page), /Social Security number/)
  await press(page, 'Allow')
  await agreeToTerms(page)
  await look(page, 'im-92-no-user-id', 'BSO User ID | Social Security')
})

test(
  'a new person without an SSN signs up with a Code Generator and is verified with a passport',
  options,
  async (t) => {
    const page = await openVisitor(t)
    await leaveForIdMe(page, urls.bso, 'Create an account with')
    await confirmAddress(page, 'noa.elsewhere@example.com')
    await choosePassword(page, NEW_PASSWORD)
    await chooseOption(page, 'Code Generator')
    await setUpCodeGenerator(page, urls.lab, '+12025550172')
    await giveEvidence(page, 'Passport', 'X12345678')
    assert.equal(await page.title(), 'Share your information | ID.me')
    assert.doesNotMatch(await textOf(page), /Social Security number/)
    await press(page, 'Allow')
    await agreeToTerms(page)
    assert.equal(await page.title(), 'BSO User ID | Social Security')
  },
)

test('an address that has an account gets a mail that says so, and the page does not', options, async (t) => {
  const page = await openVisitor(t)
  const { email } = gatehouse.persona('maria')
  await page.goto(`${urls['id-me']}/sign-up`)
  await page.getByLabel('Email', { exact: true }).fill(email)
  await press(page, 'Create account')
  await look(page, 'im-93-sent', 'Check your email | ID.me')
  const subject = 'You already have an account'
  await page.goto(await linkInMail(page.context(), urls.lab, email, { subject }))
  assert.equal(await page.title(), 'Sign in | ID.me')
})

test('a persona who fails is not verified, and goes back', options, async (t) => {
  const page = await openVisitor(t)
  const oliver = gatehouse.persona('oliver')
  await leaveForIdMe(page, urls.bso)
  await page.getByLabel('Email', { exact: true }).fill(oliver.email)
  await page.getByLabel('Password', { exact: true }).fill(oliver.password)
  await press(page, 'Sign in')
  await chooseOption(page, 'Text me')
  await giveCode(page, await codeOnPhone(page.context(), urls.lab, oliver.phoneNumber))
  await look(page, 'im-94-verify-persona', VERIFY)
  await press(page, 'Verify my identity')
  assert.equal(await page.title(), 'Error: We could not verify your identity | ID.me')
  await follow(page, '‹ Back to')
  assert.match(await textOf(page), /You are not signed in/)
})
