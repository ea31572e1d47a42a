// What a person does at my Social Security in a browser without a screen, step by step.

import type { ServiceUrls } from '@gatehouse/contracts/services'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { HeadlessBrowser } from '@gatehouse/testkit/headless-browser'
import type { LetterBox } from '@gatehouse/testkit/letter-box'
import { type Page, readPage } from '@gatehouse/testkit/page'
import { type Phone, pickUpPhone } from '@gatehouse/testkit/phone'
import { press } from './headless-steps.ts'

/** The subject of the letter with the upgrade code. */
export const UPGRADE_CODE_LETTER = /upgrade code/i

/** Somebody with a my Social Security account. */
type Holder = Pick<Persona, 'mySsa' | 'password' | 'phoneNumber'>

/** The ten digits that a person types. */
export function tenDigits(phoneNumber: string): string {
  return phoneNumber.replace(/^\+1/, '')
}

/** On "Sign In or Create an Account". */
export function giveUsername(browser: HeadlessBrowser, { mySsa, password }: Holder): Promise<Page> {
  return press(browser, 'Sign In', { username: mySsa?.username ?? '', password })
}

/** From the first page of my Social Security to whatever comes after the password. */
export async function signIn(browser: HeadlessBrowser, urls: ServiceUrls, person: Holder): Promise<Page> {
  await browser.open(urls['my-ssa'])
  return giveUsername(browser, person)
}

/** On "Enable your Extra Security". */
export function answer(browser: HeadlessBrowser, choice: 'enable' | 'skip' | 'cancel'): Promise<Page> {
  return press(browser, 'Next', { choice })
}

/** On the page for a cell phone. @param number as it is typed */
export function giveNumber(browser: HeadlessBrowser, number: string): Promise<Page> {
  return press(browser, 'Get Text Message', { number })
}

/** The code of a text, wherever one is asked for. */
export function giveSecurityCode(browser: HeadlessBrowser, code: string): Promise<Page> {
  return press(browser, 'Submit Security Code', { code })
}

/** The code of the letter. */
export function giveUpgradeCode(browser: HeadlessBrowser, code: string): Promise<Page> {
  return press(browser, 'Submit Upgrade Code', { code })
}

/** From "Enable your Extra Security" to the page for the upgrade code. @param phone E.164 */
export async function confirmPhone(
  browser: HeadlessBrowser,
  urls: ServiceUrls,
  phoneNumber: string,
): Promise<Page> {
  const phone = await pickUpPhone(urls, phoneNumber)
  await answer(browser, 'enable')
  await giveNumber(browser, tenDigits(phoneNumber))
  return giveSecurityCode(browser, await phone.nextCode())
}

/** Signs in, asks for extra security in the settings, and takes the letter out of the box. Gives its upgrade code. */
export async function requestExtraSecurity(
  browser: HeadlessBrowser,
  urls: ServiceUrls,
  { person, box }: { person: Holder; box: LetterBox },
): Promise<string> {
  await signIn(browser, urls, person)
  await press(browser, 'Add extra security')
  return (await box.nextLetter(UPGRADE_CODE_LETTER)).code
}

/** Signs in with username, password and text. @returns the page after it, and the code */
export async function signInWithText(
  browser: HeadlessBrowser,
  urls: ServiceUrls,
  { person, phone }: { person: Holder; phone: Phone },
): Promise<{ page: Page; code: string }> {
  await signIn(browser, urls, person)
  const code = await phone.nextCode()
  return { page: await giveSecurityCode(browser, code), code }
}

/**
 * Posts one field to a page that the browser does not show, with the token of a form that it does show: what somebody does
 * who knows the addresses.
 */
export function postTo(browser: HeadlessBrowser, url: string, entry: Record<string, string>): Promise<Page> {
  const [, token = ''] = browser.page.form().values.find(([name]) => name === '_csrf') ?? []
  const fields = ['_csrf', ...Object.keys(entry)].map((name) => `<input name="${name}">`)
  const form = readPage(url, 200, `<form method="post">${fields.join('')}</form>`).form()
  return browser.submit(form, { _csrf: token, ...entry })
}
