// Adding extra security is interrupted: the suite is killed, the person goes on in another browser, or is in two at once.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, type TestContext, test } from 'node:test'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { openLetterBox } from '@gatehouse/testkit/letter-box'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { press } from '../src/headless-steps.ts'
import {
  answer,
  confirmPhone,
  giveNumber,
  giveSecurityCode,
  giveUpgradeCode,
  requestExtraSecurity,
  signIn,
  signInWithText,
  tenDigits,
  UPGRADE_CODE_LETTER,
} from '../src/my-ssa-headless-steps.ts'
import { freePortBase, startSuiteProcess } from '../src/suite-process.ts'

const dataDirectory = await mkdtemp(join(tmpdir(), 'gatehouse-my-ssa-'))
const portBase = await freePortBase()
let suite = await startSuiteProcess(dataDirectory, portBase)
after(async () => {
  await suite.kill()
  await rm(dataDirectory, { recursive: true, force: true })
})
const { urls } = suite
const bounded = { timeout: 180_000 }

// With addresses and usernames, which the line that says "ready" leaves out.
const { personas }: PersonasFile = JSON.parse(await readFile(join(dataDirectory, 'personas.json'), 'utf8'))
function persona(id: string) {
  const found = personas.find((one) => one.id === id)
  assert.ok(found)
  return found
}
const [maria, ruth, daniel] = [persona('maria'), persona('ruth'), persona('daniel')]

function visitor(t: TestContext, way: { stopAt?: string } = {}) {
  const browser = openBrowser(way)
  t.after(() => browser.close())
  return browser
}

async function killAndRestart(): Promise<void> {
  await suite.kill()
  suite = await startSuiteProcess(dataDirectory, portBase)
}

/** How many letters of a state `upgrade-codes` has. */
function lettersThatAre(state: string): number {
  const database = new DatabaseSync(join(dataDirectory, 'upgrade-codes', 'upgrade-codes.sqlite'))
  try {
    const query = database.prepare('select count(*) as count from letters where state = ?')
    return Number(query.get(state)?.count)
  } finally {
    database.close()
  }
}

async function expectOn(t: TestContext, person: typeof ruth, phoneNumber: string): Promise<void> {
  const phone = await pickUpPhone(urls, phoneNumber)
  const { page } = await signInWithText(visitor(t), urls, { person, phone })
  assert.equal(page.heading, 'Security Settings')
  assert.match(page.text, new RegExp(`\\(\\*\\*\\*\\)\\s\\*\\*\\*.${phoneNumber.slice(-4)}`))
}

test(
  'a suite that is killed after each step goes on with the letter, the text and the confirmed phone',
  bounded,
  async (t) => {
    const box = await openLetterBox(urls, ruth.address)
    const phone = await pickUpPhone(urls, ruth.phoneNumber)
    // What the browser stops at is an address that an answer of the suite has led it to.
    const way: { stopAt?: string } = {}
    const browser = visitor(t, way)
    const at = `${urls['my-ssa']}/extra-security`

    /** Kills the suite when the step has been answered and before the browser follows to `next`. */
    async function killedBefore(next: string, step: () => Promise<unknown>) {
      way.stopAt = next
      await step()
      assert.ok(browser.page.stopped, `${browser.page.heading} instead of ${next}`)
      await killAndRestart()
      delete way.stopAt
      return browser.open(browser.page.url)
    }

    await killedBefore(at, () => signIn(browser, urls, ruth))
    assert.equal(browser.page.heading, 'Enable your Extra Security', 'the password was not forgotten')
    const { code: upgradeCode } = await box.nextLetter(UPGRADE_CODE_LETTER)

    await answer(browser, 'enable')
    await killedBefore(`${at}/security-code`, () => giveNumber(browser, tenDigits(ruth.phoneNumber)))
    assert.equal(browser.page.heading, 'Please enter your security code', 'the text was not forgotten')
    const text = await phone.nextCode()

    await killedBefore(`${at}/upgrade-code`, () => giveSecurityCode(browser, text))
    assert.equal(browser.page.heading, 'Enable Extra Security', 'the phone was not forgotten')

    await killedBefore(`${at}/congratulations`, () => giveUpgradeCode(browser, upgradeCode))
    assert.equal(browser.page.heading, 'Congratulations!', 'the upgrade code was not forgotten')
    await browser.follow('Next')
    assert.match(browser.page.text, /Extra security is on/)
    await assert.rejects(box.nextLetter(UPGRADE_CODE_LETTER, 0), /no letter/)
    await assert.rejects(phone.nextCode('text', 0), /no text/)
    assert.deepEqual([lettersThatAre('used'), lettersThatAre('delivered')], [1, 0])
    await expectOn(t, ruth, ruth.phoneNumber)
  },
)

