import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readProviders } from '../src/federation/providers-file.ts'
import { createRelyingParty } from '../src/federation/relying-party.ts'
import { fileOf, keyFileOf, secretFile } from './support/providers.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const { keyFile } = await keyFileOf('client.json', 'RS256')

const rows = [...README.matchAll(/```json\n([\s\S]+?)```/g)].map(([, text]) =>
  JSON.parse(
    String(text)
      .replace('/run/secrets/login-gov-key.json', keyFile)
      .replace('/run/secrets/id-me', secretFile),
  ),
)

/** Metadata as the sandboxes publish it (facts: login-gov §1, id-me §1), without the network. */
const METADATA: Record<string, unknown> = {
  'https://idp.int.identitysandbox.gov/.well-known/openid-configuration': {
    issuer: 'https://idp.int.identitysandbox.gov/',
    authorization_endpoint: 'https://idp.int.identitysandbox.gov/openid_connect/authorize',
    token_endpoint: 'https://idp.int.identitysandbox.gov/api/openid_connect/token',
    jwks_uri: 'https://idp.int.identitysandbox.gov/api/openid_connect/certs',
  },
  'https://api.idmelabs.com/oidc/.well-known/openid-configuration': {
    issuer: 'https://api.idmelabs.com/oidc',
    authorization_endpoint: 'https://api.idmelabs.com/oauth/authorize',
    token_endpoint: 'https://api.idmelabs.com/oauth/token',
    jwks_uri: 'https://api.idmelabs.com/oidc/.well-known/jwks',
  },
}

test('the rows of the README are all it takes to send people to the sandboxes of Login.gov and ID.me', async () => {
  const providers = await readProviders(fileOf('readme.json', JSON.stringify(rows)), { allowHttp: false })
  const addresses = await Promise.all(
    providers.map(async (provider) => {
      const party = createRelyingParty(
        provider,
        `https://sign-in.example/federation/${provider.id}/callback`,
        {
          allowHttp: false,
          fetch: async (input) => {
            const metadata = METADATA[String(input)]
            return metadata ? Response.json(metadata) : new Response('', { status: 404 })
          },
        },
      )
      return (await party.begin({ authenticateAgain: false, signUp: false, levels: [] })).url
    }),
  )
  assert.deepEqual(
    addresses.map(({ origin, pathname }) => origin + pathname),
    [
      'https://idp.int.identitysandbox.gov/openid_connect/authorize',
      'https://api.idmelabs.com/oauth/authorize',
    ],
  )
  const [loginGov, idMe] = addresses
  assert.equal(
    loginGov?.searchParams.get('acr_values'),
    'urn:acr.login.gov:verified http://idmanagement.gov/ns/assurance/aal/2',
  )
  // Login.gov wants 22 characters or more of both (facts: login-gov §2.1).
  for (const name of ['state', 'nonce']) assert.ok(String(loginGov?.searchParams.get(name)).length >= 22)
  assert.equal(idMe?.searchParams.get('scope'), 'openid http://idmanagement.gov/ns/assurance/ial/2/aal/2')
})
