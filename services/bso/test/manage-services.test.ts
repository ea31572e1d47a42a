import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServiceStanding } from '@gatehouse/contracts/service-activations'
import fc from 'fast-check'
import { location, startBso, startSignedIn } from './browser.ts'

const WITHOUT_CBSV = { bso_services: [], bso_user_id: 'JAMES8W3', ein: '960002037' }
const JAMES = '960002037/JAMES8W3'
const REQUEST = { service: 'CBSV' }

/** BSO with somebody signed in whose User ID is without CBSV. */
const startWithout = (page?: string) => startSignedIn(page, WITHOUT_CBSV)
const refusalOf = (status: number, code: string, more = {}) => ({ status, code, ...more })

/** What a person reads in the main part of a page. */
const textOf = (body: string) =>
  body
    .replace(/^.*<main/s, '<main')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
/** Where the link to sign in again leads. */
const signInAgain = (body: string) =>
  (/<a [^>]*href="([^"]+)"[^>]*>Sign in again to use CBSV/.exec(body)?.[1] ?? '').replace(
    /&#(\d+);/g,
    (_all, code) => String.fromCharCode(code),
  )
const pending = (letter?: ServiceStanding['letter']): ServiceStanding => ({
  service: 'CBSV',
  state: 'pending',
  requestedAt: Date.UTC(2029, 10, 16, 15),
  ...(letter ? { letter } : {}),
})

test('the main menu leads to Request New Services, View Pending Services and Enter Activation Code(s)', async () => {
  await using bso = await startWithout()
  for (const [href, item] of [
    ['/services/request', 'Request New Services'],
    ['/services/pending', 'View Pending Services'],
    ['/services/activation', 'Enter Activation Code(s)'],
  ])
    assert.ok(bso.seen.body.includes(`<a href="${href}">${item}</a>`), item)
  assert.match(bso.seen.body, /View \/ Edit Services <span class="bso-not-here">/)
})

test('the main menu says how CBSV stands by now, and is there when nobody can say', async () => {
  await using bso = await startWithout()
  assert.match(bso.seen.body, /CBSV is not active for this User ID/)
  assert.match(bso.seen.body, /href="\/services\/request">Request CBSV/)
  bso.services.standings.set(JAMES, pending())
  assert.match(
    (await bso.person.get('/main-menu')).body,
    /You have requested it[^<]*<a href="\/services\/activation">/,
  )
  bso.services.standings.set(JAMES, { service: 'CBSV', state: 'active', activeSince: 1 })
  const active = await bso.person.get('/main-menu')
  assert.match(active.body, /CBSV has become active/)
  assert.equal(signInAgain(active.body), '/sign-in?return_to=%2Fcbsv&again=yes')
  bso.services.isDown = true
  assert.equal((await bso.person.get('/main-menu')).statusCode, 200)
  bso.services.isDown = false
  Object.assign(bso.services, { refusal: refusalOf(404, 'user_id_unknown'), refusesAll: true })
  assert.equal((await bso.person.get('/main-menu')).statusCode, 200)
})

test('who has CBSV sees its link, and bso-user-ids is not asked', async () => {
  await using bso = await startSignedIn()
  assert.match(bso.seen.body, /href="\/cbsv">CBSV: Consent Based/)
  assert.deepEqual(bso.services.asked, [])
})

test('a request says what happens next, is made for the User ID of the session, and shows as pending', async () => {
  await using bso = await startWithout('/services/request')
  const offer = textOf(bso.seen.body)
  assert.match(
    offer,
    /Responsible Company Official of your company \(EIN 96-0002037\), at the address that is registered with the IRS/,
  )
  assert.match(offer, /within 60 days/)
  const answer = await bso.person.post('/services/request', REQUEST)
  assert.deepEqual([answer.statusCode, location(answer)], [303, '/services/pending?requested=first'])
  assert.deepEqual(bso.services.asked.at(-1), {
    method: 'POST',
    path: '/employers/960002037/user-ids/JAMES8W3/services/CBSV/requests',
    scope: 'activations.write',
    body: {},
  })
  const page = textOf((await bso.person.get(location(answer))).body)
  assert.match(page, /You have requested CBSV/)
  assert.match(page, /valid through January 15, 2030/)
  assert.match(page, /expire 60 days after/)
  assert.match(page, /1-888-772-2970/)
  assert.match(textOf((await bso.person.get('/services/request')).body), /You have requested this service/)
  const audited = await bso.ground.database.selectFrom('auditEvents').selectAll().execute()
  assert.ok(audited.some(({ event, actor }) => event === 'service.requested' && actor === 'pairwise-maria'))
})

