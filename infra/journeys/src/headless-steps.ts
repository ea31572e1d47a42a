// The steps of a sign-in one by one, in a browser without a screen, for journeys that leave the straight path.

import type { ServiceUrls } from '@gatehouse/contracts/services'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { HeadlessBrowser } from '@gatehouse/testkit/headless-browser'
import type { Page } from '@gatehouse/testkit/page'

/** Presses a button of the page. */
export function press(browser: HeadlessBrowser, button: string, entries = {}): Promise<Page> {
  return browser.submit(browser.page.form({ button }), entries, button)
}

/** From the welcome page of BSO to Login.gov's page for e-mail and password. */
export async function toPassword(browser: HeadlessBrowser, urls: ServiceUrls): Promise<Page> {
  await browser.open(urls.bso)
  await browser.follow('Sign in')
  return press(browser, 'Sign in with Login.gov')
}

/** Afterwards a code is on its way by text. */
export function enterPassword(
  browser: HeadlessBrowser,
  { email, password }: Pick<Persona, 'email' | 'password'>,
): Promise<Page> {
  return press(browser, 'Submit', { 'user[email]': email, 'user[password]': password })
}

export function enterCode(browser: HeadlessBrowser, code: string): Promise<Page> {
  return press(browser, 'Submit', { code })
}

/** Agrees to share where Login.gov asks; it does so once for each person and service. */
export async function consent(browser: HeadlessBrowser): Promise<Page> {
  const asks = browser.page.forms.some(({ element }) => element.text.includes('Agree and continue'))
  return asks ? press(browser, 'Agree and continue') : browser.page
}

export function agreeToTerms(browser: HeadlessBrowser): Promise<Page> {
  return press(browser, 'Next', { agree: true })
}

export function selectUserId(
  browser: HeadlessBrowser,
  { bsoUserId, ein }: Persona['userIds'][number],
): Promise<Page> {
  return press(browser, 'Next', { userId: `${bsoUserId}:${ein}` })
}
