// What relying services are told of changes that people make on these pages (fact sheet 7.1).

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { ANOTHER_PASSWORD, givePassword, type LoginGov } from './support/account.ts'
import { CLIENT, OPERATOR_TOKEN, PASSWORD, signIn, startLoginGov } from './support/login-gov.ts'

const MARIA = 'maria@example.com'
const OTHER = 'maria-other@example.org'
const DAY = 86_400_000

let idp: LoginGov
let browser: Browser
beforeEach(async () => {
  idp = await startLoginGov()
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` }
  const url = `/api/clients/${encodeURIComponent(CLIENT)}`
  const client = (await idp.app.inject({ url, headers })).json()
  // Nobody listens there: what is to be sent is kept all the same.
  const payload = { ...client, push_notification_url: 'http://127.0.0.1:9/events' }
  const answer = await idp.app.inject({ method: 'PUT', url, headers, payload })
  assert.ok(answer.statusCode < 300, answer.body)
  browser = idp.browser()
  await signIn(browser, idp.codes)
})
afterEach(() => idp.app.close())

const told = async () => {
  const rows = await idp.ground.database.selectFrom('securityEventDeliveries').select('eventType').execute()
  return rows.map(({ eventType }: { eventType: string }) => eventType.split('/').at(-1)).toSorted()
}

async function resetLink() {
  const reader = idp.browser()
  await reader.open('/users/password/new')
  await reader.submit('/users/password', { 'password_reset_email_form[email]': MARIA })
  await reader.open(idp.mail.link(MARIA, '/users/password/edit'))
  return reader
}

async function addEmail() {
  await browser.open('/add/email')
  await browser.submit('/add/email', { 'user[email]': OTHER })
  await browser.open(idp.mail.link(OTHER, '/add/email/confirm'))
}

test('a password reset that is asked for: recovery-activated; one that is made: password-reset', async () => {
  const reader = await resetLink()
  assert.deepEqual(await told(), ['recovery-activated'])
  await reader.submit('/users/password/edit', { 'reset_password_form[password]': ANOTHER_PASSWORD })
  assert.deepEqual(await told(), ['password-reset', 'recovery-activated'])
})

test('a password that is changed in the account: password-reset', async () => {
  await browser.open('/manage/password')
  await browser.submit('/manage/password', { 'update_user_password_form[password]': ANOTHER_PASSWORD })
  assert.deepEqual(await told(), ['password-reset'])
})

test('an address that is confirmed: identifier-changed; removed: identifier-recycled too', async () => {
  await addEmail()
  assert.deepEqual(await told(), ['identifier-changed', 'recovery-information-changed'])
  const [, path = ''] =
    /href="(\/manage\/email\/confirm_delete\/[\w-]+)">Delete<span class="usa-sr-only"> maria-other/.exec(
      browser.last.body,
    ) ?? []
  await browser.open(path)
  await browser.submit(path)
  assert.deepEqual(await told(), [
    'identifier-changed',
    'identifier-changed',
    'identifier-recycled',
    'recovery-information-changed',
    'recovery-information-changed',
  ])
})

test('an account that its owner deletes: account-purged', async () => {
  await browser.open('/account/delete')
  await browser.submit('/account/delete', { 'user[password]': PASSWORD })
  assert.deepEqual(await told(), ['account-purged'])
})

test('an account reset: nothing while it waits, account-purged when it is completed', async () => {
  const lost = idp.browser()
  await givePassword(lost, MARIA)
  await lost.open('/account_reset/request')
  await lost.submit('/account_reset/request')
  assert.deepEqual(await told(), [])
  advanceClock(DAY - 60_000)
  await givePassword(lost, MARIA)
  advanceClock(60_001)
  await lost.open('/account_reset/pending')
  await lost.open(idp.mail.link(MARIA, '/account_reset/delete_account'))
  await lost.submit('/account_reset/delete_account')
  assert.deepEqual(await told(), ['account-purged'])
})

test('a change that cannot be kept to be told is not made', async () => {
  await browser.open('/manage/password')
  await idp.ground.database.schema.dropTable('security_event_deliveries').execute()
  await browser.open('/add/email')
  await browser.submit('/add/email', { 'user[email]': OTHER })
  assert.equal((await browser.open(idp.mail.link(OTHER, '/add/email/confirm'))).statusCode, 500)
  const rows = await idp.ground.database
    .selectFrom('emailAddresses')
    .selectAll()
    .where('email', '=', OTHER)
    .execute()
  assert.deepEqual(rows, [])
})

test('a letter about something that is done already undoes nothing when it cannot be sent', async () => {
  await browser.open('/manage/password')
  idp.mail.isUnreachable = true
  await browser.submit('/manage/password', { 'update_user_password_form[password]': ANOTHER_PASSWORD })
  assert.equal(browser.path, '/account')
  assert.equal(browser.last.statusCode, 200)
})
