import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { Page } from 'playwright-core'
import { follow, press } from '../src/browser-steps.ts'
import {
  COMPLETE,
  giveCode,
  givePassword,
  openSettings,
  setUp,
  setUpCodeGenerator,
} from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption, codeInApp, secretsOn } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const SETTINGS = 'Your settings | ID.me'
const TIME_STEP = 31_000

/** Another browser of the same person, with the choice of methods before it. */
async function signInAgain(t: TestContext, persona: Persona): Promise<Page> {
  const page = await openVisitor(t)
  await page.goto(`${urls['id-me']}/settings`)
  await givePassword(page, persona)
  return page
}

test('a Code Generator is set up in the settings and signs in', options, async (t) => {
  const look = pageChecks({ javaScript: true })
  const maria = gatehouse.persona('maria')
  const settings = await openVisitor(t)
  await openSettings(settings, urls, maria)
  await follow(settings, 'Set up another method')
  await look(settings, 'im-20-set-up', 'Secure your account | ID.me')
  await chooseOption(settings, 'Code Generator')
  await look(settings, 'im-21-code-generator', 'Code Generator | ID.me')
  await settings.getByRole('img', { name: 'QR code with the setup key' }).waitFor()
  await giveCode(settings, '')
  await look(settings, 'im-22-code-generator-blank', 'Error: Code Generator | ID.me')
  await setUpCodeGenerator(settings, urls.lab, maria.phoneNumber)
  await look(settings, 'im-23-set-up-done', SETTINGS)
  assert.match(await textOf(settings), /It is set up\./)

  // The code that set it up is used.
  gatehouse.advanceClock(TIME_STEP)
  const page = await signInAgain(t, maria)
  await look(page, 'im-24-methods', COMPLETE)
  await press(page, 'Continue')
  await look(page, 'im-25-no-method', `Error: ${COMPLETE}`)
  await chooseOption(page, 'Code Generator')
  await look(page, 'im-26-generated-code', COMPLETE)
  await giveCode(page, '000000')
  await look(page, 'im-27-generated-code-wrong', `Error: ${COMPLETE}`)
  assert.match(await textOf(page), /You have 2 tries left/)
  await giveCode(page, await codeInApp(page.context(), urls.lab, maria.phoneNumber))
  assert.equal(await page.title(), SETTINGS)
})

test('a recovery code and a backup code sign in, each once', options, async (t) => {
  const look = pageChecks({ javaScript: true })
  const mateo = gatehouse.persona('mateo')
  const settings = await openVisitor(t)
  await openSettings(settings, urls, mateo)
  for (const { method, use, label, make, shown } of [
    {
      method: 'Recovery code',
      use: 'Recovery code',
      label: 'Enter your recovery code',
      make: 'Show a new code',
      shown: 1,
    },
    {
      method: 'Backup codes',
      use: 'Backup code',
      label: 'Enter a backup code',
      make: 'Show new codes',
      shown: 10,
    },
  ]) {
    const name = method.toLowerCase().replace(' ', '-')
    await setUp(settings, method)
    await look(settings, `im-40-${name}`, `${method} | ID.me`)
    await press(settings, make)
    await look(settings, `im-41-${name}-shown`, `${method} | ID.me`)
    const codes = await secretsOn(settings)
    assert.equal(codes.length, shown)
    await follow(settings, 'Continue')
    assert.equal(await settings.title(), SETTINGS)

    const first = await signInAgain(t, mateo)
    await chooseOption(first, use)
    await look(first, `im-42-${name}-asked`, COMPLETE)
    await giveCode(first, codes[0] ?? '', label)
    assert.equal(await first.title(), SETTINGS)

    const second = await signInAgain(t, mateo)
    // With the only recovery code used there is nothing but the phone, and no choice.
    if (method === 'Recovery code') assert.match(await textOf(second), /Step 2 of 3/)
    else {
      await chooseOption(second, use)
      await giveCode(second, codes[0] ?? '', label)
      await look(second, `im-43-${name}-used`, `Error: ${COMPLETE}`)
    }
  }
  await look(settings, 'im-44-settings-with-codes', SETTINGS)
})
