// What a person does at Login.gov and beside it at the lab, step by step.

import assert from 'node:assert/strict'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { BrowserContext, Page } from 'playwright-core'
import { agreeToTerms, enterPassword, follow, press, selectUserId } from './browser-steps.ts'

/** Good enough for a new account. */
export const NEW_PASSWORD = 'fourteen teal umbrellas'

const CODE_FIELD = 'One-time code'

/** Ticks a box, which the label stands for. */
export async function tick(page: Page, label: string): Promise<void> {
  await page.locator('label.usa-checkbox__label', { hasText: label }).click()
}

/** Chooses one of the radio buttons; `label` is what its label begins with. */
export async function choose(page: Page, label: string): Promise<void> {
  await page.locator('label.usa-radio__label', { hasText: label }).first().click()
}

/** On either page with methods: of a sign-in and of a set-up. */
export async function chooseOption(page: Page, label: string): Promise<void> {
  await choose(page, label)
  await press(page, 'Continue')
}

/** From the page for the e-mail address to the one that says that a mail is on its way. */
async function enterEmail(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email address').fill(email)
  await tick(page, 'I read and accept the Rules of Use')
  await press(page, 'Submit')
}

/** Opens the mail tray of an address at the lab, in a tab of its own, with the newest mail in it. */
export async function openTray(
  context: BrowserContext,
  lab: string,
  email: string,
  subject: string,
): Promise<Page> {
  const tray = await context.newPage()
  await tray.goto(`${lab}/mail/${encodeURIComponent(email)}`)
  await tray.locator('.lab-message').first().getByText(subject, { exact: true }).waitFor()
  return tray
}

/** The link in the newest mail to an address, which must have this subject; the nth of its links. */
export async function linkInMail(
  context: BrowserContext,
  lab: string,
  email: string,
  { subject, nth = 0 }: { subject: string; nth?: number },
): Promise<string> {
  const tray = await openTray(context, lab, email, subject)
  const href = await tray
    .locator('.lab-message')
    .first()
    .locator('.lab-bubble a')
    .nth(nth)
    .getAttribute('href')
  await tray.close()
  assert.ok(href)
  return href
}

/** From the sign-in page to the choice of a first authentication method. */
export async function createAccount(page: Page, lab: string, email: string): Promise<void> {
  await follow(page, 'Create an account')
  await enterEmail(page, email)
  await page.goto(await linkInMail(page.context(), lab, email, { subject: 'Confirm your email address' }))
  await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
  await press(page, 'Continue')
}

/** On the page with the QR code: types the key into the app on a phone of the lab, and its code into the page. */
export async function setUpApp(page: Page, lab: string, phoneNumber: string): Promise<void> {
  const key = (await page.locator('main code').first().textContent()) ?? ''
  const app = await openApp(page.context(), lab, phoneNumber)
  await app.locator('summary', { hasText: 'Add an account' }).click()
  await app.getByLabel('Setup key or otpauth address').fill(key)
  await app.getByLabel('Site').fill('Login.gov')
  await press(app, 'Add account')
  await app.close()
  await page.getByLabel('One-time code from your app').fill(await codeInApp(page.context(), lab, phoneNumber))
  await press(page, 'Submit')
}

/** The app on a phone, in a tab of its own. */
export async function openApp(context: BrowserContext, lab: string, phoneNumber: string): Promise<Page> {
  const app = await context.newPage()
  await app.goto(`${lab}/phones/${encodeURIComponent(phoneNumber)}/authenticator-app`)
  return app
}

/** What the app on a phone shows now for the account added last. */
export async function codeInApp(context: BrowserContext, lab: string, phoneNumber: string): Promise<string> {
  const app = await openApp(context, lab, phoneNumber)
  const code = (await app.locator('[data-authenticator-app] .lab-digits strong').first().textContent()) ?? ''
  await app.close()
  return code
}

/** The code of the newest text on a phone. */
export async function codeOnPhone(
  context: BrowserContext,
  lab: string,
  phoneNumber: string,
): Promise<string> {
  const phone = await context.newPage()
  await phone.goto(`${lab}/phones/${encodeURIComponent(phoneNumber)}`)
  const code = (await phone.locator('.lab-message .lab-digits strong').first().textContent()) ?? ''
  await phone.close()
  return code
}

/** From the choice of a provider to where the sign-in began, with the one-time code of a text. */
export async function signInWithText(
  page: Page,
  lab: string,
  persona: Persona,
  bsoUserId: string,
): Promise<void> {
  await press(page, 'Sign in with Login.gov')
  await enterPassword(page, persona)
  await enterCodeOf(page, await codeOnPhone(page.context(), lab, persona.phoneNumber))
  if (!(await page.title()).startsWith('Terms')) await press(page, 'Agree and continue')
  await agreeToTerms(page)
  await selectUserId(page, bsoUserId)
}

export async function enterCodeOf(page: Page, code: string, label = CODE_FIELD): Promise<void> {
  await page.getByLabel(label).fill(code)
  await press(page, 'Submit')
}

/** At the lab: touches its key, and comes back with the answer. Without scripts there is a button to press on the way. */
export async function touchLabKey(page: Page, { javaScript }: { javaScript: boolean }): Promise<void> {
  const answered = javaScript
    ? page.waitForURL((url) => !url.pathname.startsWith('/security-keys'))
    : undefined
  await press(page, 'Touch')
  if (answered) {
    await answered
    await page.waitForLoadState()
  } else await press(page, 'Continue')
}

/** The list of secrets that is shown once. */
export function secretsOn(page: Page): Promise<string[]> {
  return page.locator('main li code').allInnerTexts()
}

export async function signOut(page: Page, loginGov: string): Promise<void> {
  await page.goto(`${loginGov}/account`)
  await press(page, 'Sign out')
}

/** To the page with the methods to choose from, whichever was asked for first. */
export async function chooseAnother(page: Page, label: string): Promise<void> {
  await follow(page, 'Choose another authentication method')
  await chooseOption(page, label)
}

/** Gives the tab an authenticator of its own, the device's or a key, that says yes to what it knows. */
export async function plugIn(
  page: Page,
  transport: 'internal' | 'usb',
): Promise<{ forget(): Promise<void> }> {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    async forget() {
      await devTools.send('WebAuthn.clearCredentials', { authenticatorId })
    },
  }
}
