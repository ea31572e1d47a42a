// Social Security's guide "Adding Extra Security to a my SSA Account" from beginning to end without a screen, and what
// becomes of each answer and of extra security in later sign-ins.

import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { type Persona, startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { openLetterBox } from '@gatehouse/testkit/letter-box'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { agreeToTerms, press } from '../src/headless-steps.ts'
import {
  answer,
  confirmPhone,
  giveNumber,
  giveSecurityCode,
  giveUpgradeCode,
  giveUsername,
  requestExtraSecurity,
  signIn,
  signInWithText,
  tenDigits,
  UPGRADE_CODE_LETTER,
} from '../src/my-ssa-headless-steps.ts'
import { OPERATOR_TOKEN } from '../src/relying-service.ts'

const gatehouse = await startGatehouse({ environment: { 'ticket-portal': { OPERATOR_TOKEN } } })
after(() => gatehouse.close())
const { urls } = gatehouse
const [maria, ruth, daniel] = ['maria', 'ruth', 'daniel'].map(gatehouse.persona) as [
  Persona,
  Persona,
  Persona,
]
const bounded = { timeout: 180_000 }
const MINUTE = 60_000

function visitor(t: TestContext) {
  const browser = openBrowser()
  t.after(() => browser.close())
  return browser
}

/** The administrator of the Ticket Portal enrols somebody. */
async function enrol({ mySsa }: Persona): Promise<void> {
  const response = await fetch(`${urls['ticket-portal']}/enrolments/${mySsa?.username}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ organization: 'Example Employment Network', kind: 'EN' }),
  })
  assert.equal(response.status, 201)
}

test(
  'a person adds extra security by letter and text, is enrolled, and gets into the Ticket Portal',
  bounded,
  async (t) => {
    const box = await openLetterBox(urls, maria.address)
    const phone = await pickUpPhone(urls, maria.phoneNumber)
    const browser = visitor(t)
    await browser.open(urls['ticket-portal'])
    await browser.follow('Sign In')
    assert.equal(browser.page.heading, 'Sign In or Create an Account')

    // No letter yet: it is asked for, and the person goes on without.
    await giveUsername(browser, maria)
    assert.equal(browser.page.heading, 'Extra security is needed')
    await press(browser, 'Next', { choice: 'request' })
    const letter = await box.nextLetter(UPGRADE_CODE_LETTER)
    assert.match(letter.code, /^\d{7}$/)
    const steps = letter.blocks.flatMap((block) => (block.kind === 'steps' ? block.items : []))
    assert.equal(steps.length, 6)
    assert.ok(
      steps[5]?.includes(`Account Upgrade Code: ${letter.code}. This account upgrade code expires on `),
    )
    const pdf = await fetch(urls.lab + letter.pdf)
    assert.equal(pdf.headers.get('content-type'), 'application/pdf')
    assert.match(await pdf.text(), /^%PDF-/)
    await press(browser, 'Next', { choice: 'skip' })
    await agreeToTerms(browser)
    assert.equal(browser.page.url, `${urls['ticket-portal']}/portal`)
    assert.deepEqual([browser.page.status, browser.page.heading], [403, 'Extra security is needed'])

    // Signing in again asks again: stepped up, not refused.
    await browser.follow('Sign in again')
    assert.equal(browser.page.heading, 'Enable your Extra Security')
    await answer(browser, 'enable')
    assert.equal(browser.page.heading, 'Please add your cell phone')
    await giveNumber(browser, tenDigits(maria.phoneNumber))
    assert.equal(browser.page.heading, 'Please enter your security code')
    const enrolmentCode = await phone.nextCode()
    assert.match(enrolmentCode, /^\d{8}$/)
    await giveSecurityCode(browser, enrolmentCode)
    assert.equal(browser.page.heading, 'Enable Extra Security')
    await giveUpgradeCode(browser, letter.code)
    assert.equal(browser.page.heading, 'Congratulations!')
    await browser.follow('Next')
    await agreeToTerms(browser)
    assert.equal(browser.page.heading, 'Notify Social Security')
    assert.match(browser.page.text, /MariaExample84/)

    await enrol(maria)
    await browser.follow('Sign in again')
    assert.deepEqual([browser.page.status, browser.page.heading], [200, 'Ticket Portal'])

    gatehouse.advanceClock(MINUTE)
    const again = visitor(t)
    await again.open(`${urls['ticket-portal']}/sign-in`)
    await giveUsername(again, maria)
    const code = await phone.nextCode()
    assert.notEqual(code, enrolmentCode)
    await giveSecurityCode(again, code)
    await agreeToTerms(again)
    assert.match(
      again.page.text,
      /Welcome, Maria Example\. You signed in with extra security and are enrolled\./,
    )

    const log = (await gatehouse.logLines()).join('\n')
    for (const secret of [letter.code, enrolmentCode, code, maria.password]) {
      assert.ok(!log.includes(secret), 'no code and no password is in the log')
    }
  },
)

test('“No, skip this for now” asks again at each sign-in, and “Yes” is asked no more', bounded, async (t) => {
  const box = await openLetterBox(urls, ruth.address)
  for (let time = 1; time <= 3; time++) {
    const browser = visitor(t)
    await signIn(browser, urls, ruth)
    assert.equal(browser.page.heading, 'Enable your Extra Security', `sign-in ${time}`)
    await answer(browser, 'skip')
    assert.equal(browser.page.heading, 'Security Settings')
    assert.match(browser.page.text, /Extra security is requested/)
  }
  // One letter was mailed, however often it was asked for.
  const { code } = await box.nextLetter(UPGRADE_CODE_LETTER)
  await assert.rejects(box.nextLetter(UPGRADE_CODE_LETTER, 0), /no letter/)

  const browser = visitor(t)
  await signIn(browser, urls, ruth)
  await confirmPhone(browser, urls, ruth.phoneNumber)
  assert.equal((await giveUpgradeCode(browser, code)).heading, 'Congratulations!')
  const phone = await pickUpPhone(urls, ruth.phoneNumber)
  for (let time = 1; time <= 3; time++) {
    gatehouse.advanceClock(MINUTE)
    const { page } = await signInWithText(visitor(t), urls, { person: ruth, phone })
    assert.equal(page.heading, 'Security Settings', `sign-in ${time}`)
    assert.match(page.text, /Extra security is on/)
  }
})

test(
  'removed, asked for and taken back: asked no more, and only a new letter’s code turns it on again',
  bounded,
  async (t) => {
    const box = await openLetterBox(urls, daniel.address)
    const phone = await pickUpPhone(urls, daniel.phoneNumber)
    const browser = visitor(t)
    await signInWithText(browser, urls, { person: daniel, phone })
    await browser.follow('Remove extra security')
    const { password } = daniel
    const wrong = await press(browser, 'Remove extra security', { password: 'not the password of Daniel' })
    assert.match(wrong.alerts.join(), /This password is wrong/)
    await press(browser, 'Remove extra security', { password })
    assert.match(browser.page.alerts.join(), /Extra security is removed/)

    const first = await requestExtraSecurity(visitor(t), urls, { person: daniel, box })
    for (let time = 1; time <= 3; time++) {
      const changedMind = visitor(t)
      await signIn(changedMind, urls, daniel)
      if (time === 1) {
        assert.equal(changedMind.page.heading, 'Enable your Extra Security')
        await answer(changedMind, 'cancel')
      }
      assert.equal(changedMind.page.heading, 'Security Settings', `sign-in ${time}`)
      assert.match(changedMind.page.text, /Extra security is off/)
    }

    const second = await requestExtraSecurity(visitor(t), urls, { person: daniel, box })
    gatehouse.advanceClock(MINUTE)
    const adding = visitor(t)
    await signIn(adding, urls, daniel)
    await confirmPhone(adding, urls, daniel.phoneNumber)
    const refused = await giveUpgradeCode(adding, first)
    assert.match(refused.alerts.join(), /upgrade code is wrong, or it is no longer good/)
    assert.equal((await giveUpgradeCode(adding, second)).heading, 'Congratulations!')

    gatehouse.advanceClock(MINUTE)
    const { page } = await signInWithText(visitor(t), urls, { person: daniel, phone })
    assert.match(page.text, /Extra security is on/)
  },
)

test(
  'a lost phone: a letter with a reset code puts another phone in its place, at the next sign-in',
  bounded,
  async (t) => {
    const box = await openLetterBox(urls, ruth.address)
    const newNumber = '+12025550161'
    const [oldPhone, newPhone] = [
      await pickUpPhone(urls, ruth.phoneNumber),
      await pickUpPhone(urls, newNumber),
    ]
    gatehouse.advanceClock(MINUTE)
    const browser = visitor(t)
    await signIn(browser, urls, ruth)
    await oldPhone.nextCode()
    await browser.follow('What if I lose or change my phone number?')
    await press(browser, 'Mail Reset Code Instructions', {
      terms: true,
      address: true,
      number: tenDigits(newNumber),
    })
    assert.equal(browser.page.heading, 'We are mailing your instructions')
    const { code } = await box.nextLetter(/reset code/i)
    assert.match(code, /^\d{8}$/)

    gatehouse.advanceClock(MINUTE)
    const next = visitor(t)
    await signIn(next, urls, ruth)
    assert.equal(next.page.heading, 'Reset your phone number')
    await giveNumber(next, tenDigits(newNumber))
    await giveSecurityCode(next, await newPhone.nextCode())
    assert.equal(next.page.heading, 'Enter your reset code')
    const early = await press(next, 'Submit Reset Code', { code: '00000000' })
    assert.match(early.alerts.join(), /This reset code is wrong/)
    assert.equal((await press(next, 'Submit Reset Code', { code })).heading, 'Security Settings')

    gatehouse.advanceClock(MINUTE)
    const { page } = await signInWithText(visitor(t), urls, { person: ruth, phone: newPhone })
    assert.match(page.text, /\(\*\*\*\)\s\*\*\*.0161/)
    await assert.rejects(oldPhone.nextCode('text', 0), /no text/)
  },
)
