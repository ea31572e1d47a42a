import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { buildForTest } from '@gatehouse/http/testing'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { html as escapeHtml } from 'ghtml'
import { service } from '../src/service.ts'
import { environment } from './lab-fixture.ts'

const lab = await buildForTest(service, { environment })
after(() => lab.app.close())
const ORIGIN = new URL(lab.ground.urls['login-gov']).origin
const ANSWER_TO = `${ORIGIN}/webauthn`
const RELAY = 'a "relay" & more'

const creation = () =>
  generateRegistrationOptions({ rpName: 'Login.gov', rpID: 'localhost', userName: 'maria@example.com' })

const browsing = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-site': 'same-site' }
const FORM = 'application/x-www-form-urlencoded'

function post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return lab.app.inject({
    method: 'POST',
    url,
    headers: { ...browsing, 'content-type': FORM, ...headers },
    payload: new URLSearchParams(fields).toString(),
  })
}

type Answer = Awaited<ReturnType<typeof post>>
const decode = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))

/** The hidden fields of the page's form to `action`. */
function hiddenFields(page: Answer, action: string): Record<string, string> {
  const form = new RegExp(`<form[^>]*action="${action}".*?</form>`, 's').exec(page.body)?.[0] ?? ''
  assert.ok(form, `no form to ${action}`)
  const fields = form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name, value]) => [name, decode(value ?? '')]))
}

/** Presses Touch on the page that `entry` gave. */
function touch(page: Answer, kind: string, more: Record<string, string> = {}) {
  const action = `/security-keys/${kind}/touches`
  const cookie = page.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  return post(action, { ...hiddenFields(page, action), ...more }, { cookie, 'sec-fetch-site': 'same-origin' })
}

const enter = (kind: string, options: unknown, more: Record<string, string> = {}) =>
  post(`/security-keys/${kind}`, {
    options: JSON.stringify(options),
    origin: ORIGIN,
    answerTo: ANSWER_TO,
    relay: RELAY,
    ...more,
  })

let credential: Parameters<typeof verifyAuthenticationResponse>[0]['credential']

test('a person registers a key: touch it, go back to the provider with its answer and what was relayed', async () => {
  const options = await creation()
  const asked = await enter('registrations', options, { cancel: `${ORIGIN}/account` })
  assert.equal(asked.statusCode, 200)
  assert.match(asked.body, /<h1>Touch your security key<\/h1>/)
  assert.match(asked.body, /<strong>localhost:4001<\/strong>.*<strong>maria@example.com<\/strong>/)
  assert.ok(asked.body.includes(`<a href="${ORIGIN}/account">Cancel</a>`))
  const touched = await touch(asked, 'registrations')
  assert.equal(touched.statusCode, 200)
  const fields = hiddenFields(touched, ANSWER_TO)
  assert.equal(fields._csrf, RELAY)
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: JSON.parse(fields.response ?? ''),
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: 'localhost',
  })
  assert.ok(verified && registrationInfo)
  credential = registrationInfo.credential
})

test('the form goes on to the provider and to where the provider leads, and nowhere else (CSP form-action)', async () => {
  const asked = await enter('registrations', await creation(), { leadsTo: 'https://rp.example/callback' })
  assert.match(String(asked.headers['content-security-policy']), /form-action 'self';/)
  const touched = await touch(asked, 'registrations', { choice: 'new' })
  const [, allowed = ''] =
    /form-action ([^;]+);/.exec(String(touched.headers['content-security-policy'])) ?? []
  const origins = allowed.split(' ')
  for (const url of Object.values(lab.ground.urls)) assert.ok(origins.includes(new URL(url).origin))
  assert.ok(origins.includes('https://rp.example'))
})

test('a person signs in with the key that is registered; the other key says that it is not', async () => {
  const options = await generateAuthenticationOptions({
    rpID: 'localhost',
    allowCredentials: [{ id: credential.id }],
  })
  const asked = await enter('assertions', options)
  assert.match(asked.body, /nothing is registered for this/)
  assert.ok(asked.body.includes(`value="${credential.id}"`))
  const [other] = [...asked.body.matchAll(/name="choice"[^>]*value="([^"]+)"/g)]
    .map(([, value]) => value)
    .filter((value) => value !== credential.id)
  assert.ok(other)
  const wrong = await touch(asked, 'assertions', { choice: other })
  assert.equal(wrong.statusCode, 422)
  assert.match(wrong.body, /href="#choice">This key has nothing registered for that</)
  const right = await touch(asked, 'assertions', { choice: credential.id })
  const { verified } = await verifyAuthenticationResponse({
    response: JSON.parse(hiddenFields(right, ANSWER_TO).response ?? ''),
    expectedChallenge: options.challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: 'localhost',
    credential,
  })
  assert.ok(verified)
})

test('a key that is registered for the account already says so when it is chosen', async () => {
  const options = { ...(await creation()), excludeCredentials: [{ id: credential.id, type: 'public-key' }] }
  const asked = await enter('registrations', options)
  assert.match(asked.body, /registered for this account already/)
  const keys = await lab.ground.database.selectFrom('securityKeyCredentials').selectAll().execute()
  const choice = keys.find(({ id }) => id === credential.id)?.keyId
  const refused = await touch(asked, 'registrations', { choice })
  assert.equal(refused.statusCode, 422)
  assert.match(refused.body, /This key is registered for that account already/)
  assert.equal(hiddenFields(refused, '/security-keys/registrations/touches').relay, RELAY)
})

