import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { Revocation, RevocationPreview, Revocations } from '@gatehouse/contracts/revocations'
import { Value } from 'typebox/value'
import { createConsole } from './revoking.ts'
import { buildSignIn, OPERATOR_TOKEN } from './signing-in.ts'

const suite = await buildSignIn()
const { stub, relying } = suite
const console = createConsole(suite)
after(() => suite.app.close())
afterEach(() => void stub.heal())

const HOUR = 60 * 60 * 1_000

/** Somebody whom nobody has seen here before. */
let people = 0
function newPerson() {
  people += 1
  const sub = `person-of-this-test-${people}`
  const social_security_number = `900-70-${String(people).padStart(4, '0')}`
  stub.heal()
  Object.assign(stub.state.claims, { sub, social_security_number, given_name: `Maria${people}` })
  return sub
}

test('a person whose access is ended is told so, and why not: no reason, no code, and nobody is signed in', async () => {
  newPerson()
  const { access_token, browser } = await suite.signedIn()
  const account = await console.accountOf(access_token)
  const { revocationId } = (await console.revoke('account', account, { lasting: true })).json()
  for (const again of [browser, suite.newBrowser()]) {
    const { answer, steps } = await suite.walk(again)
    assert.equal(answer.statusCode, 403)
    assert.match(answer.body, /Call 1-800-772-6270/)
    assert.doesNotMatch(answer.body, /help desk|administrator-1/)
    assert.ok(!steps.includes('terms'))
  }
  const [refusal] = await suite.ground.database
    .selectFrom('auditEvents')
    .selectAll()
    .where('event', '=', 'sign-in.refused')
    .where('actor', '=', account)
    .execute()
  assert.equal(refusal?.outcome, 'refusal')

  const reinstated = (await console.reinstate(revocationId)).json()
  assert.equal(reinstated.standing, false)
  assert.equal(reinstated.reinstatedBy, 'administrator-2')
  assert.equal((await suite.signedIn()).steps.length, 4)
})

test('a credential whose access is ended signs nobody in, until the day that was set', async () => {
  const sub = newPerson()
  await suite.signedIn()
  const endsAt = now() + HOUR
  const { standing } = (
    await console.revoke('credential', `login.gov:${sub}`, { lasting: true, endsAt })
  ).json()
  assert.equal(standing, true)
  assert.equal((await suite.walk(suite.newBrowser())).answer.statusCode, 403)
  advanceClock(HOUR)
  await suite.signedIn()
})

test('who is at the terms or the User ID when access ends goes no further', async () => {
  const sub = newPerson()
  await suite.signedIn()
  for (const [stopAt, status] of [
    ['terms', 403],
    // Her session is gone with it, so here nobody is known who could be told why.
    ['user-id', 400],
  ] as const) {
    const browser = suite.newBrowser()
    const { path } = await suite.walk(browser, relying.authorizeUrl(), { stopAt })
    const revocation = (await console.revoke('credential', `login.gov:${sub}`, { lasting: true })).json()
    assert.equal((await browser.get(path)).statusCode, status)
    await console.reinstate(revocation.revocationId)
    // What had begun before stays ended: the person begins again.
    assert.equal((await browser.get(path)).statusCode, 400)
    advanceClock(1_000)
  }
})

test('a provider whose access is ended is not offered, and nobody comes in by it on the way', async () => {
  newPerson()
  const browser = suite.newBrowser()
  const begun = await suite.walk(browser, relying.authorizeUrl(), { stopAt: 'provider' })
  const { revocationId } = (await console.revoke('provider', 'login.gov', { lasting: true })).json()
  const back = new URL(String(begun.redirect?.searchParams.get('redirect_uri')))
  const arrived = await browser.get(`${back.pathname}?${stub.answer(String(begun.redirect?.href))}`)
  assert.equal(arrived.statusCode, 400)
  // ID.me is left, and gone to by way of its page.
  const { answer } = await suite.walk(suite.newBrowser(), relying.authorizeUrl(), { stopAt: 'choice' })
  assert.doesNotMatch(answer.body, /value="login\.gov"/)
  assert.match(answer.body, /ID\.me/)
  // The operator can, where no administrator can sign in any more.
  const operator = await suite.app.inject({
    method: 'POST',
    url: `/revocations/history/${revocationId}/reinstatements`,
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
    payload: { by: 'somebody', reason: 'nobody could sign in' },
  })
  assert.equal(operator.statusCode, 200, operator.body)
  assert.equal(operator.json().reinstatedBy, 'operator')
  advanceClock(1_000)
  await suite.signedIn()
})

