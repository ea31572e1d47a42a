import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { location } from '@gatehouse/relying-party/browser-for-tests'
import type { Role } from '../src/access/roles.ts'
import { atConsole, expectPage, hiddenValue, REASON } from './console.ts'
import { startDesk } from './desk.ts'
import { ACCOUNT, EIN, USER_ID } from './owners.ts'

const PATHS = [
  '/people',
  `/people/${ACCOUNT}`,
  '/user-ids',
  `/user-ids/${USER_ID}`,
  '/companies',
  `/companies/${EIN}`,
  '/revocations',
  '/revocations/new',
  `/revocations/new?kind=account&value=${ACCOUNT}`,
  '/approvals',
  '/approvals?state=all',
  '/enrolments',
  '/enrolments/ruthtemplate79',
  '/terms',
  '/terms/new',
  '/terms/2',
  '/relying-services',
  '/relying-services/new',
  '/relying-services/service',
  '/relying-services/service/secrets',
  '/relying-services/service/keys',
  '/relying-services/service/removals',
  '/signing-keys',
  '/audit',
  '/audit?event=revocation.*&from=2026-11-01&to=2026-11-30',
]

/** What each page offers to those with a role, and nobody else. */
const OFFERS: Record<string, Partial<Record<Role, RegExp>>> = {
  [`/people/${ACCOUNT}`]: { revoker: /Revoke all of this person’s access/ },
  [`/user-ids/${USER_ID}`]: { revoker: /Disable, or end what is open/ },
  [`/companies/${EIN}`]: { revoker: /Disable, or end what is open/ },
  '/revocations': { revoker: /Revoke access/ },
  '/enrolments': { revoker: /Enrol somebody/ },
  '/enrolments/ruthtemplate79': { revoker: /Remove the enrolment/ },
  '/terms': { revoker: /Publish a version/ },
  '/relying-services': { revoker: /Register a relying service/ },
  '/relying-services/service': { revoker: /Rotate the secret/ },
  '/signing-keys': { revoker: /Rotate the signing keys/ },
}

for (const roles of [['viewer'], ['revoker'], ['approver']] as Role[][]) {
  test(`every page shows itself to a ${roles[0]}, and offers what the role allows (ASVS 8.2.1)`, async () => {
    await using desk = await startDesk()
    const browser = await atConsole(desk, 'rosa', roles)
    for (const path of PATHS) {
      const { statusCode, body } = await browser.get(path)
      assert.equal(statusCode, 200, `${path} ${body.slice(0, 300)}`)
      expectPage(body, path)
      for (const [role, words] of Object.entries(OFFERS[path] ?? {})) {
        assert.equal(words.test(body), roles.includes(role as Role), `${path} for ${roles}`)
      }
    }
  })
}

test('no page can be framed, sniffed or cached, and none loads anything from elsewhere (ASVS 3.4.3, 3.4.4, 3.4.5, 3.4.6, 14.3.2)', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  for (const path of ['/', ...PATHS, '/nothing-here', '/people/nobody']) {
    const { headers } = await browser.get(path)
    if (path === '/') continue
    const policy = String(headers['content-security-policy'])
    for (const directive of [
      "default-src 'self'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "object-src 'none'",
    ]) {
      assert.ok(policy.includes(directive), `${path}: ${directive}`)
    }
    assert.equal(headers['x-frame-options'], 'DENY', path)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.equal(headers['referrer-policy'], 'same-origin', path)
    assert.equal(headers['cache-control'], 'no-store', path)
  }
})

const POSTS: [string, Record<string, string>][] = [
  ['/people', { by: 'name', text: 'Maria' }],
  ['/revocations', { kind: 'account', value: ACCOUNT, duration: 'once' }],
  ['/revocations/preview', { kind: 'account', value: ACCOUNT, duration: 'once' }],
  ['/revocations/some-revocation/reinstatement', {}],
  ['/acts/some-act-id', { decision: 'approve' }],
  [`/user-ids/${USER_ID}/enablements`, {}],
  [`/companies/${EIN}/enablements`, {}],
  ['/enrolments', { username: 'RuthTemplate79', organization: 'Example', kind: 'EN' }],
  ['/enrolments/ruthtemplate79/removals', {}],
  ['/terms', { version: '3', introduction: 'a', conditions: 'b', agreement: 'c' }],
  ['/relying-services', { name: 'x', redirectUris: 'https://x.example', authentication: 'none' }],
  ['/relying-services/service/secrets', {}],
  ['/relying-services/service/keys', { keys: 'https://service.example/keys' }],
  ['/relying-services/service/removals', {}],
  ['/signing-keys', {}],
  ['/audit/verification', {}],
  ['/exports/searchPeople', { by: 'name', text: 'Maria', format: 'csv' }],
  ['/sign-out', {}],
]
const ORDER = { reason: REASON, reference: 'reference-of-a-test' }
const withOrder = (path: string, form: Record<string, string>) =>
  /^\/(people|audit|exports|sign-out)/.test(path) ? form : { ...form, ...ORDER }

