// Whatever a page's form is sent with, the page answers: never a status of 500 or more, no stack trace, nothing of what was
// typed run as markup (OWASP ASVS 5.0 1.2.1, 16.5.1).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { postAnything } from '@gatehouse/provider/for-tests/any-form'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { authorizeUrl, PASSWORD } from './support/id-me.ts'
import { type People, startWithPeople } from './support/people.ts'

let idMe: People
before(async () => {
  idMe = await startWithPeople()
})
after(() => idMe.app.close())
beforeEach(() => advanceClock(86_400_000))

/** Fields of all forms: each page takes some of them and refuses others. */
const FIELDS = [
  'email',
  'password',
  'continue',
  'token',
  'method',
  'channel',
  'phone',
  'code',
  'response',
  'name',
  'number',
  'id',
  'shown',
  'answer',
  'birthdate',
  'document',
  'zip',
]

/** @param from the page whose token goes along */
const postTo = (browser: Browser, place: string, names: readonly string[], runs: number, from = place) =>
  postAnything(idMe.app, browser, place, { names, runs, from })

test('pages for whoever comes', async () => {
  for (const [place, fields] of [
    ['/sign-in', ['email', 'continue']],
    ['/sign-in', FIELDS],
    ['/password', ['email', 'continue']],
    ['/password/link', ['token', 'password']],
    ['/sign-up', ['email', 'continue']],
    ['/sign-up/link', ['token', 'password']],
    ['/recovery', FIELDS],
    ['/recovery/link', ['token']],
  ] as const) {
    await postTo(idMe.browser(), place, fields, 25, '/sign-in')
  }
})

test('pages of the second factor', async () => {
  for (const place of [
    '',
    '/phone',
    '/phone/code',
    '/code-generator',
    '/push',
    '/security-key',
    '/recovery-code',
  ]) {
    const person = await idMe.person()
    await person.addPhone()
    await person.addCodeGenerator()
    await person.addPush()
    await person.recoveryCode()
    const browser = idMe.browser()
    await idMe.givePassword(browser, person.email, authorizeUrl({ scope: 'openid mfa' }))
    await postTo(browser, `/second-factor${place}`, ['method', 'channel', 'phone', 'code', 'response'], 10)
  }
})

test('pages of the settings, the verification and the consent', async () => {
  const person = await idMe.person()
  const browser = idMe.browser()
  await idMe.givePassword(browser, person.email, authorizeUrl())
  for (const place of [
    '',
    '/phone',
    '/phone/code',
    '/push',
    '/push/approval',
    '/code-generator',
    '/passkey',
  ]) {
    await postTo(
      browser,
      `/second-factor/new${place}`,
      ['method', 'number', 'channel', 'code', 'response', 'name'],
      15,
    )
  }
  for (const place of [
    '/settings/remove',
    '/settings/email',
    '/settings/email/link',
    '/settings/email/remove',
  ]) {
    await postTo(browser, place, ['id', 'email', 'token'], 15, '/settings')
  }
  const identified = await idMe.cookieOf('priya')
  const [name = '', value = ''] = identified.split('=')
  browser.cookies.set(name, value)
  await browser.open(authorizeUrl())
  assert.equal(browser.path, '/verification')
  await idMe.accounts.setProfile((await idMe.accountOf('priya')).id, undefined)
  await postTo(browser, '/verification', ['givenName', 'birthdate', 'document', 'number', 'zip', 'state'], 25)
  await postTo(browser, '/consent', ['shown', 'answer'], 15)
  assert.ok(await idMe.accounts.withPassword(person.email, PASSWORD))
})
