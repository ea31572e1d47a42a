// What becomes of a person who is signed in here when something happens to their account at Login.gov: it is told by its
// own security events, and nobody here has to do anything.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { type HeadlessBrowser, openBrowser } from '@gatehouse/testkit/headless-browser'
import { StuckAt } from '@gatehouse/testkit/page'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import { verify } from '../src/gateway-requests.ts'
import { OPERATOR_TOKEN } from '../src/relying-service.ts'

const gatehouse = await startGatehouse({ environment: { 'login-gov': { OPERATOR_TOKEN } } })
after(() => gatehouse.close())
const { urls } = gatehouse
const maria = gatehouse.persona('maria')
const bounded = { timeout: 180_000 }

/** Asks Login.gov as its operator. */
async function operator(method: 'GET' | 'PUT' | 'DELETE', path: string) {
  const response = await fetch(`${urls['login-gov']}/api/accounts${path}`, {
    method,
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
  })
  assert.ok(response.ok, `${method} ${path}: ${response.status}`)
  return response.status === 204 ? undefined : response.json()
}

async function accountAtLoginGov(): Promise<string> {
  const { account_id } = (await operator('GET', `?email=${encodeURIComponent(maria.email)}`)) as {
    account_id: string
  }
  return account_id
}

/** At most ten seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000
  while (!(await holds())) {
    assert.ok(performance.now() < endsAt, 'it did not come within ten seconds')
    await pause(20)
  }
}

const isAtMainMenu = async (browser: HeadlessBrowser) =>
  (await browser.open(`${urls.bso}/main-menu`)).status === 200

/** Maria in a browser at Business Services Online, and with a token of the command line. */
async function signedIn() {
  // Past the cool-down of her last code.
  gatehouse.advanceClock(5 * 60_000)
  const { tokens } = await signInHeadless({ urls, persona: maria })
  gatehouse.advanceClock(60_000)
  const browser = openBrowser()
  after(() => browser.close())
  await browser.open(urls.bso)
  await browser.follow('Sign in')
  await completeSignIn(browser, { urls, persona: maria })
  assert.ok(await isAtMainMenu(browser))
  assert.equal((await verify(urls, { token: tokens.access_token })).status, 200)
  return { token: tokens.access_token, browser }
}

test(
  'an account that Login.gov suspends loses its session and its tokens here, and gets in again when it is reinstated',
  bounded,
  async () => {
    const { token, browser } = await signedIn()
    const account = await accountAtLoginGov()
    await operator('PUT', `/${account}/suspension`)
    await until(async () => (await verify(urls, { token })).status === 401)
    await until(async () => !(await isAtMainMenu(browser)))
    gatehouse.advanceClock(5 * 60_000)
    await assert.rejects(signInHeadless({ urls, persona: maria }), StuckAt)
    await operator('DELETE', `/${account}/suspension`)
    await until(async () => {
      const again = await signInHeadless({ urls, persona: maria }).catch(() => undefined)
      gatehouse.advanceClock(5 * 60_000)
      return again !== undefined
    })
  },
)

test(
  'an account that is deleted at Login.gov ends the session at Business Services Online and at the gateway',
  bounded,
  async () => {
    const { token, browser } = await signedIn()
    await operator('DELETE', `/${await accountAtLoginGov()}`)
    await until(async () => (await verify(urls, { token })).status === 401)
    await until(async () => !(await isAtMainMenu(browser)))
    const log = (await gatehouse.logLines()).filter((line) => line.includes('security event'))
    assert.ok(log.length > 0)
    assert.ok(!/eyJ[\w-]{20,}/.test(log.join('')), 'no log line has a token')
  },
)
