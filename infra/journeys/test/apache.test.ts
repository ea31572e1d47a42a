// A relying party that nobody here wrote: Apache with mod_auth_openidc as Debian packages it, told about each issuer by
// its discovery document and a registration alone. Login.gov is not among them: the module's private_key_jwt, the only
// authentication that Login.gov advertises, crashes in 2.4.12.3 before it has called anybody.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { completeSignIn, type Provider } from '@gatehouse/testkit/sign-in-steps'
import { type Apache, apacheIsMissing, freePort, redirectUriAt, startApache } from '../src/apache.ts'

const operator = randomBytes(32).toString('base64url')
const missing = apacheIsMissing()
const options = { timeout: 180_000, ...(missing ? { skip: missing } : {}) }

const gatehouse = missing
  ? undefined
  : await startGatehouse({
      environment: { 'sign-in': { OPERATOR_TOKEN: operator }, 'id-me': { OPERATOR_TOKEN: operator } },
    })
after(() => gatehouse?.close())

async function register(method: 'POST' | 'PUT', address: string, client: object): Promise<unknown> {
  const answer = await fetch(address, {
    method,
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify(client),
  })
  assert.equal(answer.status, 201)
  return answer.json()
}

/** Opens the protected page, signs in at the provider, and reads what Apache says it was told. */
async function visit(apache: Apache, provider: Provider): Promise<Map<string, string>> {
  assert.ok(gatehouse)
  const { urls } = gatehouse
  const browser = openBrowser()
  try {
    await browser.open(`${apache.url}/protected/`)
    const page = await completeSignIn(browser, { urls, persona: gatehouse.persona('maria'), provider })
    assert.equal(page.status, 200, await apache.errors())
    const lines = page.root.text.trim().split('\n')
    return new Map(lines.map((line) => line.split('=', 2) as [string, string]))
  } finally {
    await browser.close()
  }
}

describe('Apache with mod_auth_openidc signs in', () => {
  test('at Gatehouse, by client_secret_basic and PKCE', options, async (t) => {
    assert.ok(gatehouse)
    const issuer = gatehouse.urls['sign-in']
    const port = await freePort()
    const client = (await register('POST', `${issuer}/registration`, {
      client_name: 'Apache',
      redirect_uris: [redirectUriAt(port)],
      scope: 'openid profile email',
    })) as { client_id: string; client_secret: string }
    const apache = await startApache({
      port,
      settings: {
        OIDCProviderMetadataURL: `${issuer}/.well-known/openid-configuration`,
        OIDCClientID: client.client_id,
        OIDCClientSecret: client.client_secret,
        OIDCPKCEMethod: 'S256',
        OIDCScope: '"openid profile email"',
      },
      claims: ['sub', 'email', 'idp'],
    })
    t.after(() => apache.stop())
    const claims = await visit(apache, 'login.gov')
    assert.match(claims.get('sub') ?? '', /\S{20,}/)
    assert.equal(claims.get('email'), 'maria@example.com')
    assert.equal(claims.get('idp'), 'login.gov')
  })

  test('at ID.me, by client_secret_post and PKCE; its userinfo is a signed JWT', options, async (t) => {
    assert.ok(gatehouse)
    const issuer = gatehouse.urls['id-me']
    const [client_id, client_secret] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
    const policy = 'http://idmanagement.gov/ns/assurance/ial/2/aal/2'
    const port = await freePort()
    await register('PUT', `${issuer}/api/clients/${client_id}`, {
      client_id,
      client_secret,
      name: 'Apache',
      redirect_uris: [redirectUriAt(port)],
      policies: [policy],
    })
    const apache = await startApache({
      port,
      settings: {
        OIDCProviderMetadataURL: `${issuer}/oidc/.well-known/openid-configuration`,
        OIDCClientID: client_id,
        OIDCClientSecret: client_secret,
        OIDCProviderTokenEndpointAuth: 'client_secret_post',
        OIDCPKCEMethod: 'S256',
        OIDCScope: `"openid ${policy}"`,
        OIDCUserInfoSignedResponseAlg: 'RS256',
      },
      claims: ['sub', 'email', 'fname'],
    })
    t.after(() => apache.stop())
    const claims = await visit(apache, 'id.me')
    assert.match(claims.get('sub') ?? '', /^[\da-f]{32}$/)
    assert.equal(claims.get('email'), 'maria@example.com')
    assert.equal(claims.get('fname'), 'Maria')
  })
})
