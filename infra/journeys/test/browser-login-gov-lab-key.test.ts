import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { enterPassword, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption, createAccount, NEW_PASSWORD, signOut, touchLabKey } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'
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

/** A new account up to the choice of its first authentication method. */
async function newAccount(t: TestContext, email: string, javaScriptEnabled = true): Promise<Page> {
  const page = await openVisitor(t, { javaScriptEnabled })
  await page.goto(service.signInAt({ acrValues: PHISHING_RESISTANT }))
  await createAccount(page, urls.lab, email)
  return page
}

for (const javaScript of [true, false]) {
  test(
    `the lab's security key is set up and signs in ${javaScript ? 'with' : 'without'} JavaScript`,
    options,
    async (t) => {
      const look = pageChecks({ javaScript })
      const email = `lab-${javaScript}@example.com`
      const page = await newAccount(t, email, javaScript)
      await chooseOption(page, 'Security key')
      await look(page, 'lg-24-add-key', 'Add your security key | Login.gov')
      await press(page, 'Use the lab’s security key')
      await look(page, 'lg-25-touch', 'Touch your security key | QA desk')
      await touchLabKey(page, { javaScript })
      await press(page, 'Agree and continue')
      await expectSignedIn(page, service, email)

      await signOut(page, urls['login-gov'])
      await page.goto(service.signInAt({ acrValues: PHISHING_RESISTANT }))
      await enterPassword(page, { email, password: NEW_PASSWORD })
      await press(page, 'Use the lab’s security key')
      await look(page, 'lg-26-touch-again', 'Touch your security key | QA desk')
      await follow(page, 'Cancel')
      await look(page, 'lg-27-methods', 'Select your authentication method | Login.gov')
      await chooseOption(page, 'Security key')
      await press(page, 'Use the lab’s security key')
      await touchLabKey(page, { javaScript })
      await expectSignedIn(page, service, email)
      await page.goto(`${urls['login-gov']}/account/two_factor_authentication`)
      assert.match(await textOf(page), /Security key/)
      await page.goto(`${urls.lab}/security-keys`)
      await look(page, 'lg-28-lab-keys', 'Security keys | QA desk')
    },
  )
}
