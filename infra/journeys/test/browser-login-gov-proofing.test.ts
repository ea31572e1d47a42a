import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { Page } from 'playwright-core'
import { enterPassword, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { choose, chooseAnother, codeOnPhone, enterCodeOf, signOut, tick } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'
import { OPERATOR_TOKEN, SERVICE_NAME, startRelyingService } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'login-gov': { OPERATOR_TOKEN } },
})
const { urls } = gatehouse
const service = await startRelyingService(urls, { ial: 2 })
after(() => service.close())
const look = pageChecks({ javaScript: true })
const scope = 'openid email profile:name social_security_number'
const VERIFIED = { acrValues: 'urn:acr.login.gov:verified', scope }
const FACE_MATCHED = { acrValues: 'urn:acr.login.gov:verified-facial-match-required', scope }

/** To the first page of proofing. */
async function toProofing(page: Page, persona: Persona, request: typeof VERIFIED): Promise<void> {
  await page.goto(service.signInAt(request))
  await enterPassword(page, persona)
  await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, persona.phoneNumber))
}

async function giveConsent(page: Page): Promise<void> {
  await tick(page, 'I agree that Login.gov')
  await press(page, 'Continue')
}

/** From the document, which is filled in, to the review. */
async function giveDocumentAndSsn(page: Page, { ssn = '' }: Persona): Promise<void> {
  await press(page, 'Continue')
  await page.getByLabel('Social Security number').fill(ssn)
  await press(page, 'Continue')
}

/** From the phone, which is filled in, to the personal key. */
async function provePhone(page: Page, { phoneNumber, password }: Persona): Promise<void> {
  gatehouse.advanceClock(11_000)
  await press(page, 'Send code')
  await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, phoneNumber))
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press(page, 'Continue')
}

async function keepPersonalKey(page: Page): Promise<string> {
  const key = (await page.locator('#personal-key').textContent()) ?? ''
  await tick(page, 'I saved my personal key')
  await press(page, 'Continue')
  return key
}

test(
  'somebody unproofed is verified, signs in by personal key, and is compared with a photo later',
  options,
  async (t) => {
    const page = await openVisitor(t)
    const priya = gatehouse.persona('priya')
    await toProofing(page, priya, VERIFIED)
    await look(page, 'lg-60-welcome', 'Verify your identity | Login.gov')
    await press(page, 'Continue')
    await look(page, 'lg-61-no-consent', 'Error: Verify your identity | Login.gov')
    await giveConsent(page)
    await look(page, 'lg-62-document', 'Add your document | Login.gov')
    await press(page, 'Continue')
    await look(page, 'lg-63-ssn', 'Enter your Social Security number | Login.gov')
    await page.getByLabel('Social Security number').fill(priya.ssn ?? '')
    await press(page, 'Continue')
    await look(page, 'lg-64-review', 'Verify your information | Login.gov')
    assert.ok(!(await page.content()).includes(priya.ssn ?? ''))
    await press(page, 'Submit')
    await look(page, 'lg-65-phone', 'Verify your phone number | Login.gov')
    gatehouse.advanceClock(11_000)
    await press(page, 'Send code')
    await look(page, 'lg-66-code', 'Enter your one-time code | Login.gov')
    await enterCodeOf(page, await codeOnPhone(page.context(), urls.lab, priya.phoneNumber))
    await look(page, 'lg-67-password', 'Enter your password to finish | Login.gov')
    await page.getByLabel('Password', { exact: true }).fill(priya.password)
    await press(page, 'Continue')
    await look(page, 'lg-68-personal-key', 'Save your personal key | Login.gov')
    const personalKey = await keepPersonalKey(page)
    await look(page, 'lg-69-consent', 'Share your information | Login.gov')
    await press(page, 'Agree and continue')
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)
    assert.equal(service.told().ial, 'urn:acr.login.gov:verified')
    assert.equal(service.told().given_name, priya.firstName)
    assert.equal(service.told().social_security_number, priya.ssn)

    await signOut(page, urls['login-gov'])
    gatehouse.advanceClock(11_000)
    await page.goto(service.signInAt(VERIFIED))
    await enterPassword(page, priya)
    await chooseAnother(page, 'Personal Key')
    await look(page, 'lg-70-enter-personal-key', 'Enter your personal key | Login.gov')
    await enterCodeOf(page, personalKey, 'Personal key')
    await look(page, 'lg-71-new-personal-key', 'Save your personal key | Login.gov')
    await follow(page, 'Continue')
    assert.equal(await page.title(), `Signed in | ${SERVICE_NAME}`)

    await page.goto(service.signInAt(FACE_MATCHED))
    await look(page, 'lg-72-face-welcome', 'Verify your identity | Login.gov')
    await giveConsent(page)
    await press(page, 'Continue')
    await look(page, 'lg-73-photo', 'Take a photo of yourself | Login.gov')
    await choose(page, 'It does not match')
    await press(page, 'Take photo')
    await look(page, 'lg-76-photo-differs', 'Error: Take a photo of yourself | Login.gov')
    await choose(page, 'It matches the document')
    await press(page, 'Take photo')
    await page.getByLabel('Social Security number').fill(priya.ssn ?? '')
    await press(page, 'Continue')
    await press(page, 'Submit')
    await provePhone(page, priya)
    await keepPersonalKey(page)
    await press(page, 'Agree and continue')
    assert.equal(service.told().ial, 'urn:acr.login.gov:verified-facial-match-required')
  },
)

test(
  'somebody who cannot be verified is told so, and goes back to the relying service',
  options,
  async (t) => {
    const page = await openVisitor(t)
    const oliver = gatehouse.persona('oliver')
    await toProofing(page, oliver, VERIFIED)
    await giveConsent(page)
    await giveDocumentAndSsn(page, oliver)
    await press(page, 'Submit')
    await look(page, 'lg-74-not-verified', 'We could not verify your identity | Login.gov')
    assert.match(await textOf(page), /You can try 4 more times/)
    await follow(page, 'Try again')
    await follow(page, 'Cancel')
    await look(page, 'lg-75-cancel', 'Stop verifying your identity? | Login.gov')
    await follow(page, `Exit Login.gov and return to ${SERVICE_NAME}`)
    assert.equal(await page.title(), `Not signed in | ${SERVICE_NAME}`)
    assert.equal(service.told().error, 'access_denied')
  },
)
