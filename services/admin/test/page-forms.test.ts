import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { location } from '@gatehouse/relying-party/browser-for-tests'
import { endOfEasternDay, startOfEasternDay, timeText } from '../src/console/times.ts'
import { atConsole, type Console, expectPage, hiddenValue, REASON } from './console.ts'
import { startDesk } from './desk.ts'
import { ACCOUNT, EIN, USER_ID } from './owners.ts'

/** Fills in the form that is on the page for a target, up to the preview. */
async function preview(browser: Console, target: Record<string, string>, more: Record<string, string> = {}) {
  const page = await browser.get(`/revocations/new?${new URLSearchParams(target)}`)
  const reference = hiddenValue(page.body, 'reference')
  const form = { ...target, duration: 'once', reason: REASON, reference, ...more }
  return { form, answer: await browser.post('/revocations/preview', form) }
}

test('access ends after a preview, and the page of the order tells how long it took where', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const { form, answer } = await preview(
    browser,
    { kind: 'account', value: ACCOUNT },
    { duration: 'until-reinstated', ticket: 'T-1' },
  )
  assert.equal(answer.statusCode, 200)
  expectPage(answer.body, 'the preview')
  for (const words of [
    /<strong>1<\/strong> person/,
    /access tokens in flight/,
    /until somebody reinstates/,
    /T-1/,
  ]) {
    assert.match(answer.body, words)
  }
  assert.deepEqual(desk.owners.revocations.size, 0, 'nothing happened yet')
  const ordered = await browser.post('/revocations', form)
  assert.equal(ordered.statusCode, 303)
  const page = await browser.get(location(ordered))
  expectPage(page.body, 'the order')
  assert.match(page.body, /In force on 1 of 1 gateway/)
  assert.match(page.body, /localhost:4008[\s\S]*In force[\s\S]*>3</)
  const [revocation] = [...desk.owners.revocations.values()]
  assert.equal(revocation?.lasting, true)
  assert.equal(revocation?.ticket, 'T-1')
})

test('a form that is sent twice revokes once, and leads to the same page (ASVS 2.3.4)', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const { form } = await preview(browser, { kind: 'account', value: ACCOUNT })
  const [one, other] = [await browser.post('/revocations', form), await browser.post('/revocations', form)]
  assert.equal(location(one), location(other))
  assert.equal(desk.owners.revocations.size, 1)
})

for (const [what, form, message] of [
  ['without a reason', { reason: ' ' }, /Enter a reason of 3 to 500 characters/],
  ['with an SSN in the reason', { reason: 'SSN 987-65-4325' }, /Leave out numbers of nine digits/],
  ['without a duration', { duration: 'until-day', day: '' }, /Enter the last day/],
  [
    'with a day that is over',
    { duration: 'until-day', day: '2020-01-01' },
    /Enter a day that is not over yet/,
  ],
  ['with a day that is none', { duration: 'until-day', day: '2026-02-30' }, /Enter the last day/],
  ['without saying whom', { value: ' ' }, /Enter the account id/],
] as const) {
  test(`a revocation ${what} comes back with what to fix, and what was entered (WCAG 3.3.1)`, async () => {
    await using desk = await startDesk()
    const browser = await atConsole(desk, 'rosa', ['revoker'])
    const entered = { reason: 'Kept text', ticket: 'T-77', ...form }
    const { answer } = await preview(browser, { kind: 'account', value: ACCOUNT }, entered)
    assert.equal(answer.statusCode, 422)
    expectPage(answer.body, what)
    assert.match(answer.body, /<title>Error: /)
    assert.match(answer.body, message)
    assert.match(answer.body, /T-77/)
    const [, field] = /href="#(\w+)"/.exec(answer.body.slice(answer.body.indexOf('There is a problem'))) ?? []
    assert.ok(answer.body.includes(`id="${field}"`), 'the summary leads to the field')
    assert.ok(!desk.owners.asked.some((line) => line.includes('previews')))
  })
}

