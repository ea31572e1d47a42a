import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { enterPassword, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import {
  chooseAnother,
  codeOnPhone,
  enterCodeOf,
  secretsOn,
  signOut,
  touchLabKey,
} from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'
import { OPERATOR_TOKEN, SERVICE_NAME, startRelyingService } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'login-gov': { OPERATOR_TOKEN } },
})
const { urls } = gatehouse
const service = await startRelyingService(urls)
after(() => service.close())
const look = pageChecks({ javaScript: false })
const AUTH_ONLY = { acrValues: 'urn:acr.login.gov:auth-only' }
const maria = gatehouse.persona('maria')

test(
  'without JavaScript a person signs in by text, adds backup codes and a key, and signs in with each',
  options,
  async (t) => {
    const page = await openVisitor(t, { javaScriptEnabled: false })
    await page.goto(service.signInAt(AUTH_ONLY))
    await look(page, 'lg-50-sign-in', 'Sign in | Login.gov')
    await enterPassword(page, maria)
    await look(page, 'lg-51-text', 'Enter your one-time code | Login.gov')
    await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, maria.phoneNumber))
    await look(page, 'lg-52-consent', 'Share your information | Login.gov')
    await press(page, 'Agree and continue')
    assert.equal(service.told().email, maria.email)

    await page.goto(`${urls['login-gov']}/account`)
    await follow(page, 'Manage your authentication methods')
    await look(page, 'lg-53-methods', 'Your authentication methods | Login.gov')
    await follow(page, /^Add ?: Backup codes/)
    await press(page, 'Continue')
    await look(page, 'lg-54-codes', 'Save these backup codes | Login.gov')
    const [code = ''] = await secretsOn(page)
    await follow(page, 'Continue')
    await follow(page, /^Add ?: Security key/)
    await press(page, 'Use the lab’s security key')
    await touchLabKey(page, { javaScript: false })
    await look(page, 'lg-55-added', 'Your authentication methods | Login.gov')
    assert.match(await textOf(page), /The authentication method was added to your account/)

    await signOut(page, urls['login-gov'])
    await page.goto(service.signInAt(AUTH_ONLY))
    await enterPassword(page, maria)
    await look(page, 'lg-56-key', 'Connect your security key | Login.gov')
    await press(page, 'Use the lab’s security key')
    await touchLabKey(page, { javaScript: false })
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)

    await signOut(page, urls['login-gov'])
    await page.goto(service.signInAt(AUTH_ONLY))
    await enterPassword(page, maria)
    await chooseAnother(page, 'Backup codes')
    await look(page, 'lg-57-backup-code', 'Enter your backup code | Login.gov')
    await enterCodeOf(page, code, 'Backup code')
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)
  },
)