test(
  'who leaves after the text goes on in another browser at the upgrade code, and gives a text there in the end',
  bounded,
  async (t) => {
    const box = await openLetterBox(urls, daniel.address)
    const phone = await pickUpPhone(urls, daniel.phoneNumber)
    const settings = visitor(t)
    await signInWithText(settings, urls, { person: daniel, phone })
    await settings.follow('Remove extra security')
    await press(settings, 'Remove extra security', { password: daniel.password })
    const upgradeCode = await requestExtraSecurity(visitor(t), urls, { person: daniel, box })

    const newNumber = '+12025550171'
    const left = visitor(t)
    await signIn(left, urls, daniel)
    await confirmPhone(left, urls, newNumber)
    assert.equal(left.page.heading, 'Enable Extra Security')

    const other = visitor(t)
    await signIn(other, urls, daniel)
    assert.equal((await answer(other, 'enable')).heading, 'Enable Extra Security')
    assert.match(other.page.text, /Welcome back!.*We will send the text messages to \(\*\*\*\)\s\*\*\*.0171/)
    const number = tenDigits(newNumber)
    const bound = await press(other, 'Submit Upgrade Code', { number, code: upgradeCode })
    assert.equal(bound.heading, 'Congratulations!')

    // In this browser no text was given yet.
    const newPhone = await pickUpPhone(urls, newNumber)
    await other.follow('Next')
    assert.equal(other.page.heading, 'We need to send you a security code')
    await press(other, 'Get Text Message')
    const page = await giveSecurityCode(other, await newPhone.nextCode())
    assert.match(page.text, /Extra security is on/)
  },
)

test(
  'two browsers enroll at once, each with a phone of its own: the first upgrade code wins, with its phone',
  bounded,
  async (t) => {
    const box = await openLetterBox(urls, maria.address)
    const upgradeCode = await requestExtraSecurity(visitor(t), urls, { person: maria, box })
    const numbers = ['+12025550172', '+12025550173'] as const
    const both = await Promise.all(
      numbers.map(async (number) => ({
        number,
        browser: visitor(t),
        phone: await pickUpPhone(urls, number),
      })),
    )
    const [one, two] = both
    assert.ok(one && two)
    await Promise.all(
      both.map(async ({ browser, number }) => {
        await signIn(browser, urls, maria)
        await answer(browser, 'enable')
        await giveNumber(browser, tenDigits(number))
      }),
    )
    const [codeOne, codeTwo] = [await one.phone.nextCode(), await two.phone.nextCode()]
    const crossed = await giveSecurityCode(one.browser, codeTwo)
    assert.match(crossed.alerts.join(), /This security code is wrong/)
    await giveSecurityCode(one.browser, codeOne)
    await giveSecurityCode(two.browser, codeTwo)
    for (const { browser } of both) assert.equal(browser.page.heading, 'Enable Extra Security')

    await Promise.all(both.map(({ browser }) => giveUpgradeCode(browser, upgradeCode)))
    const won = both.filter(({ browser }) => browser.page.heading === 'Congratulations!')
    assert.equal(won.length, 1, both.map(({ browser }) => browser.page.heading).join(', '))
    const [winner] = won
    const loser = both.find((each) => each !== winner)
    assert.ok(winner && loser)
    // Extra security is on by now: the other browser is asked for a text to the winner's phone.
    assert.equal(loser.browser.page.heading, 'We need to send you a security code')
    assert.match(loser.browser.page.text, new RegExp(`\\*\\*\\*.${winner.number.slice(-4)}`))
    await expectOn(t, maria, winner.number)
  },
)
