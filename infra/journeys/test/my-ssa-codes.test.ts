// The codes of my Social Security where they must not open anything: too late, too early, of somebody else, of another
// length; and the one letter that a hundred try at once.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, mock, type TestContext, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { type Persona, startGatehouse } from '@gatehouse/testkit/gatehouse'
import { type HeadlessBrowser, openBrowser } from '@gatehouse/testkit/headless-browser'
import { openLetterBox } from '@gatehouse/testkit/letter-box'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { createServiceTokens } from '@gatehouse/tokens/service-tokens'
import { enterCode, enterPassword, press, toPassword } from '../src/headless-steps.ts'
import {
  answer,
  confirmPhone,
  giveNumber,
  giveSecurityCode,
  giveUpgradeCode,
  postTo,
  requestExtraSecurity,
  signIn,
  tenDigits,
  UPGRADE_CODE_LETTER,
} from '../src/my-ssa-headless-steps.ts'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const [maria, ruth, daniel] = ['maria', 'ruth', 'daniel'].map(gatehouse.persona) as [
  Persona,
  Persona,
  Persona,
]
const bounded = { timeout: 180_000 }
const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE
/** A wrong security code, and one that is too late, look alike. */
const NO_GOOD = /This security code is wrong, or it is no longer good/
const NO_GOOD_UPGRADE = /This upgrade code is wrong, or it is no longer good/

function visitor(t: TestContext) {
  const browser = openBrowser()
  t.after(() => browser.close())
  return browser
}

/** The suite's time stands still at this instant (milliseconds) while something is done, however long it takes. */
async function atExactly<Result>(instant: number, act: () => Promise<Result>): Promise<Result> {
  mock.timers.enable({ apis: ['Date'], now: instant })
  try {
    return await act()
  } finally {
    mock.timers.reset()
    gatehouse.advanceClock(Math.max(0, instant - now()))
  }
}

/** The last day of a letter's code as the letter says it, at noon Eastern Standard Time, in milliseconds. */
function noonOfLastDay(step: string | undefined): number {
  const [, day] = step?.match(/code expires on (\w+ \d+, \d{4})\./) ?? []
  return Date.parse(`${day} 12:00 GMT-0500`)
}

test(
  'a security code is good at 9:59 and not at 10:01 minutes after the request (NIST SP 800-63B-4 §3.1.3.2)',
  bounded,
  async (t) => {
    const phone = await pickUpPhone(urls, daniel.phoneNumber)
    const at = async (delay: number) => {
      const browser = visitor(t)
      gatehouse.advanceClock(MINUTE)
      const requested = now()
      await atExactly(requested, () => signIn(browser, urls, daniel))
      const code = await phone.nextCode()
      return atExactly(requested + delay, () => giveSecurityCode(browser, code))
    }
    assert.equal((await at(10 * MINUTE - SECOND)).heading, 'Security Settings')
    const late = await at(10 * MINUTE + SECOND)
    assert.equal(late.status, 422)
    assert.match(late.alerts.join(), NO_GOOD)
  },
)

test('a landline and what is no number are told at the field, and no text goes out', bounded, async (t) => {
  const browser = visitor(t)
  const landline = await pickUpPhone(urls, '+12025550194')
  await signIn(browser, urls, ruth)
  await answer(browser, 'enable')
  const refused = await giveNumber(browser, '202-555-0194')
  assert.equal(refused.status, 422)
  assert.match(refused.alerts.join(), /This number cannot receive text messages/)
  await assert.rejects(landline.nextCode('text', 0), /no text/)
  for (const number of ['', '555-0148', '1202555014', '202555014O', '+44 20 7946 0000', '120255501480']) {
    const page = await giveNumber(browser, number)
    assert.equal(page.status, 422, number)
    assert.match(page.alerts.join(), /Enter a 10-digit number, area code first/, number)
  }
  await giveNumber(browser, '(202) 555-0148')
  assert.match(browser.page.text, /We sent a text message to: \(202\) 555-0148/)
})

