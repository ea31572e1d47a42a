import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { location, pathOf } from '@gatehouse/relying-party/browser-for-tests'
import fc from 'fast-check'
import { registration } from '../src/person.ts'
import { EMPLOYMENT, RUTH, startPortal } from './portal.ts'

const MINUTE = 60_000

async function startEnrolled() {
  const portal = await startPortal()
  try {
    await portal.operator('PUT', '/RuthTemplate79', EMPLOYMENT)
    const person = portal.browser()
    await person.signIn(portal.signIn)
    return { ...portal, person, seen: await person.get('/portal') }
  } catch (error) {
    await portal[Symbol.asyncDispose]()
    throw error
  }
}

test('the first page names what extra security takes and leads to Sign In', async () => {
  await using portal = await startPortal()
  const { statusCode, body } = await portal.browser().get('/')
  assert.equal(statusCode, 200)
  for (const text of ['username', 'password', 'cell phone number', 'Account Upgrade Code'])
    assert.ok(body.includes(text), text)
  assert.match(body, /href="\/sign-in">Sign In</)
})

test('a sign-in asks for extra security, with state, nonce and PKCE S256 (OpenID Connect Core §3.1.2.1, RFC 7636)', async () => {
  await using portal = await startPortal()
  const { origin, searchParams } = await portal.browser().begin()
  assert.equal(origin, portal.signIn.url)
  const { state, nonce, code_challenge, ...query } = Object.fromEntries(searchParams)
  assert.deepEqual(query, {
    client_id: 'ticket-portal',
    response_type: 'code',
    redirect_uri: 'http://localhost:4013/callback',
    scope: 'openid profile',
    acr_values: MY_SSA_ACR.withExtraSecurity,
    code_challenge_method: 'S256',
  })
  for (const random of [state, nonce, code_challenge]) assert.match(random ?? '', /^[\w-]{43}$/)
})

test('who is not signed in is sent to sign in', async () => {
  await using portal = await startPortal()
  const answer = await portal.browser().get('/portal')
  assert.equal(answer.statusCode, 303)
  assert.equal(location(answer), '/sign-in')
  assert.equal(answer.headers['cache-control'], 'no-store')
})

test('with extra security and an enrolment the portal opens', async () => {
  await using portal = await startEnrolled()
  assert.equal(portal.seen.statusCode, 200)
  for (const text of [
    '<h1>Ticket Portal</h1>',
    'Ruth Template',
    'Example Employment Network',
    'Employment Network (EN)',
    'Your Social Security information is confidential.',
    'Do not share it with anyone.',
    '1-800-772-1213',
    '1-800-325-0778',
  ])
    assert.ok(portal.seen.body.includes(text), text)
})

for (const [what, acr] of [
  ['with a password only', MY_SSA_ACR.withPassword],
  ['without any acr', undefined],
  ['at a level of another provider', 'http://idmanagement.gov/ns/assurance/ial/2'],
  ['at a level that sounds higher', `${MY_SSA_ACR.withExtraSecurity}:and-more`],
  ['at two levels in one text', `${MY_SSA_ACR.withPassword} ${MY_SSA_ACR.withExtraSecurity}`],
] as const) {
  test(`who signed in ${what} is told that extra security is needed, and binds no enrolment`, async () => {
    await using portal = await startPortal()
    await portal.operator('PUT', '/RuthTemplate79', EMPLOYMENT)
    portal.signIn.idToken = { acr }
    const person = portal.browser()
    assert.equal(location(await person.signIn(portal.signIn)), '/portal')
    const { statusCode, body } = await person.get('/portal')
    assert.equal(statusCode, 403)
    assert.match(body, /<h1>Extra security is needed<\/h1>/)
    assert.match(body, /Yes, enable my extra security\./)
    assert.match(body, /href="http:\/\/localhost:4003"/)
    assert.match(body, /href="\/sign-in">Sign in again/)
    assert.doesNotMatch(body, /Example Employment Network/)
    assert.equal('boundAt' in (await portal.operator('GET', '/RuthTemplate79')).json(), false)

    portal.signIn.idToken = {}
    await person.signIn(portal.signIn)
    assert.equal((await person.get('/portal')).statusCode, 200, 'stepped up in the same browser')
  })
}

test('whatever the acr claim is, only the one level counts as extra security', () => {
  fc.assert(
    fc.property(fc.anything(), (acr) => {
      const person = registration.personOf({ sub: 's', acr })
      assert.equal(person?.hasExtraSecurity ?? false, acr === MY_SSA_ACR.withExtraSecurity)
    }),
  )
  assert.equal(registration.personOf(RUTH)?.hasExtraSecurity, true)
})