test('what an owner refuses is told beside the field that it is about', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  desk.owners.refuse.set('sign-in POST /revocations/previews', { status: 422, code: 'target_unknown' })
  const { answer } = await preview(browser, { kind: 'account', value: 'nobody-of-this-id' })
  assert.equal(answer.statusCode, 422)
  assert.match(answer.body, /href="#value"/)
  assert.match(answer.body, /There is nothing of this name to revoke/)
})

test('an owner that does not answer is a page that says so, and never a success', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  desk.owners.down.add('sign-in')
  const { answer } = await preview(browser, { kind: 'account', value: ACCOUNT })
  assert.equal(answer.statusCode, 503)
  assert.match(answer.body, /look before you try again/)
})

test('a part of a person whose owner does not answer says so, and is no empty list', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'vera', ['viewer'])
  desk.owners.down.add('terms')
  const { body } = await browser.get(`/people/${ACCOUNT}`)
  assert.match(body, /Attestations<\/h2><p><span[^>]*>Incomplete<\/span> terms did not answer/)
})

test('the end of a day is that of Eastern Time, in summer and in winter and on the days between', () => {
  assert.equal(endOfEasternDay('2026-07-01'), Date.UTC(2026, 6, 2, 4))
  assert.equal(endOfEasternDay('2026-12-01'), Date.UTC(2026, 11, 2, 5))
  assert.equal(endOfEasternDay('2026-03-08'), Date.UTC(2026, 2, 9, 4))
  assert.equal(startOfEasternDay('2026-03-08'), Date.UTC(2026, 2, 8, 5))
  assert.equal(endOfEasternDay('2026-11-01'), Date.UTC(2026, 10, 2, 5))
  assert.equal(startOfEasternDay('2026-11-01'), Date.UTC(2026, 10, 1, 4))
  assert.equal(endOfEasternDay('2026-13-01'), undefined)
  assert.equal(endOfEasternDay('tomorrow'), undefined)
  assert.equal(timeText(Date.UTC(2026, 6, 1, 4, 0, 1)), 'Jul 1, 2026, 12:00:01 AM EDT')
})

test('a company takes two administrators: one asks, the other decides, and whoever asked cannot (ASVS 2.3.5)', async () => {
  await using desk = await startDesk()
  const rosa = await atConsole(desk, 'rosa', ['revoker', 'approver'])
  const { form, answer } = await preview(rosa, { kind: 'ein', value: EIN }, { duration: 'until-reinstated' })
  assert.match(answer.body, /Ask for approval/)
  const act = location(await rosa.post('/revocations', form))
  const own = await rosa.get(act)
  assert.match(own.body, /Awaiting approval/)
  assert.match(own.body, /Withdraw the request/)
  assert.doesNotMatch(own.body, /Approve and carry out/)
  const order = { reason: REASON, reference: 'reference-of-a-test' }
  const self = await rosa.post(act, { decision: 'approve', ...order })
  assert.equal(self.statusCode, 403)
  assert.match(self.body, /Somebody else has to decide/)
  assert.equal(desk.owners.revocations.size, 0)

  const amir = await atConsole(desk, 'amir', ['approver'])
  assert.match((await amir.get('/approvals')).body, new RegExp(act))
  const waiting = await amir.get(act)
  expectPage(waiting.body, 'a request')
  assert.match(waiting.body, /rosa@example.com/)
  const unreasoned = await amir.post(act, { decision: 'approve', reason: '', reference: order.reference })
  assert.equal(unreasoned.statusCode, 422)
  assert.equal((await amir.post(act, { decision: 'approve', ...order })).statusCode, 303)
  const done = await amir.get(act)
  assert.match(done.body, /Approved by[\s\S]*amir@example.com/)
  assert.match(done.body, /In force on 1 of 1 gateway/)
  assert.ok(desk.owners.disabled.has(EIN))
  const late = await amir.post(act, { decision: 'refuse', ...order, reference: 'another-reference' })
  assert.equal(late.statusCode, 409)
  assert.match(late.body, /decided already/)
})

