// What my Social Security's extra security leaves behind: after everything that a person can do with it, no file of any
// service but the lab has a secret of it. The lab is where people read them.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { openLetterBox } from '@gatehouse/testkit/letter-box'
import { openMailTray } from '@gatehouse/testkit/mail-tray'
import { pickUpPhone } from '@gatehouse/testkit/phone'
import { press } from '../src/headless-steps.ts'
import {
  confirmPhone,
  giveNumber,
  giveSecurityCode,
  giveUpgradeCode,
  requestExtraSecurity,
  signIn,
  tenDigits,
} from '../src/my-ssa-headless-steps.ts'

const MINUTE = 60_000
const NEW_NUMBER = '+12025550177'
const NEW_PASSWORD = 'eleven patient otters paint a ferry'

/** Every row of every table in a file, as text. */
function everyRow(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true })
  const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
  const rows = tables.map(({ name }) => JSON.stringify(database.prepare(`select * from "${name}"`).all()))
  database.close()
  return rows.join('\n')
}

test('no log line and no table outside the lab has a password, a code, a number or an SSN (OWASP ASVS 5.0 14.2.4, 16.2.5)', {
  timeout: 180_000,
}, async (t) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'gatehouse-secrecy-'))
  const gatehouse = await startGatehouse({ dataDirectory })
  t.after(async () => {
    await gatehouse.close()
    await rm(dataDirectory, { recursive: true, force: true })
  })
  const { urls } = gatehouse
  const maria = gatehouse.persona('maria')
  const { ssn = '' } = maria
  const mail = await openMailTray(urls, maria.email)
  const box = await openLetterBox(urls, maria.address)
  const [phone, newPhone] = [await pickUpPhone(urls, maria.phoneNumber), await pickUpPhone(urls, NEW_NUMBER)]
  const visitor = () => {
    const browser = openBrowser()
    t.after(() => browser.close())
    return browser
  }
  const secrets: Record<string, string> = {
    'the SSN': ssn,
    'the SSN with hyphens': ssn.replace(/^(...)(..)/, '$1-$2-'),
    'the first password': maria.password,
    'the password after it': NEW_PASSWORD,
    'the phone number': tenDigits(maria.phoneNumber),
    'the number after it': tenDigits(NEW_NUMBER),
    'the street': maria.address.street,
  }

  const browser = visitor()
  secrets['the upgrade code'] = await requestExtraSecurity(browser, urls, { person: maria, box })
  await browser.open(`${urls['my-ssa']}/extra-security`)
  await confirmPhone(browser, urls, maria.phoneNumber)
  await giveUpgradeCode(browser, secrets['the upgrade code'])
  assert.equal(browser.page.heading, 'Congratulations!')

  gatehouse.advanceClock(MINUTE)
  const lost = visitor()
  await signIn(lost, urls, maria)
  secrets['the code of an unused text'] = await phone.nextCode()
  await lost.follow('What if I lose or change my phone number?')
  await press(lost, 'Mail Reset Code Instructions', {
    terms: true,
    address: true,
    number: tenDigits(NEW_NUMBER),
  })
  secrets['the reset code'] = (await box.nextLetter(/reset code/i)).code
  gatehouse.advanceClock(MINUTE)
  const reset = visitor()
  await signIn(reset, urls, maria)
  await giveNumber(reset, tenDigits(NEW_NUMBER))
  secrets['the code of a text'] = await newPhone.nextCode()
  await giveSecurityCode(reset, secrets['the code of a text'])
  await press(reset, 'Submit Reset Code', { code: secrets['the reset code'] })
  assert.equal(reset.page.heading, 'Security Settings')

  const forgotten = visitor()
  for (const how of ['email', 'letter']) {
    await forgotten.open(`${urls['my-ssa']}/forgot-password`)
    await press(forgotten, 'Next', { username: maria.mySsa?.username ?? '', how })
  }
  const [link = ''] = (await mail.nextMail(/reset your password/i)).links
  secrets['the token of a link'] = new URL(link).searchParams.get('token') ?? ''
  secrets['the temporary password'] = (await box.nextLetter(/temporary password/i)).code
  await forgotten.open(`${urls['my-ssa']}/reset-password`)
  await press(forgotten, 'Change my password', {
    username: maria.mySsa?.username ?? '',
    temporaryPassword: secrets['the temporary password'],
    password: NEW_PASSWORD,
  })
  assert.equal(forgotten.page.heading, 'Sign In or Create an Account')
  secrets['the session'] = /my-ssa-session=([^;]+)/.exec(await reset.cookies(urls['my-ssa']))?.[1] ?? ''

  const places = new Map([['the log', (await gatehouse.logLines()).join('\n')]])
  for (const name of await readdir(dataDirectory, { recursive: true })) {
    // Whom the other services know by their file of personas is not what this is about.
    const isOurs = /(my-ssa|upgrade-codes|one-time-codes|sign-in|ticket-portal)\.sqlite$/.test(name)
    if (isOurs) places.set(name, everyRow(join(dataDirectory, name)))
  }
  assert.ok(places.size >= 6, [...places.keys()].join())
  for (const [place, content] of places) {
    for (const [name, secret] of Object.entries(secrets)) {
      assert.ok(secret.length >= 7, `${name} is no secret`)
      // A code may stand by chance inside of a longer number.
      const found = new RegExp(`(?<![0-9])${secret}(?![0-9])|\\+1${secret}`).test(content)
      assert.ok(!found, `${name} stands in ${place}`)
    }
  }
})