test('a client whose access is ended gets no code, no token and no answer, whatever its secret (RFC 6749 §5.2)', async () => {
  newPerson()
  const client = await suite.relyingService()
  const { refresh_token, browser, access_token } = await suite.signedIn({ client })
  const { walk } = suite
  const unredeemed = (await walk(browser, client.authorizeUrl())).redirect?.searchParams.get('code') ?? ''
  const { revocationId } = (await console.revoke('client', client.client_id, { lasting: true })).json()
  assert.equal(await console.isRefused(access_token), true)
  const { answer } = await walk(suite.newBrowser(), client.authorizeUrl())
  assert.equal(answer.statusCode, 400)
  for (const response of [await client.refresh(refresh_token), await client.redeem(unredeemed)]) {
    assert.equal(response.statusCode, 401)
    assert.equal(response.json().error, 'invalid_client')
  }
  // The person is still signed in, and other relying services do not notice.
  assert.deepEqual((await suite.signedIn({ browser })).steps, ['user-id'])
  await console.reinstate(revocationId)
  advanceClock(1_000)
  assert.deepEqual((await suite.signedIn({ browser, client })).steps, ['user-id'])
  assert.equal((await client.redeem(unredeemed)).statusCode, 400)
})

test('who logs out loses the access tokens of that session at once, and nobody else does (ASVS 7.4.1)', async () => {
  newPerson()
  const other = await suite.signedIn()
  const { browser, access_token, refresh_token, client } = await suite.signedIn()
  const page = await browser.get('/logout')
  const fields = Object.fromEntries(
    [...page.body.matchAll(/name="(\w+)" value="([^"]+)"/g)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>
  await browser.post('/logout/confirm', { ...fields, logout: 'yes' })
  assert.equal(await console.isRefused(access_token), true)
  assert.equal((await client.refresh(refresh_token)).statusCode, 400)
  assert.equal(await console.isRefused(other.access_token), false)
  assert.equal((await client.refresh(other.refresh_token)).statusCode, 200)
})

test('a refresh token used twice takes the access tokens of its grant along, and no others (RFC 9700 §4.14.2)', async () => {
  newPerson()
  const client = await suite.relyingService()
  const first = await suite.signedIn({ client })
  const elsewhere = await suite.signedIn({ browser: first.browser })
  const next = (await client.refresh(first.refresh_token)).json()
  assert.equal((await client.refresh(first.refresh_token)).statusCode, 400)
  for (const token of [first.access_token, next.access_token]) {
    assert.equal(await console.isRefused(token), true)
  }
  assert.equal(await console.isRefused(elsewhere.access_token), false)

  // The same where both come at the same time.
  advanceClock(1_000)
  const again = await suite.signedIn({ client })
  const both = await Promise.all([1, 2].map(() => client.refresh(again.refresh_token)))
  assert.ok(both.some(({ statusCode }) => statusCode === 400))
  assert.equal(await console.isRefused(again.access_token), true)
})

test('answers are what the contract says, and lists come newest first in pages', async () => {
  newPerson()
  const { access_token } = await suite.signedIn()
  const account = await console.accountOf(access_token)
  const preview = (await console.preview('account', account)).json()
  assert.ok(Value.Check(RevocationPreview, preview))
  assert.equal(preview.label, `Maria${people} Example`)
  const ids: string[] = []
  for (let count = 0; count < 3; count += 1) {
    const { statusCode, ...response } = await console.revoke('account', account, {
      ticket: `TICKET-${count}`,
    })
    assert.equal(statusCode, 201)
    const revocation = response.json()
    assert.ok(Value.Check(Revocation, revocation))
    assert.equal(revocation.ticket, `TICKET-${count}`)
    ids.unshift(revocation.revocationId)
    advanceClock(1)
  }
  const query = `kind=account&value=${account}&standing=false&limit=2`
  const list = (more = '') => console.call('revocations.read', 'GET', `/revocations/history?${query}${more}`)
  const first = (await list()).json()
  assert.ok(Value.Check(Revocations, first))
  const second = (await list(`&cursor=${first.next}`)).json()
  const found = [...first.revocations, ...second.revocations]
  assert.deepEqual(
    found.map(({ revocationId }) => revocationId),
    ids,
  )
  assert.equal(second.next, undefined)
  // Logouts and reuse are no orders of anybody.
  const all = (await console.call('revocations.read', 'GET', '/revocations/history?limit=100')).json()
  assert.ok(all.revocations.every(({ by }: { by: string }) => by !== 'sign-in'))
})

const REFUSED: [
  string,
  () => Promise<{ statusCode: number; json: () => { code: string } }>,
  number,
  string,
][] = [
  ['an account that does not exist', () => console.revoke('account', 'nobody'), 422, 'target_unknown'],
  ['a credential without a provider', () => console.revoke('credential', 'person-1'), 422, 'target_unknown'],
  ['a session that never was', () => console.preview('session', 'none'), 422, 'target_unknown'],
  ['a client that is not registered', () => console.revoke('client', 'none'), 422, 'target_unknown'],
  ['a provider that there is not', () => console.revoke('provider', 'none.gov'), 422, 'target_unknown'],
  ['an EIN that is no number', () => console.revoke('ein', '96-0001012'), 422, 'target_unknown'],
  ['everything by another name', () => console.revoke('everything', 'all'), 422, 'target_unknown'],
  [
    'everything for longer',
    () => console.revoke('everything', '*', { lasting: true }),
    422,
    'lasting_not_possible',
  ],
  [
    'a company for longer',
    () => console.revoke('ein', '960001012', { lasting: true }),
    422,
    'lasting_not_possible',
  ],
  [
    'an end that is past',
    () => console.revoke('provider', 'login.gov', { lasting: true, endsAt: now() }),
    422,
    'end_not_usable',
  ],
  [
    'an end of what does not last',
    () => console.revoke('provider', 'login.gov', { endsAt: now() + 1_000 }),
    422,
    'end_not_usable',
  ],
  [
    'an order without a reason',
    () => console.revoke('provider', 'login.gov', { reason: ' ' }),
    400,
    'invalid_request',
  ],
  ['reinstating what does not exist', () => console.reinstate('none'), 404, 'revocation_unknown'],
]
for (const [what, attempt, status, code] of REFUSED) {
  test(`${what} is refused with ${code}, and ends nothing`, async () => {
    const before = (await console.rules()).length
    const response = await attempt()
    assert.deepEqual([response.statusCode, response.json().code], [status, code])
    assert.equal((await console.rules()).length, before)
  })
}

test('nobody revokes or reinstates who may only look, nor with a person’s token or none (ASVS 8.3.1)', async () => {
  const order = console.order('provider', 'login.gov')
  const before = (await console.rules()).length
  const only = await console.call('revocations.read', 'POST', '/revocations', order)
  assert.deepEqual([only.statusCode, only.json().code], [403, 'insufficient_scope'])
  const gateway = await suite.app.inject({
    method: 'POST',
    url: '/revocations',
    headers: await suite.as('gateway', 'revocations.write'),
    payload: order,
  })
  assert.equal(gateway.statusCode, 403)
  const nobody = { method: 'POST', payload: { by: 'x', reason: 'x' } } as const
  for (const url of ['/revocations', '/revocations/previews', '/revocations/history/x/reinstatements']) {
    assert.equal((await suite.app.inject({ ...nobody, url })).statusCode, 401)
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN.slice(1)}x` }
    assert.equal((await suite.app.inject({ ...nobody, url, headers })).statusCode, 401)
  }
  assert.equal((await console.rules()).length, before)
})

test('the audit trail tells who revoked what and why, and what was refused (ASVS 16.3.2)', async () => {
  const events = await suite.ground.database
    .selectFrom('auditEvents')
    .selectAll()
    .where('subject', '=', 'provider login.gov')
    .execute()
  const kinds = new Set(events.map(({ event, outcome }) => `${event} ${outcome}`))
  assert.deepEqual([...kinds].sort(), [
    'revocation.ordered success',
    'revocation.refused refusal',
    'revocation.reinstated success',
  ])
  const ordered = events.find(({ event }) => event === 'revocation.ordered')
  assert.equal(ordered?.actor, 'administrator-1')
  const details = JSON.parse(String(ordered?.details))
  assert.equal(details.reason, 'reported by the help desk')
  assert.equal(details.caller, 'admin')
})
