import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { enterPassword, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'

const { gatehouse, options, openVisitor } = await openJourney({
  environment: { 'one-time-codes': { CODE_POLICIES: '{"login-gov":{"wrongTries":1}}' } },
})
const { urls } = gatehouse
// biome-ignore lint/performance/useDomNodeTextContent: what is hidden does not count
const seen = (page: Page) => page.locator('main').innerText()

test(
  'the time for a code counts down on its page, and so does a lock-out (Login.gov fact sheet 6.3)',
  options,
  async (t) => {
    const page = await openVisitor(t)
    await page.clock.install()
    await page.goto(urls['login-gov'])
    await enterPassword(page, gatehouse.persona('maria'))
    assert.match(await seen(page), /The code works for 10 minutes\./)
    await page.clock.runFor('07:00')
    assert.match(await seen(page), /The code works for 3 minutes\./)
    await page.clock.runFor('00:31')
    const warned = await seen(page)
    assert.match(warned, /Your one-time code expires in 3 minutes\./)
    assert.doesNotMatch(warned, /The code works for|has expired/)
    await page.clock.runFor('01:40')
    assert.match(await seen(page), /Your one-time code expires in (4[5-9]|50) seconds\./)
    await page.clock.runFor('01:00')
    const expired = await seen(page)
    assert.match(expired, /Your one-time code has expired\./)
    assert.doesNotMatch(expired, /expires in/)

    await page.getByLabel('One-time code').fill('wrong')
    await press(page, 'Submit')
    assert.match(await seen(page), /Account temporarily locked.*Please try again in 10 minutes\./s)
    await page.clock.runFor('02:00')
    assert.match(await seen(page), /Please try again in 8 minutes\./)
  },
)