test('a request that nobody decides about in 24 hours is shown as expired', async () => {
  await using desk = await startDesk()
  const rosa = await atConsole(desk, 'rosa', ['revoker'])
  const { form } = await preview(rosa, { kind: 'everything', value: '*' })
  const act = location(await rosa.post('/revocations', form))
  advanceClock(24 * 60 * 60 * 1000)
  const again = await atConsole(desk, 'rosa', ['revoker'])
  const { body } = await again.get(act)
  assert.match(body, /Expired/)
  assert.doesNotMatch(body, /Withdraw the request/)
})

test('access comes back by an act of its own, with a reason', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const { form } = await preview(
    browser,
    { kind: 'account', value: ACCOUNT },
    { duration: 'until-reinstated' },
  )
  await browser.post('/revocations', form)
  const [id] = [...desk.owners.revocations.keys()]
  const page = await browser.get(`/revocations/${id}`)
  expectPage(page.body, 'a revocation')
  assert.match(page.body, /Access is ended/)
  const asked = await browser.get(`/revocations/${id}/reinstatement`)
  expectPage(asked.body, 'reinstating')
  const reference = hiddenValue(asked.body, 'reference')
  assert.equal(
    (await browser.post(`/revocations/${id}/reinstatement`, { reason: '', reference })).statusCode,
    422,
  )
  const order = { reason: 'Found it', reference }
  assert.equal((await browser.post(`/revocations/${id}/reinstatement`, order)).statusCode, 303)
  const after = await browser.get(`/revocations/${id}`)
  assert.match(after.body, /Reinstated/)
  assert.doesNotMatch(after.body, /reinstatement">Reinstate/)
})

test('a disabled User ID is enabled again on its page', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const until = { duration: 'until-reinstated' }
  const { form } = await preview(browser, { kind: 'bso_user_id', value: USER_ID }, until)
  await browser.post('/revocations', form)
  const page = await browser.get(`/user-ids/${USER_ID}`)
  assert.match(page.body, /Disabled[\s\S]*rosa@example.com/)
  const reference = hiddenValue(page.body, 'reference')
  const done = await browser.post(`/user-ids/${USER_ID}/enablements`, { reason: REASON, reference })
  assert.equal(done.statusCode, 303)
  assert.ok(!desk.owners.disabled.has(USER_ID))
})

test('people are searched for in the body of a post, so that no name stands in an address or the log', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'vera', ['viewer'])
  const found = await browser.post('/people', { by: 'name', text: 'Maria' })
  expectPage(found.body, 'people found')
  assert.match(found.body, new RegExp(`href="/people/${ACCOUNT}"`))
  assert.match(found.body, /XXX-XX-4325/)
  const empty = await browser.post('/people', { by: 'name', text: ' ' })
  assert.equal(empty.statusCode, 422)
  const nothing = await browser.post('/people', { by: 'phone-ending', text: 'abc' })
  assert.equal(nothing.statusCode, 422)
  assert.match(nothing.body, /must be the last four digits/)
})

test('terms are published after a preview of who must attest again', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const page = await browser.get('/terms/new')
  assert.match(page.body, />Read this\.</, 'it begins with the text in force')
  const form = {
    version: '2026-12-01',
    introduction: 'First.\r\n\r\nSecond,\r\nin two lines.',
    conditions: 'Be good.\n- always\n- everywhere\n\nBe kind.',
    agreement: 'I agree',
    reason: REASON,
    reference: hiddenValue(page.body, 'reference'),
  }
  const shown = await browser.post('/terms/preview', form)
  expectPage(shown.body, 'what the terms change')
  assert.match(shown.body, /3 accounts, each at its next sign-in/)
  assert.match(shown.body, /<li>always<\/li><li>everywhere<\/li>/)
  assert.equal(location(await browser.post('/terms', form)), '/terms/2026-12-01')
  const broken = await browser.post('/terms/preview', { ...form, conditions: '' })
  assert.equal(broken.statusCode, 422)
  assert.match(broken.body, /href="#conditions"/)
})

