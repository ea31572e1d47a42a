// Social Security's guide "Adding Extra Security to a my SSA Account", screen by screen: from the Ticket Portal by way of
// letter and phone to the enrollment, and in again with a text.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { Page } from 'playwright-core'
import { agreeToTerms, follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { codeOnPhone } from '../src/login-gov-steps.ts'
import {
  answerExtraSecurity,
  CHOICES,
  codeInLetter,
  expectWords,
  giveCellPhone,
  giveSecurityCode,
  giveUpgradeCode,
  giveUsername,
  nationalNumber,
  openLetter,
  SECURITY_CODE_FIELD,
  usernameOf,
} from '../src/my-ssa-steps.ts'
import { type Look, pageChecks } from '../src/page-checks.ts'
import { OPERATOR_TOKEN } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'ticket-portal': { OPERATOR_TOKEN } },
})
const { urls } = gatehouse
const NOTIFY = 'Notify Social Security | Ticket Portal'
const ENABLE = 'Enable your Extra Security | my Social Security'

/** What the administrator of the Ticket Portal does with one enrollment. */
async function administrate(method: 'PUT' | 'DELETE', persona: Persona): Promise<void> {
  const authorization = `Bearer ${OPERATOR_TOKEN}`
  const enrollment = {
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ organization: 'Example Employment Network', kind: 'EN' }),
  }
  const response = await fetch(`${urls['ticket-portal']}/enrolments/${usernameOf(persona)}`, {
    method,
    ...(method === 'PUT' ? enrollment : { headers: { authorization } }),
  })
  assert.ok(response.ok, `${method}: ${response.status}`)
}

/** For pages that were looked at before. */
const seen: Look = async (page, name, title) => assert.equal(await page.title(), title, name)

/** From the first page of the Ticket Portal past username and password. */
async function enter(page: Page, look: Look, persona: Persona): Promise<void> {
  await page.goto(urls['ticket-portal'])
  await look(page, 'ms-01-portal', 'Welcome | Ticket Portal')
  await expectWords(
    page,
    'Adding Extra Security',
    'Account Upgrade Code, or “Upgrade Code”',
    'Cell Phone Number',
  )
  await follow(page, 'Sign In')
  await look(page, 'ms-02-sign-in', 'Sign In or Create an Account | my Social Security')
  await expectWords(
    page,
    'OMB No. 0960-0789',
    'Paperwork Reduction Act',
    'New Users',
    'You must be able to verify some information about yourself and:',
    'Have a valid E-mail address,',
    'Have a Social Security number,',
    'Have a U.S. mailing address, and',
    'Be at least 18 years of age.',
    'For whom you are a representative payee; or',
    'Create An Account',
    'Learn More',
    'Existing Users',
    'Forgot Username',
    'Forgot Password',
    'You can block electronic access to your information at any time, for any reason.',
    '1-800-772-1213',
  )
  await giveUsername(page, persona)
}

interface Way {
  javaScript: boolean
  persona: Persona
}

