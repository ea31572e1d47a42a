import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { enterPassword, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { codeInApp, codeOnPhone, enterCodeOf, linkInMail, setUpApp, signOut } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'
import { OPERATOR_TOKEN, SERVICE_NAME, startRelyingService } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'login-gov': { OPERATOR_TOKEN } },
})
const { urls } = gatehouse
const service = await startRelyingService(urls)
after(() => service.close())
const look = pageChecks({ javaScript: true })
const AUTH_ONLY = { acrValues: 'urn:acr.login.gov:auth-only' }
const loginGov = urls['login-gov']
const james = gatehouse.persona('james')
const MINUTE = 60_000
const SECOND_EMAIL = 'james.sample@example.com'

async function signInAtAccount(page: Page): Promise<void> {
  gatehouse.advanceClock(11_000)
  await page.goto(`${loginGov}/account`)
  await enterPassword(page, james)
  await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, james.phoneNumber))
}

test('a person looks after e-mail addresses, password, language and methods', options, async (t) => {
  const page = await openVisitor(t)
  await signInAtAccount(page)
  await look(page, 'lg-80-account', 'Your account | Login.gov')
  assert.match(await textOf(page), /Your identity is verified/)
  assert.ok(!(await page.content()).includes(james.ssn ?? ''))

  await follow(page, 'Add email')
  await press(page, 'Submit')
  await look(page, 'lg-81-add-email', 'Error: Add email | Login.gov')
  await page.getByLabel('Email address').fill(SECOND_EMAIL)
  await press(page, 'Submit')
  await look(page, 'lg-82-check-email', 'Check your email | Login.gov')
  const subject = 'Confirm your email address'
  await page.goto(await linkInMail(page.context(), urls.lab, SECOND_EMAIL, { subject }))
  await look(page, 'lg-83-email-added', 'Your account | Login.gov')
  await page.getByRole('link', { name: new RegExp(`^Delete ?${SECOND_EMAIL}`) }).waitFor()

  await follow(page, 'Change your password')
  await look(page, 'lg-84-password', 'Change your password | Login.gov')
  await page.getByLabel('Password', { exact: true }).fill(james.password)
  await press(page, 'Update')
  assert.match(await textOf(page), /Your password was changed/)
  await follow(page, 'Change language')
  await look(page, 'lg-85-language', 'Email language preference | Login.gov')
  await press(page, 'Save')

  await follow(page, 'Manage your authentication methods')
  await follow(page, /^Manage ?\(\*/)
  await look(page, 'lg-86-phone', 'Manage (***)\u00a0***\u20110143 | Login.gov')
  assert.match(await textOf(page), /the only authentication method of your account/)
  await follow(page, 'Back to your authentication methods')
  await follow(page, /^Add ?: Authentication application/)
  await setUpApp(page, urls.lab, james.phoneNumber)
  await look(page, 'lg-87-methods', 'Your authentication methods | Login.gov')
  await press(page, 'Forget all browsers')
  assert.match(await textOf(page), /All browsers were forgotten/)

  // The session lives on while somebody is there; the password is not asked for so often.
  gatehouse.advanceClock(14 * MINUTE)
  await page.goto(`${loginGov}/account`)
  gatehouse.advanceClock(7 * MINUTE)
  await follow(page, 'Delete account')
  await look(page, 'lg-88-password-again', 'Confirm your password | Login.gov')
  await page.getByLabel('Password', { exact: true }).fill(james.password)
  await press(page, 'Continue')
  await enterCodeOf(page, await codeInApp(page.context(), urls.lab, james.phoneNumber))
  await look(page, 'lg-89-delete', 'Delete account | Login.gov')
})

test('a person chooses what a service gets, comes back to it, and disconnects it', options, async (t) => {
  const page = await openVisitor(t)
  const maria = gatehouse.persona('maria')
  await page.goto(service.signInAt(AUTH_ONLY))
  await enterPassword(page, maria)
  await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, maria.phoneNumber))
  await follow(page, 'Change email address to share')
  await look(page, 'lg-90-select-email', 'Choose email to share | Login.gov')
  await press(page, 'Save and continue')
  await press(page, 'Agree and continue')
  assert.equal(service.told().email, maria.email)

  await page.goto(`${loginGov}/account/connected_accounts`)
  await look(page, 'lg-91-connected', 'Your connected accounts | Login.gov')
  await signOut(page, loginGov)
  await page.goto(`${loginGov}/account`)
  await enterPassword(page, maria)
  await page.goto(service.signInAt(AUTH_ONLY))
  await look(page, 'lg-92-continue-as', 'Already signed in | Login.gov')
  assert.match(await textOf(page), new RegExp(maria.email))
  await press(page, 'Continue')
  assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)

  await page.goto(`${loginGov}/account/connected_accounts`)
  await follow(page, /^Disconnect/)
  await look(page, 'lg-93-disconnect', `Disconnect your account from ${SERVICE_NAME}? | Login.gov`)
  await press(page, 'Disconnect')
  assert.match(await textOf(page), /You have no connected accounts/)
  await page.goto(service.signInAt(AUTH_ONLY))
  assert.equal(await page.title(), 'Share your information | Login.gov')
  await follow(page, `Back to ${SERVICE_NAME}`)
  assert.equal(service.told().error, 'access_denied')
})