test('a request that was made already is no error: the pending page says so', async () => {
  await using bso = await startWithout('/services/request')
  await bso.person.post('/services/request', REQUEST)
  const twice = await bso.person.post('/services/request', REQUEST)
  assert.deepEqual([twice.statusCode, location(twice)], [303, '/services/pending'])
  bso.services.standings.set(JAMES, { service: 'CBSV', state: 'active', activeSince: 1 })
  const active = await bso.person.post('/services/request', REQUEST)
  assert.deepEqual([active.statusCode, location(active)], [303, '/services/request'])
  assert.match(textOf((await bso.person.get('/services/request')).body), /Sign in again to use CBSV/)
})

test('re-requesting replaces the request that the page shows, and sending the form twice mails one letter', async () => {
  await using bso = await startWithout('/services/request')
  await bso.person.post('/services/request', REQUEST)
  const { body } = await bso.person.get('/services/pending')
  const insteadOf = /name="insteadOf" value="(\d+)"/.exec(body)?.[1] ?? ''
  const first = await bso.person.post('/services/pending', { ...REQUEST, insteadOf })
  assert.equal(location(first), '/services/pending?requested=again')
  assert.deepEqual(bso.services.asked.at(-1)?.body, { insteadOf: Number(insteadOf) })
  assert.match(
    textOf((await bso.person.get(location(first))).body),
    /The earlier activation code is not valid any more/,
  )
  const second = await bso.person.post('/services/pending', { ...REQUEST, insteadOf })
  assert.deepEqual([second.statusCode, location(second)], [303, '/services/pending'])
})

test('a link to the pending page claims no success that there was not', async () => {
  await using bso = await startWithout('/services/pending?requested=first')
  assert.match(textOf(bso.seen.body), /You have no pending services/)
  assert.doesNotMatch(bso.seen.body, /You have requested CBSV/)
  bso.services.standings.set(JAMES, pending())
  assert.doesNotMatch(
    (await bso.person.get('/services/pending?requested=first')).body,
    /You have requested CBSV/,
  )
  assert.equal((await bso.person.get('/services/pending?requested=__proto__')).statusCode, 200)
})

const letters: [state: NonNullable<ServiceStanding['letter']> | undefined, words: RegExp][] = [
  [undefined, /could not be ordered. Re-request/],
  [{ state: 'requested' }, /is being prepared/],
  [{ state: 'printed', expiresOn: '2030-01-15' }, /is being prepared/],
  [
    { state: 'mailed', mailedAt: Date.UTC(2029, 10, 17, 4, 59), expiresOn: '2030-01-15' },
    /Mailed on November 16, 2029. The activation code is valid through January 15, 2030/,
  ],
  [{ state: 'delivered', expiresOn: '2030-01-15' }, /Delivered to your company. .* January 15, 2030/],
  [
    { state: 'expired', expiresOn: '2030-01-15' },
    /has expired at the end of January 15, 2030. Re-request it/,
  ],
  [{ state: 'returned' }, /came back as undeliverable/],
  [{ state: 'used' }, /Enter the same code again/],
  [{ state: 'cancelled' }, /not valid any more. Re-request it/],
  [{ state: 'resent' }, /not valid any more. Re-request it/],
]
test('the pending page says where the letter is, in each state of it', async () => {
  await using bso = await startWithout()
  for (const [letter, words] of letters) {
    bso.services.standings.set(JAMES, pending(letter))
    assert.match(textOf((await bso.person.get('/services/pending')).body), words, letter?.state)
  }
})

