// What a person does at ID.me and beside it at the lab, step by step.

import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { BrowserContext, Page } from 'playwright-core'
import { beginSignIn, follow, press } from './browser-steps.ts'
import { chooseOption, codeInApp, codeOnPhone, openApp } from './login-gov-steps.ts'

type Person = Pick<Persona, 'email' | 'password'>

/** The title of each page of a second factor. */
export const COMPLETE = 'Complete your sign in | ID.me'

/** From the welcome page of BSO over the page about leaving to ID.me; `does` is what the button begins with. */
export async function leaveForIdMe(page: Page, bso: string, does = 'Sign in with'): Promise<void> {
  await beginSignIn(page, bso)
  await press(page, `${does} ID.me`)
  await press(page, 'OK')
}

export async function givePassword(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Sign in')
}

/** On any page that asks for a code, whichever; what the label of its field is like. */
export async function giveCode(
  page: Page,
  code: string,
  label: string | RegExp = 'Enter the 6-digit code',
): Promise<void> {
  await page.getByLabel(label).fill(code)
  await press(page, 'Continue')
}

/** To the settings of somebody with a phone and perhaps more, by a text. */
export async function openSettings(
  page: Page,
  urls: { 'id-me': string; lab: string },
  persona: Persona,
): Promise<void> {
  await page.goto(`${urls['id-me']}/settings`)
  await givePassword(page, persona)
  if (await page.getByText('How do you want to complete your sign in?').isVisible()) {
    await chooseOption(page, 'Text message or phone call')
  }
  await chooseOption(page, 'Text me')
  await giveCode(page, await codeOnPhone(page.context(), urls.lab, persona.phoneNumber))
}

/** From the settings to the page that sets a method up. */
export async function setUp(page: Page, method: string): Promise<void> {
  await follow(page, 'Set up another method')
  await chooseOption(page, method)
}

/** On the page with the QR code: types the key into the app on a phone of the lab, and its code into the page. */
export async function setUpCodeGenerator(page: Page, lab: string, phoneNumber: string): Promise<void> {
  const key = (await page.locator('#setup-key').textContent()) ?? ''
  const app = await openApp(page.context(), lab, phoneNumber)
  await app.locator('summary', { hasText: 'Add an account' }).click()
  await app.getByLabel('Setup key or otpauth address').fill(key)
  await app.getByLabel('Site').fill('ID.me')
  await press(app, 'Add account')
  await app.close()
  await giveCode(page, await codeInApp(page.context(), lab, phoneNumber))
}

/** Answers the newest question on a phone, in a tab of its own. */
export async function answerOnPhone(
  context: BrowserContext,
  lab: string,
  phoneNumber: string,
  decision: 'Approve' | 'Deny',
): Promise<void> {
  const phone = await context.newPage()
  await phone.goto(`${lab}/phones/${encodeURIComponent(phoneNumber)}`)
  await press(phone, decision)
  await phone.close()
}