async function walkthrough(t: TestContext, { javaScript, persona }: Way): Promise<void> {
  const look = pageChecks({ javaScript })
  const page = await openVisitor(t, { javaScriptEnabled: javaScript })
  const context = page.context()
  const text = () => codeOnPhone(context, urls.lab, persona.phoneNumber)

  await enter(page, look, persona)
  await look(page, 'ms-03-enable', ENABLE)
  await expectWords(
    page,
    'Do you have your extra security letter and your phone?',
    'the letter containing your step-by-step instructions, and',
    'a cell phone with text messaging?',
    ...Object.values(CHOICES),
    'Your privacy is important.',
    'Exit',
  )
  await answerExtraSecurity(page, 'enable')
  await look(page, 'ms-04-phone', 'Enable Extra Security - Add Phone | my Social Security')
  await expectWords(
    page,
    'Please add your cell phone',
    'you need a cell phone that is able to receive text messages.',
    'What if I lose or change my phone number?',
    "We'll send a text message to this phone each time you sign in. (Your text message rates still apply.)",
    '10-digit Number',
  )
  await page.getByText('What if I lose or change my phone number?').click()
  await look(page, 'ms-05-phone-question', 'Enable Extra Security - Add Phone | my Social Security')
  await giveCellPhone(page, nationalNumber(persona))
  await look(page, 'ms-06-code', 'Enable your Extra Security - Enter Text Code | my Social Security')
  const digits = nationalNumber(persona)
  await expectWords(
    page,
    'Please enter your security code',
    `We sent a text message to: (${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`,
    'Please allow up to 2 minutes for the text message to arrive.',
    'The security code will expire 10 minutes from the time of your request.',
    'Having trouble?',
    'correct your number',
    'Check your reception and text messaging (SMS)',
    'Still having trouble?',
    'new text message',
  )
  assert.equal(await page.getByLabel(SECURITY_CODE_FIELD).getAttribute('autocomplete'), 'one-time-code')
  const phoneCode = await text()
  assert.match(phoneCode, /^\d{8}$/)
  await giveSecurityCode(page, phoneCode)

  await look(page, 'ms-07-upgrade-code', ENABLE)
  await expectWords(
    page,
    'Enable Extra Security',
    'Thank you for your security code!',
    "Please enter the upgrade code from your letter to enable your account's extra security features",
  )
  await giveUpgradeCode(page, await readLetter(page, look, persona))
  await look(page, 'ms-09-congratulations', 'Congratulations! | my Social Security')
  await expectWords(
    page,
    'You have successfully added your extra security features.',
    'You will now sign in to use our online services by entering:',
    'Your username',
    'Your password',
    'A unique text message sent to your cell phone',
  )
  await follow(page, 'Next')
  // Sign-in has its terms agreed to in every sign-in, whichever the provider.
  await agreeToTerms(page)

  await look(page, 'ms-10-notify', NOTIFY)
  await expectWords(
    page,
    'enservice@ssa.gov',
    'VR.Helpdesk@ssa.gov',
    'you have registered for your my Social Security account with extra security, and include your phone number',
    usernameOf(persona),
  )
  await administrate('PUT', persona)
  await follow(page, 'Sign in again')
  assert.equal(await page.title(), 'Ticket Portal | Ticket Portal', 'sign-in still knows the person')

  // Another day, another browser: username, password and text.
  await t.test('and from then on with a text', async (t) => {
    gatehouse.advanceClock(60_000)
    const again = await openVisitor(t, { javaScriptEnabled: javaScript })
    await enter(again, seen, persona)
    await look(again, 'ms-11-security-code', 'Enter Security Code | my Social Security')
    await expectWords(again, 'Please enter your security code', 'What if I lose or change my phone number?')
    const code = await text()
    assert.notEqual(code, phoneCode)
    await giveSecurityCode(again, code)
    await agreeToTerms(again)
    await look(again, 'ms-12-ticket-portal', 'Ticket Portal | Ticket Portal')
    await expectWords(again, persona.firstName, 'Example Employment Network', 'Do not share it with anyone.')
    await press(again, 'Sign out')
    await press(again, 'Yes')
    await look(again, 'ms-13-signed-out', 'Welcome | Ticket Portal')
    await expectWords(again, 'You are signed out of the Ticket Portal')
  })
}

/** Reads the letter in the box at the lab, on the screen and as a PDF. Gives its upgrade code. */
async function readLetter(page: Page, look: Look, persona: Persona): Promise<string> {
  const letter = await openLetter(page.context(), urls.lab, persona)
  await look(letter, 'ms-08-letter', 'Your account upgrade code | QA desk')
  const code = await codeInLetter(letter)
  assert.match(code, /^\d{7}$/)
  await expectWords(letter, `${persona.firstName} ${persona.lastName}`, persona.address.street, 'Date:')
  const steps = await letter.locator('.lab-letter ol li').allInnerTexts()
  const expected = [
    `Visit our website at ${urls['my-ssa']}`,
    'Enter your username and password.',
    CHOICES.enable,
    'Enter your cell phone number. We will send an 8-digit text message',
    'Enter the 8-digit text message.',
    `Enter your one-time Account Upgrade Code: ${code}. This account upgrade code expires on `,
  ]
  assert.equal(steps.length, expected.length)
  for (const [index, words] of expected.entries()) assert.ok(steps[index]?.includes(words), steps[index])
  await expectWords(letter, CHOICES.skip, CHOICES.cancel, 'If You Have Questions')
  const href = await letter.getByRole('link', { name: 'PDF' }).getAttribute('href')
  const pdf = await fetch(new URL(href ?? '', letter.url()))
  assert.equal(pdf.headers.get('content-type'), 'application/pdf')
  assert.match(Buffer.from(await pdf.arrayBuffer()).toString('latin1'), /^%PDF-[\s\S]+%%EOF\s*$/)
  await letter.close()
  return code
}

test('a person adds extra security on the way to the Ticket Portal, screen by screen', options, async (t) => {
  const maria = gatehouse.persona('maria')
  await t.test('asking for it in the security settings first', async (t) => {
    const page = await openVisitor(t)
    await page.goto(urls['my-ssa'])
    await giveUsername(page, maria)
    await press(page, 'Add extra security')
    await expectWords(page, 'We are mailing a letter with your upgrade code.')
    await press(page, 'Sign out')
    await expectWords(page, 'You are signed out.')
  })
  await walkthrough(t, { javaScript: true, persona: maria })
})

test('the same without JavaScript, with the letter in the mail from the beginning', options, async (t) => {
  const ruth = gatehouse.persona('ruth')
  await administrate('DELETE', ruth)
  await walkthrough(t, { javaScript: false, persona: ruth })
})
