import assert from 'node:assert/strict'
import { test } from 'node:test'
import { follow, largeCode, openPhone, press, spokenCode } from '../src/browser-steps.ts'
import { COMPLETE, giveCode, givePassword } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const maria = gatehouse.persona('maria')
const COOL_DOWN = 31_000

test('a call instead, another code after the cool-down, and the way to the settings', options, async (t) => {
  const look = pageChecks({ javaScript: true })
  const page = await openVisitor(t)
  await page.goto(`${urls['id-me']}/sign-in`)
  await givePassword(page, maria)
  await press(page, 'Continue')
  await look(page, 'im-08-nothing-chosen', `Error: ${COMPLETE}`)
  const phone = await openPhone(page.context(), urls.lab, maria)
  await chooseOption(page, 'Call me')
  await look(page, 'im-09-call', COMPLETE)
  const first = await spokenCode(phone)
  await press(page, 'Resend my verification code')
  await look(page, 'im-10-too-soon', COMPLETE)
  assert.match(await textOf(page), /A code is on its way\. You can ask for another one in \d+ seconds?/)
  gatehouse.advanceClock(COOL_DOWN)
  await press(page, 'Resend my verification code')
  await look(page, 'im-11-resent', COMPLETE)
  assert.match(await textOf(page), /Only the newest one works/)
  await giveCode(page, first)
  await look(page, 'im-12-old-code', `Error: ${COMPLETE}`)
  await follow(page, 'update your settings here')
  await look(page, 'im-13-for-settings', COMPLETE)
  gatehouse.advanceClock(COOL_DOWN)
  await chooseOption(page, 'Text message or phone call')
  await chooseOption(page, 'Text me')
  await phone.reload()
  await giveCode(page, await largeCode(phone))
  await look(page, 'im-14-settings', 'Your settings | ID.me')
  await press(page, 'Sign out')
  await look(page, 'im-15-signed-out', 'Sign in | ID.me')
})
