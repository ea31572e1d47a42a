// The lab's pages for letters: in the mail, delivered, printed, returned.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { letterBoxOf } from '@gatehouse/contracts/lab'
import { follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { askForPassword } from '../src/my-ssa-account-steps.ts'
import { codeInLetter, giveUsername, usernameOf } from '../src/my-ssa-steps.ts'
import { pageChecks } from '../src/page-checks.ts'

/** One kind of letter is on its way for a while. */
const LETTER_POLICIES = JSON.stringify({ 'my-ssa': { 'temporary-password': { deliveryDays: 2 } } })
const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'upgrade-codes': { LETTER_POLICIES } },
})
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })

test('letter boxes and letters pass axe: in the mail, delivered, printed, returned', options, async (t) => {
  const page = await openVisitor(t)
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