test('the right code leads to the confirmation, which says to sign in again and how', async () => {
  await using bso = await startWithout('/services/request')
  await bso.person.post('/services/request', REQUEST)
  const page = await bso.person.get('/services/activation')
  assert.match(textOf(page.body), /Activation code for CBSV .* Activate Service\(s\)/)
  assert.match(page.body, /autocomplete="one-time-code"/)
  const answer = await bso.person.post('/services/activation', { ...REQUEST, code: bso.services.code })
  assert.deepEqual([answer.statusCode, location(answer)], [303, '/services/activated'])
  const confirmation = await bso.person.get('/services/activated')
  const text = textOf(confirmation.body)
  assert.match(text, /Enter Activation Code\(s\) - Confirmation/)
  assert.match(text, /Social Security has approved your request/)
  assert.match(text, /is active for User ID JAMES8W3/)
  assert.match(text, /Sign in again to use it/)
  assert.match(text, /Go to the Main Menu/)

  const again = signInAgain(confirmation.body)
  const authorization = new URL(location(await bso.person.get(again)))
  assert.equal(authorization.searchParams.get('prompt'), 'consent')
  bso.signIn.idToken = { ...WITHOUT_CBSV, bso_services: ['CBSV'] }
  const { pathname, search } = bso.signIn.approve(authorization)
  assert.equal(location(await bso.person.get(pathname + search)), '/cbsv')
  assert.equal((await bso.person.get('/cbsv')).statusCode, 200)
})

test('before that sign-in CBSV stays closed', async () => {
  await using bso = await startWithout()
  bso.services.standings.set(JAMES, { service: 'CBSV', state: 'active', activeSince: 1 })
  const answer = await bso.person.get('/cbsv')
  assert.equal(answer.statusCode, 403)
  assert.match(answer.body, /You do not have access to CBSV/)
})

test('a wrong code is told at its field with the tries left, and is not shown again', async () => {
  await using bso = await startWithout()
  bso.services.standings.set(JAMES, pending({ state: 'mailed' }))
  await bso.person.get('/services/activation')
  const wrong = await bso.person.post('/services/activation', { ...REQUEST, code: 'WRONG77' })
  assert.equal(wrong.statusCode, 422)
  assert.match(wrong.body, /role="alert"/)
  assert.match(
    wrong.body,
    /id="code-error">This activation code is not right, or no longer valid[^<]*You have 4 tries left/,
  )
  assert.doesNotMatch(wrong.body, /WRONG77/)
  assert.doesNotMatch(bso.logLines.join(), /WRONG77/)
  bso.services.refusal = refusalOf(409, 'code_not_accepted', { triesLeft: 1 })
  assert.match(
    (await bso.person.post('/services/activation', { ...REQUEST, code: 'X' })).body,
    /You have 1 try left/,
  )
})

test('an empty code is told at its field and counts as no try', async () => {
  await using bso = await startWithout()
  bso.services.standings.set(JAMES, pending({ state: 'mailed' }))
  await bso.person.get('/services/activation')
  const asked = bso.services.asked.length
  const answer = await bso.person.post('/services/activation', { ...REQUEST, code: '  ' })
  assert.equal(answer.statusCode, 422)
  assert.match(answer.body, /id="code-error">Enter the activation code\./)
  assert.equal(bso.services.asked.length, asked)
})

const retryAt = Date.UTC(2029, 10, 16, 15, 30)
const refusals: [
  what: string,
  path: string,
  refusal: ReturnType<typeof refusalOf>,
  status: number,
  words: RegExp,
][] = [
  [
    'a lock-out',
    '/services/activation',
    refusalOf(429, 'locked_out', { retryAt }),
    429,
    /Too many activation codes .* Try again after November 16, 2029 at 10:30 AM Eastern Time/,
  ],
  [
    'too many letters',
    '/services/request',
    refusalOf(429, 'too_many_letters', { retryAt }),
    429,
    /No more activation codes .* 10:30 AM Eastern Time/,
  ],
  [
    'too many letters',
    '/services/pending',
    refusalOf(429, 'too_many_letters', { retryAt }),
    429,
    /No more activation codes .* 10:30 AM Eastern Time/,
  ],
  [
    'a missing address',
    '/services/request',
    refusalOf(422, 'company_address_missing'),
    422,
    /no address to mail the activation code to/,
  ],
  [
    'a User ID that was taken away',
    '/services/request',
    refusalOf(404, 'user_id_unknown'),
    403,
    /User ID is not active any more/,
  ],
  [
    'a User ID that was taken away',
    '/services/activation',
    refusalOf(404, 'user_id_unknown'),
    403,
    /User ID is not active any more/,
  ],
]
for (const [what, path, refusal, status, words] of refusals) {
  test(`${what} is told on ${path} with what to do`, async () => {
    await using bso = await startWithout()
    bso.services.standings.set(
      JAMES,
      path === '/services/request' ? { service: 'CBSV', state: 'none' } : pending({ state: 'mailed' }),
    )
    await bso.person.get(path)
    bso.services.refusal = refusal
    const more: Record<string, string> =
      path === '/services/activation' ? { code: 'X' } : path === '/services/pending' ? { insteadOf: '1' } : {}
    const answer = await bso.person.post(path, { ...REQUEST, ...more })
    assert.equal(answer.statusCode, status)
    assert.match(textOf(answer.body), words)
  })
}

