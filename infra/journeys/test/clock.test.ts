import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import { verify } from '../src/gateway-requests.ts'
import { enterCode, enterPassword, toPassword } from '../src/headless-steps.ts'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const maria = gatehouse.persona('maria')
const bounded = { timeout: 180_000 }

/** What QA staff send to the lab. */
async function putClock(body: { advanceSeconds: number } | { now: string }) {
  const response = await fetch(`${urls.lab}/clock`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as {
    now: string
    offset: number
    moved: string[]
    failed: string[]
    code: string
  }
  return { status: response.status, ...answer }
}

async function readClock(): Promise<{ now: string; offset: number }> {
  const response = await fetch(`${urls.lab}/clock`)
  return (await response.json()) as { now: string; offset: number }
}

test(
  'the lab moves every service: an access token dies at the gateway, and service calls go on',
  bounded,
  async () => {
    const { tokens, claims } = await signInHeadless({ urls, persona: maria })
    const token = tokens.access_token
    assert.equal((await verify(urls, { token })).status, 200)
    const answer = await putClock({ advanceSeconds: 360 })
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.moved, SERVICE_NAMES)
    assert.deepEqual(answer.failed, [])
    assert.equal((await verify(urls, { token })).status, 401)

    // Every token that services hold for one another has expired by now too. And oidc-provider and jose, which read
    // `Date` themselves, issue and check at the new time.
    const later = await signInHeadless({ urls, persona: maria })
    assert.ok(Number(later.claims.iat) >= Number(claims.iat) + 360)
    assert.equal(Number(later.claims.exp) - Number(later.claims.iat), 300)
    assert.equal((await verify(urls, { token: later.tokens.access_token })).status, 200)
  },
)

test(
  'a code, a sign-in under way and a session at BSO end when the lab says that their time is over',
  bounded,
  async (t) => {
    const browser = openBrowser()
    t.after(() => browser.close())
    const phone = await pickUpPhone(urls, maria.phoneNumber)
    await toPassword(browser, urls)
    await enterPassword(browser, maria)
    const code = await phone.nextCode()
    await putClock({ advanceSeconds: 600 })
    const refused = await enterCode(browser, code)
    assert.match(refused.alerts.join(), /That one-time code is invalid/)

    const interaction = openBrowser()
    t.after(() => interaction.close())
    await interaction.open(urls.bso)
    const choice = await interaction.follow('Sign in')
    await putClock({ advanceSeconds: 3_601 })
    assert.equal((await interaction.open(choice.url)).status, 400)

    const person = openBrowser()
    t.after(() => person.close())
    await person.open(urls.bso)
    await person.follow('Sign in')
    assert.equal((await completeSignIn(person, { urls, persona: maria })).heading, 'BSO Main Menu')
    // The access token has run out, the session has not: a page fetches a new one.
    await putClock({ advanceSeconds: 20 * 60 })
    assert.equal((await person.open(`${urls.bso}/cbsv`)).heading, 'Consent Based SSN Verification')
    await putClock({ advanceSeconds: 31 * 60 })
    const ended = await person.open(`${urls.bso}/cbsv`)
    assert.notEqual(ended.heading, 'Consent Based SSN Verification')
  },
)

test('an instant is taken like a number of seconds, and a page of the lab shows it', bounded, async (t) => {
  const instant = new Date(Date.parse((await readClock()).now) + 86_400_000)
  const { status, now } = await putClock({ now: instant.toISOString() })
  assert.equal(status, 200)
  assert.ok(Math.abs(Date.parse(now) - instant.getTime()) < 5_000)
  const browser = openBrowser()
  t.after(() => browser.close())
  assert.match((await browser.open(`${urls.lab}/clock`)).text, /It runs 1 day/)
  assert.equal((await signInHeadless({ urls, persona: maria })).claims.bso_user_id, 'MARIA7K2')
})

test('the clock goes forwards only, and what is refused moves nothing', bounded, async () => {
  const { offset } = await readClock()
  const backwards = await putClock({ now: '2020-01-01T00:00:00Z' })
  assert.deepEqual([backwards.status, backwards.code], [400, 'invalid_request'])
  const negative = await putClock({ advanceSeconds: -1 })
  assert.deepEqual([negative.status, negative.code], [400, 'invalid_request'])
  assert.equal((await readClock()).offset, offset)
})
