import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { ServiceName } from '@gatehouse/contracts/services'
import { documentedRequests } from '@gatehouse/numident/documented'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { agreeToTerms, enterCode, enterPassword, press, toPassword } from '../src/headless-steps.ts'
import { freePortBase, startSuiteProcess } from '../src/suite-process.ts'

const dataDirectory = await mkdtemp(join(tmpdir(), 'gatehouse-restart-'))
const portBase = await freePortBase()
let suite = await startSuiteProcess(dataDirectory, portBase)
after(async () => {
  await suite.kill()
  await rm(dataDirectory, { recursive: true, force: true })
})

async function killAndRestart(): Promise<void> {
  await suite.kill()
  suite = await startSuiteProcess(dataDirectory, portBase)
}

/** How many rows a table of a service has. */
function rowsOf(service: ServiceName, table: string): number {
  const database = new DatabaseSync(join(dataDirectory, service, `${service}.sqlite`))
  try {
    return Number(database.prepare(`select count(*) as count from ${table}`).get()?.count)
  } finally {
    database.close()
  }
}

async function textsOn(phoneNumber: string): Promise<(string | null)[]> {
  const response = await fetch(`${suite.urls.lab}/phones/${encodeURIComponent(phoneNumber)}/messages`)
  const { messages } = (await response.json()) as { messages: { code: string | null }[] }
  return messages.map(({ code }) => code)
}

test('a suite that is killed after each step of a sign-in goes on with all that it had acknowledged', {
  timeout: 180_000,
}, async (t) => {
  const { urls } = suite
  const maria = suite.personas.find(({ id }) => id === 'maria')
  assert.ok(maria)
  // What the browser stops at is an address that an answer of the suite has led it to.
  const way: { stopAt?: string } = {}
  const browser = openBrowser(way)
  t.after(() => browser.close())

  /** Kills the suite when the step has been answered and before the browser follows to `next`. */
  async function killedBefore(next: string, step: () => Promise<unknown>) {
    way.stopAt = next
    await step()
    assert.ok(browser.page.stopped, `${browser.page.heading} instead of ${next}`)
    await killAndRestart()
    delete way.stopAt
    return browser.open(browser.page.url)
  }

  const phone = await pickUpPhone(urls, maria.phoneNumber)
  await toPassword(browser, urls)
  await killedBefore(`${urls['login-gov']}/users/two_factor_authentication`, () =>
    enterPassword(browser, maria),
  )
  assert.equal(browser.page.heading, 'Enter your one-time code', 'the password was not forgotten')
  const code = await phone.nextCode()

  await killAndRestart()
  assert.deepEqual(await textsOn(maria.phoneNumber), [code], 'the text is on the phone, and came once')
  await killedBefore(`${urls['login-gov']}/openid_connect/authorize`, () => enterCode(browser, code))
  assert.equal(browser.page.heading, 'Connect your account to Social Security', 'the code was not forgotten')

  await killedBefore(`${urls['sign-in']}/federation/`, () => press(browser, 'Agree and continue'))
  assert.equal(browser.page.heading, 'Terms of Service', 'the consent was not forgotten')
  assert.equal(rowsOf('bso-user-ids', 'links'), 1)

  await killedBefore(`${urls['sign-in']}/authorize/`, () => agreeToTerms(browser))
  assert.equal(browser.page.heading, 'BSO User ID', 'the attestation was not forgotten')
  assert.equal(rowsOf('terms', 'attestations'), 1)

  const choice = browser.page.root.querySelector('[name=userId] option[value^=MARIA7K2]')
  const userId = choice?.getAttribute('value')
  assert.ok(userId)
  await killedBefore(`${urls.bso}/callback`, () => press(browser, 'Next', { userId }))
  assert.equal(browser.page.heading, 'BSO Main Menu', 'the authorization code was not forgotten')

  await killAndRestart()
  await browser.open(`${urls.bso}/cbsv/online-verification`)
  assert.match(browser.page.text, /Maria Example/, 'the session was not forgotten')
  const rows = documentedRequests.flatMap(({ request }, index) =>
    Object.entries(request).map(([field, value]) => [`${field}-${index + 1}`, value]),
  )
  const results = await press(browser, 'Submit', Object.fromEntries(rows))
  assert.deepEqual(
    results.root.querySelectorAll('.bso-result').map(({ text }) => text),
    ['Yes', 'No', 'Deceased'],
  )

  assert.equal(rowsOf('terms', 'attestations'), 1, 'one attestation')
  assert.equal(rowsOf('bso-user-ids', 'links'), 1, 'one link')
  assert.equal(rowsOf('sign-in', 'accounts'), 1, 'one account')
  assert.deepEqual(await textsOn(maria.phoneNumber), [code], 'no other text')
})

test('the operator token, the passwords and the keys are those of before', { timeout: 180_000 }, async () => {
  const keyIds = async () => {
    const response = await fetch(`${suite.urls['sign-in']}/jwks`)
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }
  const kept = async () => ({
    keys: await keyIds(),
    personas: suite.personas,
    operatorToken: await readFile(join(dataDirectory, 'sign-in', 'operator-token'), 'utf8'),
  })
  const before = await kept()
  await killAndRestart()
  assert.deepEqual(await kept(), before)
})