test(
  'before the phone is confirmed an upgrade code is not even tried, at whatever address: it is good afterwards',
  bounded,
  async (t) => {
    gatehouse.advanceClock(MINUTE)
    const browser = visitor(t)
    const code = await requestExtraSecurity(browser, urls, {
      person: maria,
      box: await openLetterBox(urls, maria.address),
    })
    const upgradeAt = `${urls['my-ssa']}/extra-security/upgrade-code`
    assert.equal((await browser.open(upgradeAt)).heading, 'Please add your cell phone')
    // More often than the five wrong tries that would lock out.
    for (let time = 0; time < 6; time++) {
      await postTo(browser, upgradeAt, { code })
      assert.equal(browser.page.heading, 'Please add your cell phone')
    }
    const phone = await pickUpPhone(urls, maria.phoneNumber)
    await giveNumber(browser, tenDigits(maria.phoneNumber))
    assert.equal((await postTo(browser, upgradeAt, { code })).heading, 'Please enter your security code')
    await giveSecurityCode(browser, await phone.nextCode())
    assert.equal((await giveUpgradeCode(browser, code)).heading, 'Congratulations!')
    await removeExtraSecurity(browser, maria)
  },
)

async function removeExtraSecurity(browser: HeadlessBrowser, { password }: Persona): Promise<void> {
  await browser.open(`${urls['my-ssa']}/security-settings/remove`)
  const page = await press(browser, 'Remove extra security', { password })
  assert.match(page.alerts.join(), /Extra security is removed/)
}

test(
  'eight digits where Login.gov asks for six, and six where my Social Security asks for eight, open nothing',
  bounded,
  async (t) => {
    gatehouse.advanceClock(10 * MINUTE)
    const phone = await pickUpPhone(urls, maria.phoneNumber)
    const atLoginGov = visitor(t)
    await toPassword(atLoginGov, urls)
    await enterPassword(atLoginGov, maria)
    const six = await phone.nextCode()
    assert.match(six, /^\d{6}$/)

    const atMySsa = visitor(t)
    const upgradeCode = await requestExtraSecurity(atMySsa, urls, {
      person: maria,
      box: await openLetterBox(urls, maria.address),
    })
    await atMySsa.follow('Enable or cancel extra security')
    await answer(atMySsa, 'enable')
    await giveNumber(atMySsa, tenDigits(maria.phoneNumber))
    const eight = await phone.nextCode()
    assert.match(eight, /^\d{8}$/)

    for (const code of [eight, eight.slice(0, 6), `${six}00`]) {
      const page = await enterCode(atLoginGov, code)
      assert.match(page.alerts.join(), /That one-time code is invalid/, `${code.length} digits at Login.gov`)
    }
    for (const code of [six, eight.slice(0, 6), eight.slice(0, 7), `${eight}0`]) {
      const page = await giveSecurityCode(atMySsa, code)
      assert.match(page.alerts.join(), NO_GOOD, `${code.length} digits at my Social Security`)
    }
    await enterCode(atLoginGov, six)
    assert.notEqual(atLoginGov.page.heading, 'Enter your one-time code')
    await giveSecurityCode(atMySsa, eight)
    assert.equal(atMySsa.page.heading, 'Enable Extra Security')
    // Seven digits are the letter's.
    for (const code of [`${upgradeCode}0`, upgradeCode.slice(1), eight]) {
      assert.match((await giveUpgradeCode(atMySsa, code)).alerts.join(), NO_GOOD_UPGRADE)
    }
    assert.equal((await giveUpgradeCode(atMySsa, upgradeCode)).heading, 'Congratulations!')
    await removeExtraSecurity(atMySsa, maria)
  },
)

test(
  'the codes of another account open nothing, on the phone and in the letter, and stay good for their own',
  bounded,
  async (t) => {
    gatehouse.advanceClock(30 * DAY)
    const people = [maria, ruth] as const
    const [mine, hers] = people.map(() => visitor(t)) as [HeadlessBrowser, HeadlessBrowser]
    const [myPhone, herPhone] = await Promise.all(
      people.map(({ phoneNumber }) => pickUpPhone(urls, phoneNumber)),
    )
    const myLetter = await requestExtraSecurity(mine, urls, {
      person: maria,
      box: await openLetterBox(urls, maria.address),
    })
    await mine.follow('Enable or cancel extra security')
    const herBox = await openLetterBox(urls, ruth.address)
    await signIn(hers, urls, ruth)
    await press(hers, 'Request a new letter')
    const herLetter = (await herBox.nextLetter(UPGRADE_CODE_LETTER)).code

    await answer(mine, 'enable')
    await giveNumber(mine, tenDigits(maria.phoneNumber))
    await answer(hers, 'enable')
    await giveNumber(hers, tenDigits(ruth.phoneNumber))
    const [myText, herText] = [(await myPhone?.nextCode()) ?? '', (await herPhone?.nextCode()) ?? '']
    assert.match((await giveSecurityCode(mine, herText)).alerts.join(), NO_GOOD)
    assert.match((await giveSecurityCode(hers, myText)).alerts.join(), NO_GOOD)
    await giveSecurityCode(mine, myText)
    await giveSecurityCode(hers, herText)

    assert.match((await giveUpgradeCode(mine, herLetter)).alerts.join(), NO_GOOD_UPGRADE)
    assert.match((await giveUpgradeCode(hers, myLetter)).alerts.join(), NO_GOOD_UPGRADE)
    assert.equal((await giveUpgradeCode(mine, myLetter)).heading, 'Congratulations!')
    assert.equal((await giveUpgradeCode(hers, herLetter)).heading, 'Congratulations!')
    await removeExtraSecurity(mine, maria)
    await removeExtraSecurity(hers, ruth)
  },
)

