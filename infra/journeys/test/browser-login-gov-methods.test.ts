import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { enterPassword, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import {
  choose,
  chooseOption,
  createAccount,
  enterCodeOf,
  NEW_PASSWORD,
  secretsOn,
  signOut,
} from '../src/login-gov-steps.ts'
import { pageChecks } from '../src/page-checks.ts'
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

test('a PIV card is set up and signs in, after the password and instead of it', options, async (t) => {
  const page = await openVisitor(t)
  const email = 'card@example.com'
  await newAccount(page, email)
  await chooseOption(page, 'Government employee ID')
  await look(page, 'lg-30-add-card', 'Add your government employee ID | Login.gov')
  await choose(page, 'Untrusted certificate')
  await press(page, 'Add PIV/CAC card')
  await look(page, 'lg-31-untrusted', 'Error: Add your government employee ID | Login.gov')
  await choose(page, email)
  await press(page, 'Add PIV/CAC card')
  await agree(page, email)

  await again(page, email)
  const title = 'Sign in with your government employee ID | Login.gov'
  await look(page, 'lg-32-card', title)
  await choose(page, 'Expired certificate')
  await press(page, 'Present the certificate')
  await look(page, 'lg-33-expired', `Error: ${title}`)
  await choose(page, email)
  await press(page, 'Present the certificate')
  await expectSignedIn(page, service, email)

  await signOut(page, urls['login-gov'])
  await page.goto(service.signInAt(AUTH_ONLY))
  await follow(page, 'Sign in with your government employee ID')
  await look(page, 'lg-34-card-alone', title)
  await choose(page, email)
  await press(page, 'Present the certificate')
  await expectSignedIn(page, service, email)
})

test('backup codes are set up, kept as a file, and sign in once each', options, async (t) => {
  const page = await openVisitor(t)
  const email = 'codes@example.com'
  await newAccount(page, email)
  await chooseOption(page, 'Backup codes')
  await look(page, 'lg-35-get-codes', 'Get backup codes | Login.gov')
  await press(page, 'Continue')
  await look(page, 'lg-36-codes', 'Save these backup codes | Login.gov')
  const codes = await secretsOn(page)
  assert.equal(codes.length, 10)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download as a text file' }).click(),
  ])
  assert.equal(await text(await download.createReadStream()), `${codes.join('\n')}\n`)
  await follow(page, 'Continue')
  await agree(page, email)

  await again(page, email)
  await look(page, 'lg-37-backup-code', 'Enter your backup code | Login.gov')
  await enterCodeOf(page, codes[0] ?? '', 'Backup code')
  await expectSignedIn(page, service, email)
  await again(page, email)
  await enterCodeOf(page, codes[0] ?? '', 'Backup code')
  await look(page, 'lg-38-used', 'Error: Enter your backup code | Login.gov')
  await enterCodeOf(page, (codes[1] ?? '').toLowerCase().replaceAll('-', ' '), 'Backup code')
  await expectSignedIn(page, service, email)
})
