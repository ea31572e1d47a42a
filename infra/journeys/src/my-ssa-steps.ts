// What a person does at my Social Security, at the Ticket Portal and at the letter box, step by step.

import assert from 'node:assert/strict'
import { letterBoxOf } from '@gatehouse/contracts/lab'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { BrowserContext, Page } from 'playwright-core'
import { follow, PATIENCE, press } from './browser-steps.ts'
import { choose } from './login-gov-steps.ts'
import { textOf } from './page-checks.ts'

/** On a page of the security code, at the security settings too. */
export const SECURITY_CODE_FIELD = 'Enter the security code you just received:'
const UPGRADE_CODE_FIELD = 'Enter the Upgrade Code:'

/** The three answers to "Do you have your extra security letter and your phone?". */
export const CHOICES = {
  enable: 'Yes, enable my extra security.',
  skip: 'No, skip this for now.',
  cancel: 'I changed my mind, cancel my request for extra security.',
} as const

/** @throws Error for a persona who has no my Social Security account */
export function usernameOf({ id, mySsa }: Pick<Persona, 'id' | 'mySsa'>): string {
  if (!mySsa) throw new Error(`${id} has no my Social Security account`)
  return mySsa.username
}

/** The ten digits that a person types. */
export function nationalNumber({ phoneNumber }: Pick<Persona, 'phoneNumber'>): string {
  return phoneNumber.replace(/^\+1/, '')
}

/** On "Sign In or Create an Account". */
export async function giveUsername(page: Page, persona: Persona): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(usernameOf(persona))
  await page.getByLabel('Password', { exact: true }).fill(persona.password)
  await press(page, 'Sign In')
}

/** On "Enable your Extra Security". */
export async function answerExtraSecurity(page: Page, choice: keyof typeof CHOICES): Promise<void> {
  await choose(page, CHOICES[choice])
  await press(page, 'Next')
}

/** On the page for a cell phone: to the one for its code. */
export async function giveCellPhone(page: Page, number: string): Promise<void> {
  await page.getByLabel('Enter your Cell Phone Number:').fill(number)
  await press(page, 'Get Text Message')
}

/** Eight digits, wherever a text message is waited for. */
export async function giveSecurityCode(page: Page, code: string): Promise<void> {
  await page.getByLabel(SECURITY_CODE_FIELD).fill(code)
  await press(page, 'Submit Security Code')
}

/** Seven digits. */
export async function giveUpgradeCode(page: Page, code: string): Promise<void> {
  await page.getByLabel(UPGRADE_CODE_FIELD).fill(code)
  await press(page, 'Submit Upgrade Code')
}

/** Opens the letter box of a persona at the lab, in a tab of its own, and in it the newest letter, once it is there. */
export async function openLetter(
  context: BrowserContext,
  lab: string,
  { address }: Pick<Persona, 'address'>,
  subject = 'Your account upgrade code',
): Promise<Page> {
  const letter = await context.newPage()
  await letter.goto(`${lab}/post/${letterBoxOf(address)}`)
  const link = letter.locator('.lab-message').first().getByRole('link', { name: subject })
  for (const end = performance.now() + PATIENCE; (await link.count()) === 0; ) {
    if (performance.now() > end) throw new Error('the letter did not come')
    await letter.reload()
  }
  await follow(letter, subject)
  return letter
}

/** The code in an opened letter. */
export async function codeInLetter(letter: Page): Promise<string> {
  return (await letter.locator('.lab-letter__code').first().textContent()) ?? ''
}

/** Checks that the main part of the page says all of this, whatever its capitals and the lines it breaks into. */
export async function expectWords(page: Page, ...words: string[]): Promise<void> {
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll('’', "'").toLowerCase()
  const said = plain(await textOf(page))
  for (const each of words) assert.ok(said.includes(plain(each)), `“${each}” is not in: ${said}`)
}
