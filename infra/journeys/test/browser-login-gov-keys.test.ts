import { after, type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { enterPassword, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption, createAccount, NEW_PASSWORD, plugIn, signOut } from '../src/login-gov-steps.ts'
import { pageChecks } from '../src/page-checks.ts'
import { expectSignedIn, OPERATOR_TOKEN, startRelyingService } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'login-gov': { OPERATOR_TOKEN } },
})
const { urls } = gatehouse
const service = await startRelyingService(urls)
after(() => service.close())
const AUTH_ONLY = 'urn:acr.login.gov:auth-only'
/** Only what resists phishing will do. */
const PHISHING_RESISTANT = `${AUTH_ONLY} http://idmanagement.gov/ns/assurance/aal/2?phishing_resistant=true`

const DEVICES = {
  internal: {
    option: 'Face or touch unlock',
    add: 'Add face or touch unlock',
    use: 'Use face or touch unlock',
    setUpTitle: 'Add face or touch unlock | Login.gov',
    title: 'Use face or touch unlock | Login.gov',
  },
  usb: {
    option: 'Security key',
    add: 'Add security key',
    use: 'Use security key',
    setUpTitle: 'Add your security key | Login.gov',
    title: 'Connect your security key | Login.gov',
  },
} as const

/** A new account up to the choice of its first authentication method. */
async function newAccount(t: TestContext, email: string, javaScriptEnabled = true): Promise<Page> {
  const page = await openVisitor(t, { javaScriptEnabled })
  await page.goto(service.signInAt({ acrValues: PHISHING_RESISTANT }))
  await createAccount(page, urls.lab, email)
  return page
}

for (const transport of ['internal', 'usb'] as const) {
  const { option, add, use, setUpTitle, title } = DEVICES[transport]
  const isOfDevice = transport === 'internal'

  test(
    `${isOfDevice ? 'a passkey of the device' : 'a security key'} is set up and signs in`,
    options,
    async (t) => {
      const look = pageChecks({ javaScript: true })
      const email = `${transport}@example.com`
      const page = await newAccount(t, email)
      if (isOfDevice) await look(page, 'lg-20-phishing-resistant', 'Authentication method setup | Login.gov')
      await chooseOption(page, option)
      await look(page, `lg-21-add-${transport}`, setUpTitle)
      const device = await plugIn(page, transport)
      await press(page, add)
      await page.waitForURL(/\/sign_up\/completed/)
      await press(page, 'Agree and continue')
      await expectSignedIn(page, service, email)

      await signOut(page, urls['login-gov'])
      await page.goto(service.signInAt({ acrValues: PHISHING_RESISTANT }))
      await enterPassword(page, { email, password: NEW_PASSWORD })
      await look(page, `lg-22-use-${transport}`, title)
      await press(page, use)
      await page.waitForURL(/\/result/)
      await expectSignedIn(page, service, email)

      await signOut(page, urls['login-gov'])
      await page.goto(service.signInAt({ acrValues: AUTH_ONLY }))
      await enterPassword(page, { email, password: NEW_PASSWORD })
      await device.forget()
      await page.getByRole('button', { name: use }).click()
      await page.getByText('Nothing was verified').waitFor()
      await look(page, `lg-23-cancelled-${transport}`, title)
    },
  )
}
