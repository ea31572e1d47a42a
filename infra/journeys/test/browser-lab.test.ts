// The lab's pages for what came after phones: mail, questions on a phone, the authenticator app, security keys, post.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { letterBoxOf } from '@gatehouse/contracts/lab'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { follow, press } from '../src/browser-steps.ts'
import { launchChromium } from '../src/chromium.ts'
import { openSettings, setUp } from '../src/id-me-steps.ts'
import { touchLabKey } from '../src/login-gov-steps.ts'
import { askForPassword } from '../src/my-ssa-account-steps.ts'
import { codeInLetter, giveUsername, usernameOf } from '../src/my-ssa-steps.ts'
import { pageChecks } from '../src/page-checks.ts'
import { openVisitor } from '../src/visitor.ts'

/** One kind of letter is on its way for a while. */
const LETTER_POLICIES = JSON.stringify({ 'my-ssa': { 'temporary-password': { deliveryDays: 2 } } })
const [chromium, gatehouse] = await Promise.all([
  launchChromium(),
  startGatehouse({ environment: { 'upgrade-codes': { LETTER_POLICIES } } }),
])
after(async () => {
  if ('browser' in chromium) await chromium.browser.close()
  await gatehouse.close()
})
const options = { skip: 'missing' in chromium ? chromium.missing : false, timeout: 100_000 }
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })

test('a mail tray, an authenticator app and a question on a phone pass axe', options, async (t) => {
  const page = await openVisitor(t, chromium)
  const { email, phoneNumber } = gatehouse.persona('nadia')
  const tray = `${urls.lab}/mail/${encodeURIComponent(email)}`
  await page.goto(`${urls.lab}/mail`)
  await look(page, '43-lab-mail-empty', 'Mail | QA desk')
  await page.goto(tray)
  await look(page, '43-lab-tray-empty', `${email} | QA desk`)
  const settings = await page.context().newPage()
  await settings.goto(`${urls['id-me']}/password`)
  await settings.getByLabel('Email', { exact: true }).fill(email)
  await press(settings, 'Continue')
  await page.getByRole('heading', { name: 'Reset your password' }).waitFor()
  await look(page, '44-lab-tray', `${email} | QA desk`)
  await page.goto(`${urls.lab}/mail`)
  await look(page, '44-lab-mail', 'Mail | QA desk')

  const phone = `${urls.lab}/phones/${encodeURIComponent(phoneNumber)}`
  await openSettings(settings, urls, gatehouse.persona('nadia'))
  await page.goto(phone)
  await setUp(settings, 'Push notification')
  await press(settings, 'Continue')
  await page.getByRole('button', { name: 'Approve' }).waitFor()
  await look(page, '45-lab-question', '(202) 555-0144 | QA desk')
  await page.goto(`${urls.lab}/phones`)
  await look(page, '45-lab-question-on-all-phones', 'Phones | QA desk')
  await press(page, 'Deny')
  await page.goto(phone)
  await look(page, '45-lab-question-denied', '(202) 555-0144 | QA desk')

  await page.goto(`${phone}/authenticator-app`)
  await look(page, '46-lab-app-empty', 'Authenticator app of (202) 555-0144 | QA desk')
  await page.locator('summary', { hasText: 'Add an account' }).click()
  await press(page, 'Add account')
  await look(page, '46-lab-app-error', 'Error: Authenticator app of (202) 555-0144 | QA desk')
  await page.getByLabel('Setup key or otpauth address').fill('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  await page.getByLabel('Site').fill('Example'.repeat(9))
  await press(page, 'Add account')
  await look(page, '46-lab-app-on-phone', '(202) 555-0144 | QA desk')
})

test(
  'the security keys of the lab pass axe, without any and with one that is registered',
  options,
  async (t) => {
    const page = await openVisitor(t, chromium)
    await page.goto(`${urls.lab}/security-keys`)
    await look(page, '47-lab-keys-none', 'Security keys | QA desk')
    await page.getByLabel('Name').fill('x'.repeat(60))
    await press(page, 'Make the key')
    await look(page, '47-lab-keys-new', 'Security keys | QA desk')
    await openSettings(page, urls, gatehouse.persona('mateo'))
    await setUp(page, 'Security Key')
    await press(page, 'Use the lab’s security key')
    await look(page, '48-lab-touch', 'Touch your security key | QA desk')
    await touchLabKey(page, { javaScript: true })
    await page.goto(`${urls.lab}/security-keys`)
    await look(page, '48-lab-keys-registered', 'Security keys | QA desk')
  },
)

test('letter boxes and letters pass axe: in the mail, delivered, printed, returned', options, async (t) => {
  const page = await openVisitor(t, chromium)
  const ruth = gatehouse.persona('ruth')
  const boxTitle = 'Letter box 700 Example Street, Baltimore, MD 21235 | QA desk'
  await page.goto(`${urls.lab}/post`)
  await look(page, '49-lab-post-empty', 'Post | QA desk')
  await follow(page, 'Ruth Template')
  await look(page, '49-lab-box-empty', boxTitle)

  const mySsa = await page.context().newPage()
  await mySsa.goto(urls['my-ssa'])
  await giveUsername(mySsa, ruth)
  // Live, without a reload.
  const item = page.locator('.lab-message').first()
  await item.getByRole('link', { name: 'Your account upgrade code' }).waitFor()
  const shown = await item.locator('.lab-digits strong').textContent()
  await press(mySsa, 'Exit')
  await follow(mySsa, 'Forgot Password')
  await askForPassword(mySsa, usernameOf(ruth), 'Mail me a temporary password.')
  await page.getByText('In the mail, arrives').waitFor()
  await look(page, '50-lab-box', boxTitle)
  await page.goto(`${urls.lab}/post`)
  await look(page, '50-lab-post', 'Post | QA desk')
  await follow(page, 'A letter')
  await look(page, '51-lab-letter-in-the-mail', 'In the mail | QA desk')
  await page.goto(`${urls.lab}/post/${letterBoxOf(ruth.address)}`)
  await follow(page, 'Your account upgrade code')
  await look(page, '52-lab-letter', 'Your account upgrade code | QA desk')
  assert.equal(await codeInLetter(page), shown)

  // On paper there is the letter and nothing around it.
  await page.emulateMedia({ media: 'print' })
  // As it is rendered: what is hidden on paper is not in it.
  const [onPaper = ''] = await page.locator('body').allInnerTexts()
  assert.match(onPaper.trim(), /^my Social Security\n/)
  assert.match(onPaper.trim(), /1-800-325-0778\.$/)
  assert.equal(await page.getByRole('button', { name: 'Return as undeliverable' }).isVisible(), false)
  const printed = await page.pdf({ format: 'Letter' })
  const sheets = printed.toString('latin1').match(/\/Type\s*\/Page\b/g)
  assert.equal(sheets?.length, 2)
  await page.emulateMedia({ media: 'screen' })
  const pdfAt = await page.getByRole('link', { name: 'This letter as a PDF' }).getAttribute('href')
  const pdf = await page.request.get(new URL(pdfAt ?? '', urls.lab).href)
  assert.equal(pdf.headers()['content-type'], 'application/pdf')

  await press(page, 'Return as undeliverable')
  await look(page, '53-lab-letter-returned', 'Returned letter | QA desk')
  await follow(page, 'Letter box of Ruth Template')
  await look(page, '53-lab-box-returned', boxTitle)
})