test('who is not enrolled reads how to notify Social Security, with the username to tell', async () => {
  await using portal = await startPortal()
  const person = portal.browser()
  await person.signIn(portal.signIn)
  const { statusCode, body } = await person.get('/portal')
  assert.equal(statusCode, 403)
  for (const text of [
    '<h1>Notify Social Security</h1>',
    'Call your designated EN Service representative',
    'enservice@ssa.gov',
    'VR.Helpdesk@ssa.gov',
    'with extra security, and include your phone number',
    'to verify\nyour identity',
    '<strong>RuthTemplate79</strong>',
  ])
    assert.ok(body.includes(text), text)

  await portal.operator('PUT', '/ruthtemplate79', EMPLOYMENT)
  await person.signIn(portal.signIn)
  assert.equal((await person.get('/portal')).statusCode, 200)
})

test('without a username nobody is enrolled, and nothing fails', async () => {
  await using portal = await startPortal()
  portal.signIn.idToken = { preferred_username: undefined, name: undefined }
  const person = portal.browser()
  await person.signIn(portal.signIn)
  const { statusCode, body } = await person.get('/portal')
  assert.equal(statusCode, 403)
  assert.match(body, /Notify Social Security/)
})

test('an enrolment that is taken away is gone at the next click', async () => {
  await using portal = await startEnrolled()
  assert.equal((await portal.operator('DELETE', '/RuthTemplate79')).statusCode, 204)
  assert.equal((await portal.person.get('/portal')).statusCode, 403)
  await portal.operator('PUT', '/RuthTemplate79', EMPLOYMENT)
  assert.equal((await portal.person.get('/portal')).statusCode, 403, 'a new enrolment takes a new sign-in')
})

test('another subject with the same username is not enrolled, and that is in the audit trail', async () => {
  await using portal = await startEnrolled()
  portal.signIn.claims = { ...RUTH, sub: 'pairwise-mallory' }
  const mallory = portal.browser()
  await mallory.signIn(portal.signIn)
  assert.equal((await mallory.get('/portal')).statusCode, 403)
  assert.equal((await portal.person.get('/portal')).statusCode, 200)

  const { id } = (await portal.operator('GET', '/RuthTemplate79')).json()
  await portal.operator('PUT', '/RuthTemplate79', { ...EMPLOYMENT, kind: 'VRA' })
  await portal.operator('DELETE', '/RuthTemplate79')
  await portal.person.post('/sign-out')
  const events = await portal.ground.database
    .selectFrom('auditEvents')
    .select(['event', 'outcome', 'actor', 'subject', 'details'])
    .execute()
  const [ruth, other] = ['pairwise-ruth', 'pairwise-mallory']
  const withExtraSecurity = '{"hasExtraSecurity":true}'
  assert.deepEqual(
    events.map(({ event, outcome, actor, subject, details }) => [event, outcome, actor, subject, details]),
    [
      ['enrolment.made', 'success', 'operator', id, '{}'],
      ['enrolment.bound', 'success', ruth, id, '{}'],
      ['session.started', 'success', ruth, null, withExtraSecurity],
      ['enrolment.refused', 'refusal', other, id, '{}'],
      ['session.started', 'success', other, null, withExtraSecurity],
      ['enrolment.changed', 'success', 'operator', id, '{}'],
      ['enrolment.removed', 'success', 'operator', id, '{}'],
      ['session.ended', 'success', ruth, null, '{"reason":"sign-out"}'],
    ],
  )
})

test('a session lasts an hour (NIST SP 800-63B-4 §2.2.3)', async () => {
  await using portal = await startEnrolled()
  advanceClock(59 * MINUTE)
  assert.equal((await portal.person.get('/portal')).statusCode, 200)
  advanceClock(MINUTE)
  assert.equal(location(await portal.person.get('/portal')), '/sign-in')
})

test('the session id is new at every sign-in, and the one before opens nothing (ASVS 7.2.4)', async () => {
  await using portal = await startEnrolled()
  const before = portal.person.cookies.get('ticket-portal-session') ?? ''
  await portal.person.signIn(portal.signIn)
  assert.notEqual(portal.person.cookies.get('ticket-portal-session'), before)
  const thief = portal.browser()
  thief.cookies.set('ticket-portal-session', before)
  assert.equal((await thief.get('/portal')).statusCode, 303)
})

test('an answer counts once, and only in the browser that asked (RFC 9700 §4.7)', async () => {
  await using portal = await startPortal()
  const [person, another] = [portal.browser(), portal.browser()]
  const callback = pathOf(portal.signIn.approve(await person.begin()))
  await another.begin()
  const elsewhere = await another.get(callback)
  assert.equal(elsewhere.statusCode, 400)
  assert.match(elsewhere.body, /This sign-in cannot be continued/)
  const answers = await Promise.all([person.get(callback), person.get(callback)])
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [303, 400])
  assert.equal(portal.signIn.counts.code, 1)
})

for (const [what, change] of [
  ['signed with a foreign key', { signedBy: 'foreign' }],
  ['not signed at all (alg none)', { signedBy: 'nobody' }],
  ['for another nonce', { idToken: { nonce: 'another' } }],
  ['for another client', { idToken: { aud: 'bso' } }],
  ['that has expired', { idToken: { exp: 1_000_000_000 } }],
] as const) {
  test(`an ID token ${what} signs nobody in (OpenID Connect Core §3.1.3.7)`, async () => {
    await using portal = await startPortal()
    Object.assign(portal.signIn, change)
    const person = portal.browser()
    const answer = await person.signIn(portal.signIn)
    assert.equal(answer.statusCode, 502)
    assert.match(answer.body, /The sign-in was not completed/)
    assert.equal(person.cookies.has('ticket-portal-session'), false)
  })
}