test('while bso-user-ids is away pages say so, a code may be entered again, and the main menu works', async () => {
  await using bso = await startWithout()
  bso.services.standings.set(JAMES, pending({ state: 'mailed' }))
  await bso.person.get('/services/activation')
  bso.services.isDown = true
  for (const path of [
    '/services/request',
    '/services/pending',
    '/services/activation',
    '/services/activated',
  ])
    assert.equal((await bso.person.get(path)).statusCode, 503, path)
  const code = await bso.person.post('/services/activation', { ...REQUEST, code: bso.services.code })
  assert.equal(code.statusCode, 503)
  assert.match(textOf(code.body), /Nothing is lost/)
  const request = await bso.person.post('/services/request', REQUEST)
  assert.equal(request.statusCode, 503)
  assert.match(textOf(request.body), /could not be completed right now/)
  bso.services.isDown = false
  assert.equal(
    location(await bso.person.post('/services/activation', { ...REQUEST, code: bso.services.code })),
    '/services/activated',
  )
})

test('a code where nothing waits for one leads to a page that says so', async () => {
  await using bso = await startWithout('/services/request')
  const answer = await bso.person.post('/services/activation', { ...REQUEST, code: 'X' })
  assert.equal(location(answer), '/services/activated')
  const shown = await bso.person.get('/services/activated')
  assert.equal(location(shown), '/services/activation')
  assert.match(
    textOf((await bso.person.get('/services/activation')).body),
    /no service that waits for an activation code/,
  )
})

const pages = ['/services/request', '/services/pending', '/services/activation', '/services/activated']
for (const path of pages) {
  test(`${path} is for who is signed in: others are sent to sign in and back (ASVS 8.3.1)`, async () => {
    await using bso = await startBso()
    const answer = await bso.browser().get(path)
    assert.deepEqual(
      [answer.statusCode, location(answer)],
      [303, `/sign-in?return_to=${encodeURIComponent(path)}`],
    )
    assert.deepEqual(bso.services.asked, [])
  })
}

test('forms without the token of the session are refused, and nothing is asked (ASVS 3.5.1)', async () => {
  await using bso = await startWithout('/services/request')
  const asked = bso.services.asked.length
  for (const [path, form] of [
    ['/services/request', REQUEST],
    ['/services/pending', { ...REQUEST, insteadOf: '1' }],
    ['/services/activation', { ...REQUEST, code: bso.services.code }],
  ] as [string, Record<string, string>][]) {
    const answer = await bso.person.postWithoutToken(path, form)
    assert.equal(answer.statusCode, 403, path)
  }
  assert.equal(bso.services.asked.length, asked)
})

test('a post without a session is refused', async () => {
  await using bso = await startWithout('/services/request')
  bso.person.cookies.delete('bso-session')
  assert.equal((await bso.person.post('/services/request', REQUEST)).statusCode, 403)
  assert.ok(bso.services.asked.every(({ method }) => method === 'GET'))
})

test('whatever a form holds, the answer is no 500 and only what is known gets through', async () => {
  await using bso = await startWithout('/services/request')
  bso.services.standings.set(JAMES, pending({ state: 'mailed' }))
  const value = fc.oneof(fc.string(), fc.constantFrom('CBSV', 'ABC2344', '1', '9'.repeat(15), '\u0000'))
  const field = fc.constantFrom('service', 'code', 'insteadOf', 'ein')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...pages.slice(0, 3)),
      fc.dictionary(field, value),
      async (path, form) => {
        const answer = await bso.person.post(path, form)
        assert.ok([303, 400, 422].includes(answer.statusCode), `${answer.statusCode} at ${path}`)
      },
    ),
    { numRuns: 100 },
  )
  for (const { path } of bso.services.asked)
    assert.match(path, /^\/employers\/960002037\/user-ids\/JAMES8W3\/services/)
})