test('a client secret is shown once, on no page that can be opened again (ASVS 14.2.1)', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const page = await browser.get('/relying-services/new')
  const form = {
    name: 'Example Payroll',
    redirectUris: 'https://payroll.example/callback\nhttps://payroll.example/other',
    scope: 'openid profile',
    authentication: 'client_secret_basic',
    reason: REASON,
    reference: hiddenValue(page.body, 'reference'),
  }
  const registered = await browser.post('/relying-services', form)
  assert.equal(registered.statusCode, 200)
  expectPage(registered.body, 'the secret')
  const [secret] = /a-secret-of-the-client-\d+/.exec(registered.body) ?? []
  assert.ok(secret)
  assert.ok(!(await browser.get('/relying-services/service')).body.includes(secret))
  const keyless = await browser.post('/relying-services', {
    ...form,
    authentication: 'private_key_jwt',
    keys: 'none',
  })
  assert.equal(keyless.statusCode, 422)
  assert.match(keyless.body, /href="#keys"/)
  const rotated = await browser.post('/relying-services/service/secrets', {
    reason: REASON,
    reference: 'a-reference-1',
  })
  assert.match(rotated.body, /a-new-secret/)
})

test('the audit page finds by name, shows why and by whom, and says which trail was changed', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  desk.owners.trails.set('sign-in', [{ sequence: 1, occurredAt: now() }])
  const { body } = await browser.get('/audit')
  assert.match(body, /something\.happened/)
  const who = await browser.post('/audit', { who: 'rosa@example.com' })
  expectPage(who.body, 'the audit of a name')
  const verified = await browser.post('/audit/verification')
  expectPage(verified.body, 'verification')
  assert.match(verified.body, /A trail was changed[\s\S]*cbsv/)
  assert.match(verified.body, /5 \(changed\)/)
  assert.equal((await browser.get('/audit?from=never')).statusCode, 422)
})

test('lists are downloaded as CSV and JSON by whoever may see them, and nothing else is', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'vera', ['viewer'])
  const list = await browser.get('/exports/listEnrolments?format=csv')
  assert.match(String(list.headers['content-type']), /^text\/csv/)
  assert.match(list.body, /ruthtemplate79/)
  const json = await browser.get('/exports/listEnrolments?format=json')
  assert.equal(JSON.parse(json.body).enrolments[0].username, 'ruthtemplate79')
  await browser.get('/people')
  const people = await browser.post('/exports/searchPeople', { by: 'name', text: 'Maria', format: 'csv' })
  assert.match(people.body, /Maria Example/)
  for (const path of [
    '/exports/revoke',
    '/exports/findPerson',
    '/exports/searchPeople',
    '/exports/constructor',
  ]) {
    assert.equal((await browser.get(path)).statusCode, 404, path)
  }
})

test('what people wrote stands on a page as text and never as part of it (ASVS 1.2.1)', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const markup = '<img src=x onerror=alert(1)>"\''
  const { form, answer } = await preview(
    browser,
    { kind: 'account', value: ACCOUNT },
    { reason: markup, ticket: markup },
  )
  assert.ok(!answer.body.includes('<img'))
  const act = location(await browser.post('/revocations', form))
  assert.ok(!(await browser.get(act)).body.includes('<img'))
  assert.ok(!(await browser.post('/people', { by: 'name', text: markup })).body.includes('<img'))
  assert.ok(
    !(await browser.get(`/revocations/new?kind=account&value=${encodeURIComponent(markup)}`)).body.includes(
      '<img',
    ),
  )
})
