import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { Page } from 'playwright-core'
import { press } from '../src/browser-steps.ts'
import { answerOnPhone, COMPLETE, givePassword, openSettings, setUp } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const SETTINGS = 'Your settings | ID.me'

/** Another browser of the same person, with the choice of methods before it. */
async function signInAgain(t: TestContext, persona: Persona, javaScriptEnabled = true): Promise<Page> {
  const page = await openVisitor(t, { javaScriptEnabled })
  await page.goto(`${urls['id-me']}/settings`)
  await givePassword(page, persona)
  return page
}

for (const javaScript of [true, false]) {
  test(
    `a sign-in is approved and denied on the phone ${javaScript ? 'with' : 'without'} JavaScript`,
    options,
    async (t) => {
      const look = pageChecks({ javaScript })
      const persona = gatehouse.persona(javaScript ? 'james' : 'nadia')
      const { phoneNumber } = persona
      const settings = await openVisitor(t, { javaScriptEnabled: javaScript })
      await openSettings(settings, urls, persona)
      await setUp(settings, 'Push notification')
      await look(settings, 'im-30-push-set-up', 'Push notification | ID.me')
      await settings.getByLabel('Phone number').fill('202 555 0142 ext 5')
      await press(settings, 'Continue')
      await look(settings, 'im-31-extension', 'Error: Push notification | ID.me')
      await settings.getByLabel('Phone number').fill(phoneNumber)
      await press(settings, 'Continue')
      await look(settings, 'im-32-push-set-up-waiting', 'Push notification | ID.me')
      await answerOnPhone(settings.context(), urls.lab, phoneNumber, 'Approve')
      await press(settings, 'Continue')
      assert.equal(await settings.title(), SETTINGS)

      const page = await signInAgain(t, persona, javaScript)
      await chooseOption(page, 'Push notification')
      await look(page, 'im-33-push', COMPLETE)
      await press(page, 'Send push notification')
      await look(page, 'im-34-waiting', COMPLETE)
      await press(page, 'Continue')
      assert.match(await textOf(page), /There is no answer yet/)
      await answerOnPhone(page.context(), urls.lab, phoneNumber, 'Deny')
      await press(page, 'Continue')
      await look(page, 'im-35-denied', `Error: ${COMPLETE}`)
      await press(page, 'Send push notification')
      await answerOnPhone(page.context(), urls.lab, phoneNumber, 'Approve')
      await press(page, 'Continue')
      assert.equal(await page.title(), SETTINGS)
    },
  )
}
