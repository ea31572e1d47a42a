// The pages of Manage Services at BSO, looked at in a browser; the sign-in before them is done without one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { openLetterBox } from '@gatehouse/testkit/letter-box'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import { follow, press, selectUserId } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })
const at = (title: string) => `${title} | Business Services Online`

test(
  'request, letter, activation code and confirmation are pages that pass axe (WCAG 2.1 AA)',
  options,
  async (t) => {
    const james = gatehouse.persona('james')
    const box = await openLetterBox(urls, { street: '2 Mortgage Avenue', zipCode: '21202' })
    const signIn = openBrowser()
    t.after(() => signIn.close())
    await signIn.open(`${urls.bso}/main-menu`)
    await completeSignIn(signIn, { urls, persona: james, ein: '960002037' })
    const page = await openVisitor(t)
    for (const url of [`${urls.bso}/`, `${urls['sign-in']}/`]) {
      const pairs = (await signIn.cookies(url)).split('; ').filter(Boolean)
      const cookies = pairs.map((pair) => {
        const [name = '', ...value] = pair.split('=')
        return { name, value: value.join('='), url }
      })
      await page.context().addCookies(cookies)
    }

    await page.goto(`${urls.bso}/main-menu`)
    await look(page, '60-menu-without-cbsv', at('BSO Main Menu'))
    await follow(page, 'Request New Services')
    await look(page, '61-request-services', at('Request New Services'))
    await press(page, 'Request this service')
    await look(page, '62-pending-services', at('View Pending Services'))
    const { code } = await box.nextLetter(/activation code/i)
    await follow(page, 'Enter Activation Code(s)')
    await look(page, '63-enter-code', at('Enter Activation Code(s)'))
    await page.getByLabel('Activation code for CBSV').fill('ZZZZZZZZ')
    await press(page, 'Activate Service(s)')
    await look(page, '64-wrong-code', `Error: ${at('Enter Activation Code(s)')}`)
    await page.getByLabel('Activation code for CBSV').fill(code)
    await press(page, 'Activate Service(s)')
    await look(page, '65-activated', at('Enter Activation Code(s) - Confirmation'))
    await follow(page, 'Go to the Main Menu')
    await look(page, '66-menu-before-signing-in-again', at('BSO Main Menu'))
    await follow(page, 'Request New Services')
    await look(page, '67-nothing-to-request', at('Request New Services'))
    await follow(page, 'Sign in again to use CBSV')
    await selectUserId(page, 'JAMES8W3')
    await look(page, '68-cbsv', at('CBSV Main Menu'))
    await page.goto(`${urls.bso}/services/pending`)
    await look(page, '69-nothing-pending', at('View Pending Services'))
    assert.match(await textOf(page), /You have no pending services/)
  },
)
