// The walkthrough of an account with extra security, page by page: from the BSO welcome page by way of ID.me to the menu.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import { agreeToTerms, beginSignIn, largeCode, openPhone, press, selectUserId } from '../src/browser-steps.ts'
import { COMPLETE, giveCode, givePassword } from '../src/id-me-steps.ts'
import { openJourney } from '../src/journey.ts'
import { chooseOption } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const maria = gatehouse.persona('maria')

interface Way {
  javaScript: boolean
  persona: Persona
  bsoUserId: string
}

async function walkthrough(t: TestContext, { javaScript, persona, bsoUserId }: Way): Promise<void> {
  const look = pageChecks({ javaScript })
  const page = await openVisitor(t, { javaScriptEnabled: javaScript })
  await beginSignIn(page, urls.bso)
  await press(page, 'Sign in with ID.me')
  await look(page, 'im-01-leaving', "You are leaving Social Security's website | Social Security")
  await press(page, 'OK')
  await look(page, 'im-02-sign-in', 'Sign in | ID.me')
  assert.match(await textOf(page), /Social Security/, 'it says who wants to know')
  await givePassword(page, persona)
  await look(page, 'im-03-text-or-call', COMPLETE)
  assert.match(await textOf(page), /Step 2 of 3/)
  const phone = await openPhone(page.context(), urls.lab, persona)
  await chooseOption(page, 'Text me')
  await look(page, 'im-04-code', COMPLETE)
  const end = persona.phoneNumber.slice(-4)
  assert.match(await textOf(page), new RegExp(`Enter the code we sent to \\(\\*{3}\\)\\s\\*{3}\u2011${end}`))
  assert.equal((await page.locator('[aria-current=step]').textContent())?.trim(), 'Step 3 of 3')
  if (!javaScript) await phone.reload()
  await giveCode(page, await largeCode(phone))
  await look(page, 'im-05-consent', 'Share your information | ID.me')
  await press(page, 'Allow')
  await look(page, 'im-06-terms', 'Terms of Service | Social Security')
  await agreeToTerms(page)
  await selectUserId(page, bsoUserId)
  await look(page, 'im-07-menu', 'BSO Main Menu | Business Services Online')
  assert.match(await textOf(page), new RegExp(`${persona.firstName} ${persona.lastName}`))
}

test('a person signs in by way of ID.me with a text, page by page', options, (t) =>
  walkthrough(t, { javaScript: true, persona: maria, bsoUserId: 'MARIA7K2' }),
)

test('the same without JavaScript', options, (t) =>
  walkthrough(t, { javaScript: false, persona: gatehouse.persona('james'), bsoUserId: 'JAMES4Q9' }),
)