test('the token of the form that led here is relayed when nothing else is', async () => {
  const options = JSON.stringify(await creation())
  const fields = { options, origin: ORIGIN, answerTo: ANSWER_TO, _csrf: 'token of the provider' }
  const asked = await post('/security-keys/registrations', fields)
  const touched = await touch(asked, 'registrations', { choice: 'new' })
  assert.equal(hiddenFields(touched, ANSWER_TO)._csrf, 'token of the provider')
})

const elsewhere: { what: string; fields: Record<string, string>; field: string }[] = [
  {
    what: 'an answer to another origin',
    fields: { answerTo: 'https://example.com/' },
    field: 'body.answerTo',
  },
  { what: 'an answer to nowhere', fields: { answerTo: '' }, field: 'body.answerTo' },
  { what: 'an answer to a script', fields: { answerTo: 'javascript:alert(1)' }, field: 'body.answerTo' },
  { what: 'an answer to a neighbour', fields: { answerTo: `${ORIGIN}.example/` }, field: 'body.answerTo' },
  {
    what: 'a password in the address',
    fields: { answerTo: 'http://a:b@localhost:4001/' },
    field: 'body.answerTo',
  },
  { what: 'a way back to another origin', fields: { cancel: 'https://example.com/' }, field: 'body.cancel' },
  {
    what: 'a way on that is no web address',
    fields: { leadsTo: "data:text/html 'self'" },
    field: 'body.leadsTo',
  },
]
for (const { what, fields, field } of elsewhere) {
  test(`${what} is refused at the entrance and at the touch`, async () => {
    const options = await creation()
    const refusedAt = async (answer: Answer) => {
      assert.equal(answer.statusCode, 400)
      assert.equal(answer.headers.location, undefined)
    }
    const json = await post(
      '/security-keys/registrations',
      { options: JSON.stringify(options), origin: ORIGIN, answerTo: ANSWER_TO, ...fields },
      { accept: '*/*' },
    )
    assert.equal(json.json().errors[0].field, field)
    await refusedAt(await enter('registrations', options, fields))
    if (field === 'body.cancel') return
    const asked = await enter('registrations', options)
    await refusedAt(await touch(asked, 'registrations', { choice: 'new', ...fields }))
  })
}

test('nothing is touched without the token of the page that asks (CSRF)', async () => {
  const asked = await enter('registrations', await creation())
  const before = await lab.ground.database.selectFrom('securityKeyCredentials').selectAll().execute()
  const refused = await touch(asked, 'registrations', { choice: 'new', _csrf: 'x' })
  assert.equal(refused.statusCode, 403)
  const later = await lab.ground.database.selectFrom('securityKeyCredentials').selectAll().execute()
  assert.equal(later.length, before.length)
})

test('a page elsewhere that asks for JSON in the name of its visitor is answered by the page only', async () => {
  for (const site of ['cross-site', 'same-site']) {
    const fields = { options: JSON.stringify(await creation()), origin: ORIGIN, answerTo: ANSWER_TO }
    const headers = { accept: 'application/json', 'sec-fetch-site': site }
    const answer = await post('/security-keys/registrations', fields, headers)
    assert.match(String(answer.headers['content-type']), /text\/html/)
  }
})

test('keys are made, listed with what is registered, and removed', async () => {
  const page = await lab.app.inject({ url: '/security-keys' })
  assert.match(page.body, /<h2 class="lab-card__title">Security key 1<\/h2>/)
  assert.match(page.body, /<th scope="row">localhost<\/th><td>maria@example.com/)
  const cookie = page.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const csrf = hiddenFields(page, '/security-keys')._csrf ?? ''
  const make = (name: string) => post('/security-keys', { name, _csrf: csrf }, { cookie })
  assert.equal((await make('<Blue>')).statusCode, 303)
  const again = await make('<Blue>')
  assert.equal(again.statusCode, 422)
  assert.match(again.body, /A key has this name already/)
  assert.ok(again.body.includes(escapeHtml`${'<Blue>'}`))
  const keys = await lab.ground.database.selectFrom('securityKeys').selectAll().execute()
  for (const { id } of keys) {
    assert.equal((await post(`/security-keys/${id}/removal`, { _csrf: csrf }, { cookie })).statusCode, 303)
  }
  assert.deepEqual(await lab.ground.database.selectFrom('securityKeyCredentials').selectAll().execute(), [])
})

test('without any key a sign-in says so and leads back', async () => {
  const asked = await enter('assertions', await generateAuthenticationOptions({ rpID: 'localhost' }))
  assert.match(asked.body, /There is no security key here yet/)
  assert.ok(asked.body.includes(`<a href="${ORIGIN}/">Cancel</a>`))
})

test('there are fifty keys at most', async () => {
  const options = await creation()
  const program = (key: string) =>
    lab.app.inject({
      method: 'POST',
      url: '/security-keys/registrations',
      headers: { accept: 'application/json' },
      payload: { origin: ORIGIN, options, key },
    })
  for (let count = 0; count < 50; count++) assert.equal((await program(`key ${count}`)).statusCode, 200)
  assert.equal((await program('one more')).json().code, 'too_many_keys')
})
