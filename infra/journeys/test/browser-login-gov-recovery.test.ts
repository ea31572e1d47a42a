import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { enterPassword, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import {
  chooseOption,
  codeOnPhone,
  createAccount,
  enterCodeOf,
  linkInMail,
  NEW_PASSWORD,
  openTray,
  tick,
} from '../src/login-gov-steps.ts'
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
const HOUR = 60 * 60_000
const DAY = 24 * HOUR

test('who forgot the password chooses another by the link in a mail', options, async (t) => {
  const page = await openVisitor(t)
  const james = gatehouse.persona('james')
  await page.goto(service.signInAt(AUTH_ONLY))
  await follow(page, 'Forgot your password?')
  await look(page, 'lg-100-forgot', 'Forgot your password? | Login.gov')
  await page.getByLabel('Email address').fill(james.email)
  await press(page, 'Continue')
  await look(page, 'lg-101-check-email', 'Check your email | Login.gov')
  const subject = 'Reset your password'
  await page.goto(await linkInMail(page.context(), urls.lab, james.email, { subject }))
  await look(page, 'lg-102-new-password', 'Change your password | Login.gov')
  await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
  await press(page, 'Change password')
  await look(page, 'lg-103-changed', 'Sign in | Login.gov')
  assert.match(await textOf(page), /Your password was changed/)
  await enterPassword(page, { email: james.email, password: NEW_PASSWORD })
  await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, james.phoneNumber))
  await press(page, 'Agree and continue')
  assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)
})

test(
  'who lost every method waits a day, deletes the account, and is somebody new with the next one',
  options,
  async (t) => {
    const page = await openVisitor(t)
    const { email, phoneNumber, password } = gatehouse.persona('nadia')
    await page.goto(service.signInAt(AUTH_ONLY))
    await enterPassword(page, { email, password })
    await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, phoneNumber))
    await press(page, 'Agree and continue')
    const { sub } = service.told()
    await page.context().clearCookies()

    gatehouse.advanceClock(11_000)
    await page.goto(service.signInAt(AUTH_ONLY))
    await enterPassword(page, { email, password })
    await follow(page, 'Choose another authentication method')
    await look(page, 'lg-104-methods', 'Select your authentication method | Login.gov')
    await follow(page, 'Delete your account and create a new one')
    await look(page, 'lg-105-sure', 'Are you sure you want to delete your account? | Login.gov')
    await follow(page, 'Yes, continue to deletion')
    await look(page, 'lg-106-request', 'Delete your account | Login.gov')
    await press(page, 'Request to delete my account')
    await look(page, 'lg-107-requested', 'You have requested to delete your account | Login.gov')
    await follow(page, 'Sign in')
    await enterPassword(page, { email, password })
    await look(page, 'lg-108-pending', 'You requested to delete your account | Login.gov')
    await follow(page, 'Cancel request')
    await look(page, 'lg-109-cancel', 'Do you want to cancel the request to delete your account? | Login.gov')

    gatehouse.advanceClock(DAY)
    const tray = await openTray(page.context(), urls.lab, email, 'Delete your account')
    await look(tray, 'lg-110-mail', `${email} | QA desk`)
    await tray.close()
    await page.goto(await linkInMail(page.context(), urls.lab, email, { subject: 'Delete your account' }))
    await look(page, 'lg-111-delete', 'Delete your account now? | Login.gov')
    await press(page, 'Delete my account')
    await look(page, 'lg-112-deleted', 'Sign in | Login.gov')
    assert.match(await textOf(page), /Your account was deleted/)

    await page.goto(service.signInAt(AUTH_ONLY))
    await createAccount(page, urls.lab, email)
    await chooseOption(page, 'Backup codes')
    await press(page, 'Continue')
    await follow(page, 'Continue')
    await press(page, 'Agree and continue')
    assert.equal(service.told().email, email)
    assert.notEqual(service.told().sub, sub)
  },
)

test('rules of use are accepted again after five years', options, async (t) => {
  const page = await openVisitor(t)
  const maria = gatehouse.persona('maria')
  gatehouse.advanceClock(5 * 366 * DAY)
  await page.goto(service.signInAt(AUTH_ONLY))
  await enterPassword(page, maria)
  await look(page, 'lg-113-rules', 'Rules of Use | Login.gov')
  await press(page, 'Continue')
  await look(page, 'lg-114-not-accepted', 'Error: Rules of Use | Login.gov')
  await tick(page, 'I read and accept the Rules of Use')
  await press(page, 'Continue')
  assert.equal(await page.title(), 'Enter your one-time code | Login.gov')
})
