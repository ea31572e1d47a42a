import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { startGatehouse } from '../src/gatehouse.ts'
import { openBrowser } from '../src/headless-browser.ts'
import { pickUpPhone } from '../src/phone.ts'
import { labSecurityKey } from '../src/security-key.ts'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse
const origin = urls['login-gov']

const SETUP_KEY = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const challenge = 'Y2hhbGxlbmdlIG9mIDE2IGJ5dGVz'
const creation = {
  challenge,
  rp: { id: 'localhost', name: 'Login.gov' },
  user: { id: 'bWFyaWE', name: 'maria@example.com', displayName: '' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  authenticatorSelection: { residentKey: 'required' },
}
const request = { challenge, rpId: 'localhost' }

const clientData = ({ response }: { response: Record<string, unknown> }) =>
  JSON.parse(Buffer.from(String(response.clientDataJSON), 'base64url').toString())

test('a phone takes accounts into its authenticator app and gives the code of the one that is asked for', async () => {
  const phone = await pickUpPhone(urls, '+12025550170')
  await phone.addAuthenticator(SETUP_KEY, 'Login.gov')
  await phone.addAuthenticator(`otpauth://totp/ID.me:maria?secret=${SETUP_KEY}&issuer=ID.me&digits=8`)
  assert.match(await phone.authenticatorCode('Login.gov'), /^\d{6}$/)
  assert.match(await phone.authenticatorCode('ID.me'), /^\d{8}$/)
  await assert.rejects(phone.authenticatorCode('Nobody'), /no account of Nobody/)
})

test('a setup key that the lab does not take is an error that names the rule and not the key', async () => {
  const phone = await pickUpPhone(urls, '+12025550171')
  await assert.rejects(phone.addAuthenticator('10081'), (error: Error) => {
    assert.match(error.message, /400 .*letters and the digits 2 to 7/)
    return !error.message.includes('10081')
  })
  await assert.rejects(phone.authenticatorCode(), /no account/)
})

test('a security key registers and signs in, and says the code when it does not', async () => {
  const key = labSecurityKey(urls, 'mine')
  const made = await key.register({ options: creation, origin })
  assert.deepEqual(clientData(made), { type: 'webauthn.create', challenge, origin, crossOrigin: false })
  const signed = await key.authenticate({ options: request, origin })
  assert.equal(signed.id, made.id)
  assert.equal(signed.response.userHandle, creation.user.id)
  assert.equal(clientData(signed).type, 'webauthn.get')
  assert.equal((await labSecurityKey(urls).authenticate({ options: request, origin })).id, made.id)
  const other = labSecurityKey(urls, 'another')
  await assert.rejects(other.authenticate({ options: request, origin }), /409 no_credential/)
  const excluded = { ...creation, excludeCredentials: [{ type: 'public-key', id: made.id }] }
  await assert.rejects(key.register({ options: excluded, origin }), /409 already_registered/)
  await assert.rejects(
    key.register({ options: creation, origin: urls.bso }),
    /400 invalid_request body.origin/,
  )
})

/** A page with a form as a provider's has it, on an origin of its own. */
async function providerPage(t: TestContext, action: string, fields: Record<string, string>): Promise<string> {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`,
  )
  const page = `<h1>Use your key</h1><form method="post" action="${action}">${inputs.join('')}<button>Go</button></form>`
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', connection: 'close' }).end(page)
  }).listen(0, 'localhost')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

test('the pages of a key work without scripts, from the provider and back to it', async (t) => {
  const browser = openBrowser({ stopAt: `${origin}/answers` })
  t.after(() => browser.close())
  const page = await providerPage(t, `${urls.lab}/security-keys/registrations`, {
    options: JSON.stringify(creation),
    origin,
    answerTo: `${origin}/answers`,
    relay: 'the token',
  })
  await browser.open(page)
  const asked = await browser.submit(browser.page.form({ button: 'Go' }))
  assert.equal(asked.heading, 'Touch your security key')
  const touched = await browser.submit(asked.form({ button: 'Touch' }), { choice: 'new' })
  const answer = touched.form({ fields: ['response', '_csrf'] })
  const values = Object.fromEntries(answer.values)
  assert.equal(values._csrf, 'the token')
  assert.equal(clientData(JSON.parse(values.response ?? '')).challenge, challenge)
  assert.ok((await browser.submit(answer)).stopped)
})
