// A person whose access ends in the middle of a verification: once, then for longer, and in the end given back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documentedRequests } from '@gatehouse/numident/documented'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import type { Page } from 'playwright-core'
import {
  addSecurityKey,
  describeRevocation,
  giveReason,
  openPerson,
  signInAtConsole,
} from '../src/administrator-steps.ts'
import {
  agreeToTerms,
  beginSignIn,
  fillInRow,
  follow,
  PATIENCE,
  press,
  selectUserId,
} from '../src/browser-steps.ts'
import { verify } from '../src/gateway-requests.ts'
import { openJourney } from '../src/journey.ts'
import { signInWithText } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const maria = gatehouse.persona('maria')
const rosa = gatehouse.persona('rosa')
const JAVASCRIPT = { javaScript: true }
const USER_ID = 'MARIA7K2'
const REVOKE = 'Revoke all of this person’s access'
const [documented] = documentedRequests
assert.ok(documented)

/** The cells under a heading of an order. */
async function rowsUnder(page: Page, heading: string): Promise<string[][]> {
  const rows = await page.locator('h2', { hasText: heading }).locator('+ table tbody tr').all()
  return Promise.all(rows.map((row) => row.locator('th, td').allInnerTexts()))
}

/** Looks at an order again until every relying service has answered. */
async function untilReached(page: Page): Promise<void> {
  const end = performance.now() + PATIENCE
  while (await page.getByRole('link', { name: 'Reload this page' }).count()) {
    assert.ok(performance.now() < end, 'the relying services did not answer')
    await page.reload()
  }
}

/** Who is known to Login.gov in this browser is asked for nothing there. */
async function signInKnown(page: Page): Promise<void> {
  await press(page, 'Sign in with Login.gov')
  await agreeToTerms(page)
  await selectUserId(page, USER_ID)
}

test(
  'access that ended is refused everywhere at once, and comes back by signing in, or when it is reinstated',
  options,
  async (t) => {
    const look = pageChecks(JAVASCRIPT)
    const person = await openVisitor(t)
    const console = await openVisitor(t)
    await beginSignIn(person, urls.bso)
    await signInWithText(person, urls.lab, maria, USER_ID)
    await person.goto(`${urls.bso}/cbsv/online-verification`)
    await fillInRow(person, documented.request)

    await addSecurityKey(gatehouse, rosa)
    await signInAtConsole(console, gatehouse, rosa, JAVASCRIPT)
    // Past the cool-down of the text that was sent first.
    gatehouse.advanceClock(60_000)
    const { tokens } = await signInHeadless({ urls, persona: maria })
    const token = tokens.access_token
    assert.equal((await verify(urls, { token })).status, 200)

    await openPerson(console, urls.admin, 'Maria Example')
    await follow(console, REVOKE)
    await describeRevocation(console, {
      duration: 'End what is open now',
      reason: 'Unusual requests at night',
      ticket: 'SEC-4711',
    })
    const preview = await textOf(console)
    for (const said of [/1 person/, /2 sessions/, /Maria Example/, /Unusual requests at night/, /SEC-4711/])
      assert.match(preview, said)
    assert.equal((await verify(urls, { token })).status, 200, 'a preview ends nothing')
    await press(console, 'Revoke now')

    const refused = await verify(urls, { token })
    assert.deepEqual([refused.status, refused.problem.code], [401, 'invalid_token'])
    await press(person, 'Submit')
    assert.equal(await person.title(), 'Error: Your session ended | Business Services Online')
    assert.match(await textOf(person), /it was not sent/)
    await look(person, 'adm-01-session-ended', await person.title())

    await untilReached(console)
    const gateways = await rowsUnder(console, 'Gateways')
    assert.ok(gateways.length > 0)
    for (const [name, state, milliseconds] of gateways) {
      assert.equal(state, 'In force', name)
      assert.ok(Number(milliseconds) < 1_000, `${name}: ${milliseconds} ms`)
    }
    const services = await rowsUnder(console, 'Relying services')
    const bso = services.find(([name]) => name === 'Business Services Online')
    assert.deepEqual(bso?.slice(1, 3), ['Back-channel logout', 'Reached'])
    assert.match(bso?.[3] ?? '', /^[\d.,]+$/)
    await look(console, 'adm-02-reached', await console.title())

    await follow(person, 'Sign in again')
    assert.equal(await person.title(), 'Sign In or Create an Account | Social Security')
    // Login.gov ended her session in this browser when she signed in with another.
    gatehouse.advanceClock(60_000)
    await signInWithText(person, urls.lab, maria, USER_ID)
    assert.equal(new URL(person.url()).pathname, '/cbsv/online-verification')
    await fillInRow(person, documented.request)
    await press(person, 'Submit')
    assert.match(await person.title(), /Results/)
    assert.equal((await verify(urls, { token })).status, 401, 'what ended stays ended')

    await openPerson(console, urls.admin, 'Maria Example')
    await follow(console, REVOKE)
    await describeRevocation(console, {
      duration: 'Until somebody reinstates it',
      reason: 'It goes on',
      ticket: 'SEC-4711',
    })
    await press(console, 'Revoke now')
    await person.goto(`${urls.bso}/cbsv`)
    assert.equal(await person.title(), 'Error: Your session ended | Business Services Online')
    await follow(person, 'Sign in again')
    await press(person, 'Sign in with Login.gov')
    await look(
      person,
      'adm-03-access-ended',
      'Error: Your access has been ended. Call 1-800-772-6270 for help | Social Security',
    )
    assert.equal(new URL(person.url()).origin, urls['sign-in'])

    await console.goto(`${urls.admin}/revocations?standing=true`)
    await follow(console, /^Person/)
    await follow(console, 'Reinstate')
    await giveReason(console, 'It was the night shift', 'Reinstate')
    assert.match(await textOf(console), /Let in again at sign-in\s*Done/)
    await beginSignIn(person, urls.bso)
    await signInKnown(person)
    assert.equal(await person.title(), 'BSO Main Menu | Business Services Online')
  },
)