test('no form does anything without the token of a page of the same session (ASVS 3.5.1)', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  const other = await atConsole(desk, 'amir', ['approver'])
  const stolen = hiddenValue((await other.get('/people')).body, '_csrf')
  const asked = desk.owners.asked.length
  for (const [path, form] of POSTS) {
    const without = await browser.postWithoutToken(path, withOrder(path, form))
    assert.equal(without.statusCode, 403, path)
    assert.match(without.body, /This page expired/, path)
    const foreign = await browser.postWithoutToken(path, { ...withOrder(path, form), _csrf: stolen })
    assert.equal(foreign.statusCode, 403, path)
  }
  assert.equal(desk.owners.asked.length, asked, 'nobody was asked for anything')
  assert.equal((await browser.get('/people')).statusCode, 200, 'and nobody was signed out')
})

test('a role that may not do it is refused whatever it posts, and so is who signed in without a security key (ASVS 8.3.1)', async () => {
  const changes = POSTS.filter(
    ([path]) => !/^\/(people|audit|exports|sign-out|revocations\/preview)/.test(path),
  )
  for (const [name, roles, amr, because] of [
    ['vera', ['viewer'], ['mfa', 'phr'], /Your roles do not allow this/],
    ['rosa', ['revoker', 'approver'], ['mfa'], /Sign in with a security key to do this/],
  ] as const) {
    await using desk = await startDesk()
    const browser = await atConsole(desk, name, [...roles], [...amr])
    const before = desk.owners.done().length
    for (const [path, form] of changes) {
      const { statusCode, body } = await browser.post(path, withOrder(path, form))
      // What the order is about is looked up first, and is not there.
      if (statusCode === 404) continue
      assert.equal(statusCode, 403, `${path} ${body.slice(0, 300)}`)
      assert.match(body, because, path)
    }
    assert.deepEqual(desk.owners.done().length, before, 'nothing was changed')
  }
})

test('who signed in without a security key reads that only looking is possible, and how to get more', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'], ['mfa'])
  const { body } = await browser.get(`/people/${ACCOUNT}`)
  assert.match(body, /without a security key, so you may look and change nothing/)
  assert.match(body, /href="\/sign-in\?again=yes"/)
  assert.doesNotMatch(body, /Revoke all/)
})

test('the session id is new at sign-in: one that was planted before opens nothing (ASVS 7.2.4)', async () => {
  await using desk = await startDesk()
  const planted = 'a'.repeat(43)
  const browser = desk.browser()
  browser.cookies.set('admin-session', planted)
  await desk.operator('PUT', '/rosa@example.com', { roles: ['revoker'] })
  await browser.signIn(desk.signIn)
  assert.notEqual(browser.cookies.get('admin-session'), planted)
  assert.equal((await browser.get('/people')).statusCode, 200)
  const attacker = desk.browser()
  attacker.cookies.set('admin-session', planted)
  assert.equal(location(await attacker.get('/people')), '/sign-in')
})

test('nobody without a session sees a page, and nobody who is no administrator', async () => {
  await using desk = await startDesk()
  const stranger = desk.browser()
  for (const path of [...PATHS, '/exports/listRevocations', '/acts/some-act-id']) {
    const answer = await stranger.get(path)
    assert.equal(answer.statusCode, 303, path)
    assert.match(location(answer), /^\/sign-in/, path)
  }
  await stranger.signIn(desk.signIn)
  const answer = await stranger.get('/people')
  assert.equal(answer.statusCode, 403)
  assert.match(answer.body, /You are not an administrator/)
})

test('while the console cannot tell who was revoked, it shows a page that says so and nothing else', async () => {
  await using desk = await startDesk()
  const browser = await atConsole(desk, 'rosa', ['revoker'])
  desk.feed.blind = 'silent'
  const { statusCode, body, headers } = await browser.get(`/people/${ACCOUNT}`)
  assert.equal(statusCode, 503)
  assert.equal(headers['retry-after'], '1')
  assert.match(body, /has not heard from sign-in for a second/)
  desk.feed.blind = undefined
  assert.equal((await browser.get(`/people/${ACCOUNT}`)).statusCode, 200)
})

test('the first page is for whoever is not signed in, and signing out leads back to it', async () => {
  await using desk = await startDesk()
  const browser = desk.browser()
  const { body } = await browser.get('/')
  expectPage(body, '/')
  assert.match(body, /href="\/sign-in"/)
  const signedIn = await atConsole(desk, 'rosa', ['revoker'])
  assert.equal(location(await signedIn.get('/')), '/people')
  assert.equal((await signedIn.post('/sign-out')).statusCode, 303)
  assert.equal((await signedIn.get('/people')).statusCode, 303)
})
