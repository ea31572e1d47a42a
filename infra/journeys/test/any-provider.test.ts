// sign-in as a relying party of a provider that nobody made it for, by one row of configuration: here the provider of
// another suite, which is oidc-provider behind its own pages.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { portsFrom, urlsAt } from '@gatehouse/launcher/addresses'
import { type Gatehouse, startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'
import * as client from 'openid-client'
import { freePortBase } from '../src/suite-process.ts'

const operator = randomBytes(32).toString('base64url')
const folder = await mkdtemp(join(tmpdir(), 'gatehouse-any-provider-'))
const providersFile = join(folder, 'providers.json')
const secretFile = join(folder, 'secret')
const elsewhere = await startGatehouse({ environment: { 'sign-in': { OPERATOR_TOKEN: operator } } })
after(async () => {
  await elsewhere.close()
  await rm(folder, { recursive: true, force: true })
})

/** Registers a relying service by RFC 7591. */
async function register(suite: Gatehouse, redirectUri: string) {
  const answer = await fetch(`${suite.urls['sign-in']}/registration`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'A relying service',
      redirect_uris: [redirectUri],
      scope: 'openid profile email',
    }),
  })
  assert.equal(answer.status, 201)
  return (await answer.json()) as { client_id: string; client_secret: string }
}

const REDIRECT_URI = 'http://127.0.0.1/callback'

test('a provider that is one more row of configuration signs people in', { timeout: 180_000 }, async (t) => {
  const row = {
    id: 'elsewhere',
    name: 'Elsewhere',
    issuer: elsewhere.urls['sign-in'],
    authentication: { method: 'client_secret_basic', secretFile },
    scope: 'openid profile email',
  }
  // Known beforehand, because it must be registered before it starts.
  const address = urlsAt(portsFrom(await freePortBase()))
  const registered = await register(elsewhere, `${address['sign-in']}/federation/elsewhere/callback`)
  await writeFile(secretFile, registered.client_secret, { mode: 0o600 })
  await writeFile(providersFile, JSON.stringify([{ ...row, clientId: registered.client_id }]))
  const suite = await startGatehouse({
    environment: { 'sign-in': { OPERATOR_TOKEN: operator, PROVIDERS_FILE: providersFile } },
    urls: address,
  })
  t.after(() => suite.close())

  const { client_id, client_secret } = await register(suite, REDIRECT_URI)
  const configuration = await client.discovery(
    new URL(suite.urls['sign-in']),
    client_id,
    client_secret,
    undefined,
    { execute: [client.allowInsecureRequests] },
  )
  const [codeVerifier, state, nonce] = [
    client.randomPKCECodeVerifier(),
    client.randomState(),
    client.randomNonce(),
  ]
  const browser = openBrowser({ stopAt: REDIRECT_URI })
  t.after(() => browser.close())
  await browser.open(
    client.buildAuthorizationUrl(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }).href,
  )
  // The only provider there is: the browser is with it already.
  assert.equal(new URL(browser.page.url).origin, elsewhere.urls['sign-in'])
  const maria = elsewhere.persona('maria')
  await completeSignIn(browser, { urls: elsewhere.urls, persona: maria })
  const arrived = await completeSignIn(browser, { urls: suite.urls, persona: maria })
  const tokens = await client.authorizationCodeGrant(configuration, new URL(arrived.url), {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  assert.equal(claims?.idp, 'elsewhere')
  assert.equal(claims?.email, 'maria@example.com')
  assert.equal(claims?.given_name, 'Maria')
})
