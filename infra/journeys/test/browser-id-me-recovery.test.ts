import assert from 'node:assert/strict'
import { test } from 'node:test'
import { follow, press } from '../src/browser-steps.ts'
import { COMPLETE, giveCode, givePassword, leaveForIdMe, openSettings } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption, codeOnPhone, linkInMail, NEW_PASSWORD } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })
const UNLOCK_LINK = 15 * 60_000

test('three wrong codes lock the account, and the link in the mail opens it again', options, async (t) => {
  const maria = gatehouse.persona('maria')
  const page = await openVisitor(t)
  const mailed = { subject: 'Your account is locked' }
  await leaveForIdMe(page, urls.bso)
  for (const time of ['first', 'second'] as const) {
    if (time === 'second') await page.goto(`${urls['id-me']}/sign-in`)
    await givePassword(page, maria)
    await chooseOption(page, 'Text me')
    for (const left of ['You have 2 tries left', 'You have 1 try left']) {
      await giveCode(page, '000000')
      assert.match(await textOf(page), new RegExp(left))
    }
    if (time === 'first') await look(page, 'im-60-last-try', `Error: ${COMPLETE}`)
    await giveCode(page, '000000')
    assert.equal(await page.title(), 'Error: Your account is locked | ID.me')
    const link = await linkInMail(page.context(), urls.lab, maria.email, mailed)
    if (time === 'first') {
      await look(page, 'im-61-locked', 'Error: Your account is locked | ID.me')
      gatehouse.advanceClock(UNLOCK_LINK)
      await page.goto(link)
      await look(page, 'im-62-link-too-old', 'Error: This link does not work any more | ID.me')
      // The password alone shows the locked account, and sends another mail.
      await follow(page, 'Sign in')
      await givePassword(page, maria)
      assert.equal(await page.title(), 'Error: Your account is locked | ID.me')
    }
    await page.goto(await linkInMail(page.context(), urls.lab, maria.email, mailed))
    if (time === 'first') await look(page, 'im-63-recover', 'Recover your account | ID.me')
    await press(page, 'Confirm my email address')
    if (time === 'first') await look(page, 'im-64-recovered', 'Sign in | ID.me')
    assert.match(await textOf(page), /Your account is recovered/)
    gatehouse.advanceClock(61_000)
  }
  await givePassword(page, maria)
  await chooseOption(page, 'Text me')
  await giveCode(page, await codeOnPhone(page.context(), urls.lab, maria.phoneNumber))
  assert.equal(new URL(page.url()).origin, urls['id-me'])
})

test('who denies at the page about sharing is not signed in', options, async (t) => {
  const nadia = gatehouse.persona('nadia')
  const page = await openVisitor(t)
  await leaveForIdMe(page, urls.bso)
  await press(page, 'Sign in')
  await look(page, 'im-65-blank', 'Error: Sign in | ID.me')
  await givePassword(page, { email: nadia.email, password: 'not the one she has' })
  await look(page, 'im-66-wrong-password', 'Error: Sign in | ID.me')
  await givePassword(page, nadia)
  await chooseOption(page, 'Text me')
  await giveCode(page, await codeOnPhone(page.context(), urls.lab, nadia.phoneNumber))
  await press(page, 'Deny')
  await look(page, 'im-67-denied', 'Sign In or Create an Account | Social Security')
  assert.match(await textOf(page), /You are not signed in/)
})

test('a forgotten password is chosen anew by a link in a mail', options, async (t) => {
  const james = gatehouse.persona('james')
  const page = await openVisitor(t)
  await page.goto(`${urls['id-me']}/sign-in`)
  await follow(page, 'Forgot password')
  await look(page, 'im-68-forgot', 'Forgot password | ID.me')
  await press(page, 'Continue')
  await look(page, 'im-69-forgot-blank', 'Error: Forgot password | ID.me')
  await page.getByLabel('Email', { exact: true }).fill(james.email)
  await press(page, 'Continue')
  await look(page, 'im-70-sent', 'Check your email | ID.me')
  const subject = 'Reset your password'
  await page.goto(await linkInMail(page.context(), urls.lab, james.email, { subject }))
  await look(page, 'im-71-new-password', 'Choose a new password | ID.me')
  await page.getByLabel('Choose a password').fill('password')
  await press(page, 'Change password')
  await look(page, 'im-72-weak', 'Error: Choose a new password | ID.me')
  await page.getByLabel('Choose a password').fill(NEW_PASSWORD)
  await press(page, 'Change password')
  assert.match(await textOf(page), /Your password was changed/)
  await openSettings(page, urls, { ...james, password: NEW_PASSWORD })
  assert.equal(await page.title(), 'Your settings | ID.me')
})