test(
  'the code of a letter is good on the day that is printed on it and not the day after; a new letter is',
  bounded,
  async (t) => {
    gatehouse.advanceClock(31 * DAY)
    const [boxOfRuth, boxOfMaria] = await Promise.all(
      [ruth, maria].map(({ address }) => openLetterBox(urls, address)),
    )
    assert.ok(boxOfRuth && boxOfMaria)
    const codes = []
    for (const [person, box] of [
      [ruth, boxOfRuth],
      [maria, boxOfMaria],
    ] as const) {
      const browser = visitor(t)
      await signIn(browser, urls, person)
      await press(browser, 'Add extra security')
      codes.push(await box.nextLetter(UPGRADE_CODE_LETTER))
    }
    const [ofRuth, ofMaria] = codes
    assert.ok(ofRuth && ofMaria)
    const steps = ofRuth.blocks.flatMap((block) => (block.kind === 'steps' ? block.items : []))
    const lastDay = noonOfLastDay(steps.at(-1))

    gatehouse.advanceClock(lastDay - now())
    const onTime = visitor(t)
    await signIn(onTime, urls, ruth)
    await confirmPhone(onTime, urls, ruth.phoneNumber)
    assert.equal((await giveUpgradeCode(onTime, ofRuth.code)).heading, 'Congratulations!')

    gatehouse.advanceClock(lastDay + DAY - now())
    const late = visitor(t)
    await signIn(late, urls, maria)
    assert.match(
      late.page.alerts.join(),
      /The code of your letter expired on .+\. Please request a new letter\./,
    )
    await confirmPhone(late, urls, maria.phoneNumber)
    const refused = await giveUpgradeCode(late, ofMaria.code)
    assert.equal(refused.status, 422)
    assert.match(refused.alerts.join(), /expired/)
    await press(late, 'Request a new letter')
    const { code } = await boxOfMaria.nextLetter(UPGRADE_CODE_LETTER)
    gatehouse.advanceClock(MINUTE)
    await confirmPhone(late, urls, maria.phoneNumber)
    assert.match((await giveUpgradeCode(late, ofMaria.code)).alerts.join(), NO_GOOD_UPGRADE)
    assert.equal((await giveUpgradeCode(late, code)).heading, 'Congratulations!')
  },
)

test('of a hundred redemptions of one letter at once, over HTTP, exactly one wins', bounded, async () => {
  const privateKey = JSON.parse(await readFile(`${gatehouse.dataDirectory}/my-ssa/service-key.json`, 'utf8'))
  const tokens = createServiceTokens({
    clientId: 'my-ssa',
    privateKey,
    tokenEndpoint: `${urls['sign-in']}/token`,
    fetch,
  })
  const authorization = `Bearer ${await tokens.token('upgrade-codes', 'letters.write')}`
  const post = async (path: string, body: unknown) => {
    const response = await fetch(urls['upgrade-codes'] + path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    })
    const { code } = (await response.json()) as { code?: string }
    return { status: response.status, code }
  }
  const kind = 'upgrade-code'
  const { street, city, state, zipCode } = daniel.address
  const recipient = { name: 'Daniel Pattern', street, city, state, zipCode }
  const box = await openLetterBox(urls, daniel.address)
  assert.equal((await post('/letters', { owner: 'hundred', kind, recipient })).status, 201)
  const { code } = await box.nextLetter(UPGRADE_CODE_LETTER)

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      post('/owners/hundred/redemptions', { kind, code, reference: `enrolment-${index}` }),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  const refusals = new Set(answers.filter(({ status }) => status !== 200).map((refusal) => refusal.code))
  for (const refusal of refusals) assert.match(refusal ?? '', /^(code_not_accepted|locked_out)$/)
})