test('leaving the sign-in, and finding it away, end on pages that lead back', async () => {
  await using portal = await startPortal()
  const person = portal.browser()
  const left = await person.get(pathOf(portal.signIn.deny(await person.begin(), 'access_denied')))
  assert.match((await person.get(location(left))).body, /You left the sign-in/)
  const begun = await person.begin()
  portal.signIn.isDown = true
  const { statusCode, body } = await person.get(pathOf(portal.signIn.approve(begun)))
  assert.equal(statusCode, 503)
  assert.match(body, /href="\/sign-in">Try again/)
  assert.equal((await person.get('/no-such-page')).statusCode, 404)
})

test('signing out ends the session and goes on to sign-in, with no token in the address', async () => {
  await using portal = await startEnrolled()
  const { person } = portal
  const session = person.cookies.get('ticket-portal-session') ?? ''
  const policy = String(portal.seen.headers['content-security-policy'])
  assert.ok(policy.includes(`form-action 'self' ${portal.signIn.url};`))
  const answer = await person.post('/sign-out')
  assert.equal(answer.statusCode, 303)
  const { origin, pathname, searchParams } = new URL(location(answer))
  assert.equal(origin + pathname, `${portal.signIn.url}/session/end`)
  assert.deepEqual([...searchParams.keys()].sort(), ['client_id', 'post_logout_redirect_uri', 'state'])
  person.cookies.set('ticket-portal-session', session)
  assert.equal((await person.get('/portal')).statusCode, 303)

  const back = `/signed-out?state=${searchParams.get('state')}`
  assert.match((await person.get(back)).body, /You are signed out of the Ticket Portal/)
  assert.doesNotMatch((await person.get(back)).body, /You are signed out/, 'a link says it to nobody')
})

test('signing out takes the form of a page of one’s own session (ASVS 3.5.1)', async () => {
  await using portal = await startEnrolled()
  const { person } = portal
  assert.equal((await person.postWithoutToken('/sign-out')).statusCode, 403)
  const foreign = portal.browser()
  await foreign.signIn(portal.signIn)
  const token = /name="_csrf" value="([^"]+)"/.exec((await foreign.get('/portal')).body)?.[1] ?? ''
  assert.equal((await person.postWithoutToken('/sign-out', { _csrf: token })).statusCode, 403)
  assert.equal((await person.get('/sign-out')).statusCode, 404)
  assert.equal((await person.get('/portal')).statusCode, 200)
})

test('signing out works while sign-in is away, and says what is left to do', async () => {
  await using portal = await startPortal({ SIGN_IN_URL: 'http://localhost:1' })
  const id = 'B'.repeat(43)
  const key = `session:${portal.ground.secrets.digest('session', id)}`
  const person = { subject: 's', name: 'Ruth', hasExtraSecurity: false }
  const session = { person, origin: { subject: 's', issuedAt: 0 } }
  const sealed = portal.ground.secrets.seal('session', JSON.stringify(session))
  await portal.ground.keyValue.put(key, sealed, Number.MAX_SAFE_INTEGER)
  const browser = portal.browser()
  browser.cookies.set('ticket-portal-session', id)
  await browser.get('/portal')
  const { statusCode, body } = await browser.post('/sign-out')
  assert.equal(statusCode, 200)
  assert.match(body, /signed out of the Ticket Portal only/)
  assert.equal(await portal.ground.keyValue.get(key), undefined)
})

test('names from outside are shown as text', async () => {
  await using portal = await startPortal()
  portal.signIn.claims = { ...RUTH, name: '<b onclick="x">Ruth</b>' }
  await portal.operator('PUT', '/RuthTemplate79', { organization: '<i>Network</i>', kind: 'EN' })
  const person = portal.browser()
  await person.signIn(portal.signIn)
  const { body } = await person.get('/portal')
  assert.match(body, /&#60;b onclick/)
  assert.match(body, /&#60;i&#62;Network/)
  assert.doesNotMatch(body, /<b onclick|<i>/)
})

test('no session id, token, state or name stands in the key-value table or in the log as it is (ASVS 14.2)', async () => {
  await using portal = await startEnrolled()
  const another = portal.browser()
  const { searchParams } = await another.begin()
  const rows = JSON.stringify(await portal.ground.database.selectFrom('keyValue').selectAll().execute())
  const secrets = [
    ...portal.signIn.tokensIssued,
    ...portal.person.cookies.values(),
    ...another.cookies.values(),
    searchParams.get('state') ?? '',
    searchParams.get('nonce') ?? '',
    'Ruth Template',
  ]
  assert.ok(secrets.length >= 8)
  for (const secret of secrets) {
    assert.ok(secret && !rows.includes(secret))
    assert.ok(!portal.logLines.join('').includes(secret))
  }
})
