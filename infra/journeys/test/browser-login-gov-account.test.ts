import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { enterPassword, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import {
  chooseOption,
  codeInApp,
  enterCodeOf,
  linkInMail,
  NEW_PASSWORD,
  openApp,
  openTray,
  setUpApp,
  signOut,
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
const DAY = 24 * 60 * 60_000
const AUTH_ONLY = { acrValues: 'urn:acr.login.gov:auth-only' }

test(
  'a new person creates an account from a relying service, with the mail tray and an authenticator app',
  options,
  async (t) => {
    const page = await openVisitor(t)
    const email = 'new.person@example.com'
    const phone = '+12025550177'
    await page.goto(service.signInAt(AUTH_ONLY))
    await look(page, 'lg-01-sign-in', 'Sign in | Login.gov')
    await follow(page, 'Create an account')
    await look(page, 'lg-02-create', 'Create an account | Login.gov')
    await press(page, 'Submit')
    await look(page, 'lg-03-create-error', 'Error: Create an account | Login.gov')
    await page.getByLabel('Email address').fill(email)
    await tick(page, 'I read and accept the Rules of Use')
    await press(page, 'Submit')
    await look(page, 'lg-04-check-email', 'Check your email | Login.gov')
    await press(page, 'Send another email')
    assert.match(await textOf(page), /We sent another email/)
    const tray = await openTray(page.context(), urls.lab, email, 'Confirm your email address')
    await look(tray, 'lg-05-mail-tray', `${email} | QA desk`)
    await tray.close()
    await page.goto(
      await linkInMail(page.context(), urls.lab, email, { subject: 'Confirm your email address' }),
    )
    await look(page, 'lg-06-password', 'Create a password | Login.gov')
    await page.getByLabel('Password', { exact: true }).fill('password')
    await press(page, 'Continue')
    await look(page, 'lg-07-password-short', 'Error: Create a password | Login.gov')
    await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
    await press(page, 'Continue')
    await look(page, 'lg-08-set-up', 'Authentication method setup | Login.gov')
    await chooseOption(page, 'Authentication application')
    await look(page, 'lg-09-app', 'Add an authentication app | Login.gov')
    await page.getByRole('img', { name: 'QR code with the key for your app' }).waitFor()
    await press(page, 'Submit')
    await look(page, 'lg-10-app-error', 'Error: Add an authentication app | Login.gov')
    await setUpApp(page, urls.lab, phone)
    await look(page, 'lg-11-consent', 'Share your information | Login.gov')
    assert.match(await textOf(page), new RegExp(`Connect your account to ${SERVICE_NAME}`))
    await press(page, 'Agree and continue')
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)
    assert.equal(service.told().email, email)
    assert.equal(service.told().ial, 'urn:acr.login.gov:auth-only')
    const app = await openApp(page.context(), urls.lab, phone)
    await look(app, 'lg-12-app-at-the-lab', 'Authenticator app of (202) 555-0177 | QA desk')
    await app.close()

    await signOut(page, urls['login-gov'])
    // The code that set it up is used.
    gatehouse.advanceClock(31_000)
    await page.goto(service.signInAt(AUTH_ONLY))
    await enterPassword(page, { email, password: NEW_PASSWORD })
    await look(page, 'lg-13-app-code', 'Enter your one-time code | Login.gov')
    await enterCodeOf(page, '000000')
    await look(page, 'lg-14-app-code-wrong', 'Error: Enter your one-time code | Login.gov')
    // Ticked beforehand: the request asks for no more than the default level.
    assert.ok(await page.getByLabel('Remember this browser').isChecked())
    await enterCodeOf(page, await codeInApp(page.context(), urls.lab, phone))
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)

    await page.goto(service.signInAt(AUTH_ONLY))
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`, 'who is signed in is not asked again')
    await signOut(page, urls['login-gov'])
    await page.goto(service.signInAt(AUTH_ONLY))
    await enterPassword(page, { email, password: NEW_PASSWORD })
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`, 'the browser is remembered')
    gatehouse.advanceClock(30 * DAY)
    await page.goto(service.signInAt(AUTH_ONLY))
    await enterPassword(page, { email, password: NEW_PASSWORD })
    assert.equal(await page.title(), 'Enter your one-time code | Login.gov', 'for 30 days')
  },
)
