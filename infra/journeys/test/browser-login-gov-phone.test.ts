import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { enterPassword, follow, openPhone, press, spokenCode } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import {
  choose,
  chooseAnother,
  chooseOption,
  codeOnPhone,
  createAccount,
  enterCodeOf,
  NEW_PASSWORD,
  signOut,
} from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'
import { expectSignedIn, OPERATOR_TOKEN, startRelyingService } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'login-gov': { OPERATOR_TOKEN } },
})
const { urls } = gatehouse
const service = await startRelyingService(urls)
after(() => service.close())
const look = pageChecks({ javaScript: true })
/** At AAL2 no browser is remembered. */
const AUTH_ONLY = { acrValues: 'urn:acr.login.gov:auth-only http://idmanagement.gov/ns/assurance/aal/2' }

/** A new account up to the choice of its first authentication method. */
async function newAccount(page: Page, email: string): Promise<void> {
  await page.goto(service.signInAt(AUTH_ONLY))
  await createAccount(page, urls.lab, email)
}

async function agree(page: Page, email: string): Promise<void> {
  await press(page, 'Agree and continue')
  await expectSignedIn(page, service, email)
}

/** With the password, out of a session that goes on to the second factor. */
async function again(page: Page, email: string): Promise<void> {
  await signOut(page, urls['login-gov'])
  await page.goto(service.signInAt(AUTH_ONLY))
  await enterPassword(page, { email, password: NEW_PASSWORD })
}

test('a phone is set up by call and signs in by call, and by text when asked to', options, async (t) => {
  const page = await openVisitor(t)
  const email = 'phone@example.com'
  const number = '+12025550178'
  await newAccount(page, email)
  await chooseOption(page, 'Text or voice message')
  await look(page, 'lg-39-add-phone', 'Get your one-time code | Login.gov')
  await page.getByLabel('Phone number').fill('555')
  await press(page, 'Send code')
  await look(page, 'lg-40-phone-wrong', 'Error: Get your one-time code | Login.gov')
  await page.getByLabel('Phone number').fill('(202) 555-0178')
  await choose(page, 'Phone call')
  await press(page, 'Send code')
  await look(page, 'lg-41-confirm-phone', 'Enter your one-time code | Login.gov')
  const phone = await openPhone(page.context(), urls.lab, { phoneNumber: number })
  await enterCodeOf(page, await spokenCode(phone))
  await agree(page, email)

  gatehouse.advanceClock(11_000)
  await again(page, email)
  assert.match(await textOf(page), /We are calling/)
  await follow(page, 'Send another code')
  await look(page, 'lg-42-too-soon', 'Enter your one-time code | Login.gov')
  gatehouse.advanceClock(11_000)
  await chooseAnother(page, 'Text message')
  await look(page, 'lg-43-text', 'Enter your one-time code | Login.gov')
  await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, number))
  await expectSignedIn(page, service, email)
})
