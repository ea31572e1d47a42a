// What a person does in a browser, step by step, from the BSO welcome page on. Elements are found as people find them:
// by what they say.

import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { BrowserContext, Page } from 'playwright-core'

const SECOND_FACTOR = { text: 'Text message', call: 'Automated phone call' }
export type Channel = keyof typeof SECOND_FACTOR

/** Milliseconds that anything in a browser may take. */
export const PATIENCE = 20_000

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Presses a button and waits until the page that it leads to stands. */
export async function press(page: Page, name: string): Promise<void> {
  await button(page, name).first().click()
  await page.waitForLoadState()
}

/** Follows a link in the same way. */
export async function follow(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('link', { name }).first().click()
  await page.waitForLoadState()
}

/** From the welcome page to the choice of a provider. */
export async function beginSignIn(page: Page, bso: string): Promise<void> {
  await page.goto(bso)
  await follow(page, 'Sign in')
}

export async function enterPassword(page: Page, persona: Pick<Persona, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('Email address').fill(persona.email)
  await page.getByLabel('Password', { exact: true }).fill(persona.password)
  await press(page, 'Submit')
}

/** On the page with the authentication methods. */
export async function chooseMethod(page: Page, channel: Channel): Promise<void> {
  await page.locator('label', { hasText: SECOND_FACTOR[channel] }).click()
  await press(page, 'Continue')
}

export async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('One-time code').fill(code)
  await press(page, 'Submit')
}

export async function agreeToTerms(page: Page): Promise<void> {
  await page.locator('label[for=agree]').click()
  await press(page, 'Next')
}

export async function selectUserId(page: Page, bsoUserId: string): Promise<void> {
  const select = page.getByLabel('Please select a User ID and EIN')
  const option = select.locator('option', { hasText: bsoUserId })
  await select.selectOption((await option.getAttribute('value')) ?? '')
  await press(page, 'Next')
}

/** On the form of the online verification: one row, not sent yet. */
export async function fillInRow(
  page: Page,
  { ssn, firstName, lastName, dateOfBirth }: Record<'ssn' | 'firstName' | 'lastName' | 'dateOfBirth', string>,
): Promise<void> {
  await page.locator('#ssn-1').fill(ssn)
  await page.locator('#firstName-1').fill(firstName)
  await page.locator('#lastName-1').fill(lastName)
  await page.locator('#dateOfBirth-1').fill(dateOfBirth)
}

/** Opens the page of a phone at the lab, in a tab of its own. */
export async function openPhone(
  context: BrowserContext,
  lab: string,
  persona: Pick<Persona, 'phoneNumber'>,
): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${lab}/phones/${encodeURIComponent(persona.phoneNumber)}`)
  return page
}

/** The large code of the newest message, once it stands there, without reloading the page. */
export async function largeCode(phone: Page): Promise<string> {
  const newest = phone.locator('.lab-message').first()
  return (await newest.locator('.lab-digits strong').textContent()) ?? ''
}

/** The same, by the button beside it and the clipboard. */
export async function copiedCode(phone: Page): Promise<string> {
  const code = await largeCode(phone)
  await phone.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await phone.bringToFront()
  await phone.getByRole('button', { name: `Copy the code ${code}` }).click()
  // Where a screen reader hears it too.
  await phone.locator('[role=status]', { hasText: 'Copied' }).waitFor()
  return phone.evaluate<string>('navigator.clipboard.readText()')
}

/** The digits of the newest call as they were spoken the first time. Reloads the page until they were. */
export async function spokenCode(phone: Page): Promise<string> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    const call = phone.locator('.lab-message', { has: phone.locator('.lab-tag--call') }).first()
    const spoken = (await call.count()) === 0 ? [] : await call.locator('.lab-line--said').allInnerTexts()
    const digits = spoken.map((line) => line.trim()).filter((line) => /^\d$/.test(line))
    if (digits.length >= 12) return digits.slice(0, 6).join('')
    await phone.reload()
  }
  throw new Error('no call said a code')
}
