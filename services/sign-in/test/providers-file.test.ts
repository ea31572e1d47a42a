import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { readProviders } from '../src/federation/providers-file.ts'
import { fileOf, keyFileOf, secretFile } from './support/providers.ts'

const { keyFile, jwk } = await keyFileOf('client.json', 'RS256')
const encryption = await keyFileOf('encryption.json', 'RSA-OAEP')

const row = (more: Record<string, unknown> = {}) => ({
  id: 'id.me',
  name: 'ID.me',
  issuer: 'https://api.example/oidc',
  clientId: 'gatehouse',
  authentication: { method: 'client_secret_post', secretFile },
  scope: 'openid',
  ...more,
})

const read = (rows: unknown, options = { allowHttp: false }) =>
  readProviders(fileOf('providers.json', typeof rows === 'string' ? rows : JSON.stringify(rows)), options)

async function problemOf(rows: unknown): Promise<string> {
  try {
    await read(rows)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.message
  }
  throw new Error('these rows are good')
}

test('a row needs little, and what it leaves out is the strict or the usual', async () => {
  const [provider] = await read([row()])
  assert.equal(provider?.nonce, 'required')
  assert.equal(provider.leavingPage, false)
  assert.equal(provider.promptLogin, false)
  assert.equal(provider.offeredTo, 'all')
  assert.deepEqual(provider.amr, [])
  const [asserting] = await read([row({ authentication: { method: 'private_key_jwt', keyFile } })])
  assert.deepEqual(asserting?.authentication, { method: 'private_key_jwt', keyFile, audience: 'issuer' })
  assert.equal((await read([row({ authentication: { method: 'none' } })])).length, 1)
})

test('plain http is for the test profile', async () => {
  const rows = [row({ issuer: 'http://localhost:4002/oidc' })]
  assert.equal((await read(rows, { allowHttp: true })).length, 1)
  assert.equal(
    await problemOf(rows),
    'PROVIDERS_FILE: id.me: issuer must begin with https: in the live profile',
  )
})

const publicJwk = { kty: jwk.kty, n: jwk.n, e: jwk.e, alg: 'RS256' }
const { alg: _, ...withoutAlg } = jwk

for (const [what, rows, problem] of [
  ['no JSON', 'providers', /^PROVIDERS_FILE: it must name a readable JSON file$/],
  ['no array', {}, /must hold an array with a row or more$/],
  ['no row', [], /must hold an array with a row or more$/],
  ['a row that is no object', ['id.me'], /^PROVIDERS_FILE: row 1: /],
  ['two rows with one id', [row(), row()], /every id may occur once/],
  ['no client id', [row({ clientId: undefined })], /^PROVIDERS_FILE: id\.me: clientId must be given$/],
  ['a field that nobody knows', [row({ isuer: 'x' })], /id\.me: isuer is not a known field$/],
  ['an unusable id', [row({ id: 'ID me' })], /^PROVIDERS_FILE: ID me: id must match pattern/],
  ['an issuer that is no URL', [row({ issuer: 'https://' })], /id\.me: issuer must be a URL$/],
  ['no openid', [row({ scope: 'email' })], /id\.me: scope must have openid$/],
  [
    'a way to authenticate that nobody knows',
    [row({ authentication: { method: 'tls' } })],
    /authentication\.method must/,
  ],
  [
    'a secret without its file',
    [row({ authentication: { method: 'client_secret_post' } })],
    /^PROVIDERS_FILE: id\.me: authentication\.secretFile must be given$/,
  ],
  [
    'a secret for a public client',
    [row({ authentication: { method: 'none', secretFile } })],
    /authentication\.secretFile is not a known field$/,
  ],
  [
    'a secret file that is not there',
    [row({ authentication: { method: 'client_secret_basic', secretFile: '/nowhere/secret' } })],
    /id\.me: authentication\.secretFile must name a readable secret$/,
  ],
  [
    'an empty secret file',
    [row({ authentication: { method: 'client_secret_post', secretFile: fileOf('empty', '\n') } })],
    /authentication\.secretFile must name a readable secret$/,
  ],
  [
    'a public key to sign with',
    [
      row({
        authentication: {
          method: 'private_key_jwt',
          keyFile: fileOf('public.json', JSON.stringify(publicJwk)),
        },
      }),
    ],
    /authentication\.keyFile must name a readable private JWK with alg$/,
  ],
  [
    'a key without alg',
    [
      row({
        authentication: {
          method: 'private_key_jwt',
          keyFile: fileOf('bare.json', JSON.stringify(withoutAlg)),
        },
      }),
    ],
    /authentication\.keyFile must name a readable private JWK with alg$/,
  ],
  [
    'a key to sign where one to decrypt belongs',
    [row({ userinfo: { format: 'jwt', decryptionKeyFile: keyFile } })],
    /userinfo\.decryptionKeyFile must have an alg of RSA-OAEP/,
  ],
  [
    'a decryption key for JSON',
    [row({ userinfo: { format: 'json', decryptionKeyFile: encryption.keyFile } })],
    /userinfo\.alg and userinfo\.decryptionKeyFile go with the format jwt$/,
  ],
  [
    'userinfo signed with a shared secret',
    [row({ userinfo: { format: 'jwt', alg: 'HS256' } })],
    /userinfo\.alg must match/,
  ],
  ['a nonce that does not matter', [row({ nonce: 'ignored' })], /id\.me: nonce must/],
  [
    'parameters that undo the checks of the answer',
    [row({ parameters: { state: 'x', nonce: 'y', eid: '1' } })],
    /id\.me: parameters must not have state, nonce$/,
  ],
  [
    'a sign-up that leads elsewhere',
    [row({ signUp: { parameters: { redirect_uri: 'https://other.example' } } })],
    /signUp\.parameters must not have redirect_uri$/,
  ],
  ['a rule without a condition', [row({ assurance: [{ acr: 'x', when: {} }] })], /assurance\.0\.when must/],
  [
    'levels that no rule makes',
    [row({ acceptedAcr: ['y'], assurance: [{ acr: 'x', when: { level: [2] } }] })],
    /acceptedAcr has no level that a rule of assurance makes$/,
  ],
  [
    'a level to ask for that would not be accepted',
    [row({ acceptedAcr: ['x'], requestableAcr: ['x', 'y'] })],
    /requestableAcr may hold no level that acceptedAcr or assurance leaves out$/,
  ],
  [
    'a level to ask for that no rule makes',
    [row({ requestableAcr: ['y'], assurance: [{ acr: 'x', when: { level: [2] } }] })],
    /requestableAcr may hold no level that acceptedAcr or assurance leaves out$/,
  ],
  [
    'levels among the parameters',
    [row({ parameters: { acr_values: 'x' } })],
    /id\.me: parameters must not have acr_values$/,
  ],
  ['an audience that nobody knows', [row({ offeredTo: 'some' })], /id\.me: offeredTo must/],
  ['no accepted level at all', [row({ acceptedAcr: [] })], /id\.me: acceptedAcr must/],
] as const) {
  test(`providers with ${what} stop the service at its start, and the message says which field`, async () => {
    const message = await problemOf(rows)
    assert.match(message, problem)
    // Fields and rules, never what stands in them.
    assert.doesNotMatch(message, /nowhere|https?:\/\/|client-secret/)
  })
}

test('all that is wrong is told at once', async () => {
  assert.equal(
    await problemOf([row({ scope: 'email', parameters: { request: 'x' } }), row({ id: 'b', name: '' })]),
    'PROVIDERS_FILE: id.me: scope must have openid; id.me: parameters must not have request; ' +
      'b: name must not have fewer than 1 characters',
  )
})
