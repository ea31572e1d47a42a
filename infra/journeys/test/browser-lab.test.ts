// The lab's pages for what came after phones: mail, questions on a phone, the authenticator app, security keys.

import { test } from 'node:test'
import { press } from '../src/browser-steps.ts'
import { openSettings, setUp } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { touchLabKey } from '../src/login-gov-steps.ts'
import { pageChecks } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })

test('a mail tray, an authenticator app and a question on a phone pass axe', options, async (t) => {
  const page = await openVisitor(t)
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
    const page = await openVisitor(t)
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
