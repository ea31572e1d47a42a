import assert from 'node:assert/strict'
import { test } from 'node:test'
import { follow, press } from '../src/browser-steps.ts'
import { COMPLETE, givePassword, openSettings, setUp } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption, plugIn, touchLabKey } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const SETTINGS = 'Your settings | ID.me'

const DEVICES = {
  internal: { method: 'Passkey', use: 'Use passkey', persona: 'maria' },
  usb: { method: 'Security Key', use: 'Use security key', persona: 'james' },
} as const

for (const transport of ['internal', 'usb'] as const) {
  const { method, use, persona: id } = DEVICES[transport]

  test(`a ${method.toLowerCase()} is set up in the settings and signs in`, options, async (t) => {
    const look = pageChecks({ javaScript: true })
    const persona = gatehouse.persona(id)
    const page = await openVisitor(t)
    await openSettings(page, urls, persona)
    await setUp(page, method)
    await look(page, `im-50-set-up-${transport}`, `${method} | ID.me`)
    const device = await plugIn(page, transport)
    await press(page, 'Set it up')
    await page.waitForURL(/\/settings$/)
    assert.match(await textOf(page), /It is set up\./)
    await setUp(page, method)
    await page.getByRole('button', { name: 'Set it up' }).click()
    await page.getByText('It is set up for your account already').waitFor()
    await look(page, `im-51-set-up-twice-${transport}`, `${method} | ID.me`)

    await follow(page, 'Back to your settings')
    await press(page, 'Sign out')
    await page.goto(`${urls['id-me']}/settings`)
    await givePassword(page, persona)
    await chooseOption(page, method)
    await look(page, `im-52-use-${transport}`, COMPLETE)
    await press(page, use)
    await page.waitForURL(/\/settings$/)
    assert.equal(await page.title(), SETTINGS)

    await press(page, 'Sign out')
    await page.goto(`${urls['id-me']}/settings`)
    await givePassword(page, persona)
    await chooseOption(page, method)
    await device.forget()
    await page.getByRole('button', { name: use }).click()
    await page.getByText('Nothing was verified').waitFor()
    await look(page, `im-53-cancelled-${transport}`, COMPLETE)
  })
}

for (const javaScript of [true, false]) {
  test(
    `the lab's security key is set up and signs in ${javaScript ? 'with' : 'without'} JavaScript`,
    options,
    async (t) => {
      const look = pageChecks({ javaScript })
      const persona = gatehouse.persona(javaScript ? 'nadia' : 'oliver')
      const page = await openVisitor(t, { javaScriptEnabled: javaScript })
      await openSettings(page, urls, persona)
      await setUp(page, 'Security Key')
      await look(page, 'im-54-set-up-key', 'Security Key | ID.me')
      await press(page, 'Use the lab’s security key')
      await look(page, 'im-55-touch', 'Touch your security key | QA desk')
      await touchLabKey(page, { javaScript })
      assert.equal(await page.title(), SETTINGS)

      await press(page, 'Sign out')
      await page.goto(`${urls['id-me']}/settings`)
      await givePassword(page, persona)
      await chooseOption(page, 'Security Key')
      await look(page, 'im-56-use-key', COMPLETE)
      await press(page, 'Use the lab’s security key')
      await follow(page, 'Cancel')
      assert.equal(await page.title(), COMPLETE)
      await chooseOption(page, 'Security Key')
      await press(page, 'Use the lab’s security key')
      await touchLabKey(page, { javaScript })
      assert.equal(await page.title(), SETTINGS)
    },
  )
}
