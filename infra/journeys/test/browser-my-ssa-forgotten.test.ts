// Forgot Username, Forgot Password and Block electronic access: what somebody does at my Social Security who cannot, or
// must not, sign in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMailTray } from '@gatehouse/testkit/mail-tray'
import { follow, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { codeOnPhone, linkInMail } from '../src/login-gov-steps.ts'
import {
  askForPassword,
  fillDetails,
  NEW_PASSWORD,
  thingsToFix,
  useTemporaryPassword,
  wordsOf,
} from '../src/my-ssa-account-steps.ts'
import {
  answerExtraSecurity,
  codeInLetter,
  expectWords,
  giveSecurityCode,
  giveUsername,
  openLetter,
  usernameOf,
} from '../src/my-ssa-steps.ts'
import { pageChecks } from '../src/page-checks.ts'
import { OPERATOR_TOKEN } from '../src/relying-service.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'my-ssa': { OPERATOR_TOKEN } },
})
const look = pageChecks({ javaScript: true })
const { urls } = gatehouse
const MY_SSA = urls['my-ssa']
const HERE = 'my Social Security'
const SIGN_IN = `Sign In or Create an Account | ${HERE}`
const [maria, ruth, daniel] = ['maria', 'ruth', 'daniel'].map((id) => gatehouse.persona(id)) as [
  ReturnType<typeof gatehouse.persona>,
  ReturnType<typeof gatehouse.persona>,
  ReturnType<typeof gatehouse.persona>,
]

test('a forgotten username comes by e-mail, and the page says the same to a stranger', options, async (t) => {
  const page = await openVisitor(t)
  const tray = await openMailTray(urls, daniel.email)
  await page.goto(MY_SSA)
  await follow(page, 'Forgot Username')
  await look(page, 'mf-01-username', `Forgot Username | ${HERE}`)
  await press(page, 'Send my username')
  await look(page, 'mf-02-username-empty', `Error: Forgot Username | ${HERE}`)
  await fillDetails(page, { ...daniel, dateOfBirth: '1968-12-03' })
  await press(page, 'Send my username')
  const toStranger = await wordsOf(page)
  await follow(page, 'Back to Sign In')
  await follow(page, 'Forgot Username')
  await fillDetails(page, daniel)
  await press(page, 'Send my username')
  await look(page, 'mf-03-username-sent', `Check your e-mail | ${HERE}`)
  assert.equal(await wordsOf(page), toStranger)
  assert.match((await tray.nextMail(/username/)).text, new RegExp(usernameOf(daniel)))
})

test('a forgotten password is replaced by way of an e-mail, and by way of a letter', options, async (t) => {
  const page = await openVisitor(t)
  const username = usernameOf(maria)
  await page.goto(MY_SSA)
  await follow(page, 'Forgot Password')
  await look(page, 'mf-10-password', `Forgot Password | ${HERE}`)
  await press(page, 'Next')
  await look(page, 'mf-11-password-empty', `Error: Forgot Password | ${HERE}`)
  await askForPassword(page, username, 'E-mail me a link.')
  await look(page, 'mf-12-link-sent', `Check your e-mail | ${HERE}`)
  const link = await linkInMail(page.context(), urls.lab, maria.email, { subject: 'Reset your password' })
  await page.goto(link)
  await look(page, 'mf-13-new', `Choose a new password | ${HERE}`)
  await page.getByLabel('New password', { exact: true }).fill(maria.email)
  await press(page, 'Change my password')
  await look(page, 'mf-14-new-guessable', `Error: Choose a new password | ${HERE}`)
  await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD)
  await press(page, 'Change my password')
  await look(page, 'mf-15-changed', SIGN_IN)
  await expectWords(page, 'Your password was changed. Sign in with the new one.')
  await page.goto(link)
  await look(page, 'mf-16-dead-link', `Error: This link does not work any more | ${HERE}`)

  await follow(page, 'Forgot Password')
  await askForPassword(page, username, 'Mail me a temporary password.')
  await look(page, 'mf-17-letter', `Wait for our letter | ${HERE}`)
  const letter = await openLetter(page.context(), urls.lab, maria, 'Your temporary password')
  await look(letter, 'mf-18-letter-at-the-lab', 'Your temporary password | QA desk')
  const temporary = await codeInLetter(letter)
  await letter.close()
  await follow(page, 'I have my letter with a temporary password')
  await look(page, 'mf-19-temporary', `Use your temporary password | ${HERE}`)
  const password = `${NEW_PASSWORD} by letter`
  await useTemporaryPassword(page, { username, temporary: '', password: 'short' })
  assert.equal((await thingsToFix(page)).length, 2)
  await useTemporaryPassword(page, { username, temporary: `${temporary}X`, password })
  await look(page, 'mf-20-temporary-wrong', `Error: Use your temporary password | ${HERE}`)
  await useTemporaryPassword(page, { username, temporary, password })
  assert.equal(await page.title(), SIGN_IN, 'a temporary password signs nobody in')
  await giveUsername(page, maria)
  await look(page, 'mf-21-old-password', `Error: ${SIGN_IN}`)
  await giveUsername(page, { ...maria, password })
  assert.equal(await page.title(), `Security Settings | ${HERE}`)
})

test(
  'whoever blocks electronic access ends it everywhere, until the operator opens it',
  options,
  async (t) => {
    const [page, elsewhere] = await Promise.all([openVisitor(t), openVisitor(t)])
    const tray = await openMailTray(urls, daniel.email)
    await elsewhere.goto(MY_SSA)
    await giveUsername(elsewhere, daniel)
    await giveSecurityCode(elsewhere, await codeOnPhone(elsewhere.context(), urls.lab, daniel.phoneNumber))
    assert.equal(await elsewhere.title(), `Security Settings | ${HERE}`)

    await page.goto(MY_SSA)
    await follow(page, 'block electronic access')
    await look(page, 'mf-30-block', `Block Electronic Access | ${HERE}`)
    await press(page, 'Block electronic access')
    await look(page, 'mf-31-block-empty', `Error: Block Electronic Access | ${HERE}`)
    await fillDetails(page, daniel)
    await press(page, 'Block electronic access')
    await look(page, 'mf-32-received', `We received your request | ${HERE}`)
    assert.match((await tray.nextMail(/blocked/)).text, /call us/)
    await elsewhere.reload()
    await look(elsewhere, 'mf-33-signed-out', SIGN_IN)
    await expectWords(elsewhere, 'electronic access to your information is blocked now')
    await giveUsername(elsewhere, daniel)
    await look(elsewhere, 'mf-34-blocked', `Error: ${SIGN_IN}`)
    await expectWords(elsewhere, 'Electronic access to your information is blocked')

    const answer = await fetch(`${MY_SSA}/api/electronic-access-blocks`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ssn: daniel.ssn }),
    })
    assert.equal(answer.status, 204)
    await giveUsername(elsewhere, daniel)
    assert.equal(await elsewhere.title(), `Enter Security Code | ${HERE}`)
  },
)

test('who is signed in blocks electronic access with one confirmation', options, async (t) => {
  const page = await openVisitor(t)
  await page.goto(MY_SSA)
  await giveUsername(page, ruth)
  await answerExtraSecurity(page, 'skip')
  await follow(page, 'block electronic access')
  await look(page, 'mf-40-confirm', `Block Electronic Access | ${HERE}`)
  await follow(page, 'No, go back')
  await follow(page, 'block electronic access')
  await press(page, 'Yes, block electronic access')
  await look(page, 'mf-41-blocked', SIGN_IN)
  await expectWords(page, 'You were signed out because electronic access to your information is blocked now.')
})
