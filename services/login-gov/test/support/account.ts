// What tests of the account pages do again and again.

import assert from 'node:assert/strict'
import { type Browser, textOf } from '@gatehouse/provider/for-tests/browser'
import { PASSWORD, type startLoginGov } from './login-gov.ts'

export type LoginGov = Awaited<ReturnType<typeof startLoginGov>>

/** A password that nobody would guess. */
export const ANOTHER_PASSWORD = 'quartz lantern 92 obsidian'

export const titleOf = ({ body }: { body: string }) => /<title>([^|]*) \|/.exec(body)?.[1]

/** Gives address and password on the sign-in page. */
export async function givePassword(browser: Browser, email: string, password = PASSWORD) {
  await browser.open('/')
  return browser.submit('/', { 'user[email]': email, 'user[password]': password })
}

/** Signs in with a code by text, without a relying service. */
export async function openAccount(idp: LoginGov, email = 'maria@example.com', password = PASSWORD) {
  const browser = idp.browser()
  await givePassword(browser, email, password)
  const page = await browser.submit('/login/two_factor/sms', { code: idp.codes.newestCode })
  assert.equal(browser.path, '/account', textOf(page))
  return browser
}

/** Asks for an account and opens the link in the letter. */
export async function confirmAddress(idp: LoginGov, browser: Browser, email: string) {
  await browser.open('/sign_up/enter_email')
  await browser.submit('/sign_up/enter_email', { 'user[email]': email, 'user[terms_accepted]': '1' })
  return browser.open(idp.mail.link(email, '/sign_up/email/confirm'))
}

/** A new account that has no second factor yet. */
export async function createAccount(idp: LoginGov, browser: Browser, email: string) {
  await confirmAddress(idp, browser, email)
  return browser.submit('/sign_up/enter_password', { 'password_form[password]': ANOTHER_PASSWORD })
}

/** How long a refusal says there is to wait: seconds. */
export const retryAfter = ({ headers }: { headers: Record<string, unknown> }) =>
  Number(headers['retry-after'])
