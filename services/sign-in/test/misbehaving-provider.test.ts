import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { epochSeconds } from '@gatehouse/clock/clock'
import { buildSignIn } from './signing-in.ts'
import {
  byAKeyNotInTheSet,
  byAnUnknownKey,
  byTheClientSecret,
  byThePublicKeyAsASecret,
  encryptedTo,
  type HttpProvider,
  notAtAll,
  properly,
  SECRET,
  startProvider,
  thenChanged,
} from './support/http-provider.ts'
import {
  comeBackFrom,
  ID_ME_MARIA,
  idMeRow,
  keyFileOf,
  LOGIN_GOV_MARIA,
  loginGovRow,
  storedAccounts,
} from './support/providers.ts'

const encryption = await keyFileOf('encryption.json', 'RSA-OAEP')
const otherKey = await keyFileOf('other-encryption.json', 'RSA-OAEP')
const IAL2 = { acr: 'http://idmanagement.gov/ns/assurance/ial/2' }

const json = await startProvider({ userinfo: 'json', person: LOGIN_GOV_MARIA, idToken: IAL2 })
const strict = await startProvider({
  userinfo: 'json',
  person: LOGIN_GOV_MARIA,
  idToken: IAL2,
  metadata: { authorization_response_iss_parameter_supported: true },
})
const jwt = await startProvider({ userinfo: 'jwt', person: ID_ME_MARIA })
const jwe = await startProvider({
  userinfo: 'jwe',
  person: ID_ME_MARIA,
  clientEncryptionKey: encryption.jwk,
})
const providers: Record<string, HttpProvider> = { json, strict, jwt, jwe }

const suite = await buildSignIn({
  rows: [
    loginGovRow(json, { id: 'json' }),
    loginGovRow(strict, { id: 'strict' }),
    idMeRow(jwt, { id: 'jwt' }),
    idMeRow(jwe, {
      id: 'jwe',
      userinfo: { format: 'jwt', alg: 'RS256', decryptionKeyFile: encryption.keyFile },
    }),
  ],
})
after(async () => {
  await suite.app.close()
  await Promise.all(Object.values(providers).map((provider) => provider.close()))
})
afterEach(() => {
  for (const provider of Object.values(providers)) provider.heal()
})

type Behaviour = Partial<HttpProvider['behaviour']>
type Row = readonly [what: string, behaviour: () => Behaviour]

const answered = (status: number, body: unknown, more: Record<string, unknown> = {}) => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
})

const idTokens: Row[] = [
  ['an ID token of another issuer', () => ({ idToken: { iss: 'https://another.example' } })],
  ['an ID token for another client', () => ({ idToken: { aud: 'another-client' } })],
  ['an ID token for others only', () => ({ idToken: { aud: ['another-client', 'a-third'] } })],
  [
    'an ID token that another party asked for',
    () => ({ idToken: { aud: ['gatehouse', 'other'], azp: 'other' } }),
  ],
  ['an ID token with another nonce', () => ({ idToken: { nonce: 'n'.repeat(43) } })],
  ['an ID token whose nonce is no text', () => ({ idToken: { nonce: 1 } })],
  ['an ID token that has expired', () => ({ idToken: { exp: epochSeconds() - 60 } })],
  ['an ID token without an expiry', () => ({ idToken: { exp: undefined } })],
  ['an ID token that is not valid yet', () => ({ idToken: { nbf: epochSeconds() + 600 } })],
  ['an ID token without a subject', () => ({ idToken: { sub: undefined } })],
  ['an ID token with an empty subject', () => ({ idToken: { sub: '' } })],
  [
    'an ID token whose subject is longer than subjects are',
    () => ({ idToken: { sub: 's'.repeat(256) }, userinfo: { sub: 's'.repeat(256) } }),
  ],
  ['an ID token by an unknown key', () => ({ signIdToken: byAnUnknownKey })],
  ['an ID token by a key that is not in the set', () => ({ signIdToken: byAKeyNotInTheSet })],
  ['an ID token with alg none', () => ({ signIdToken: notAtAll })],
  ['an ID token by the client secret', () => ({ signIdToken: byTheClientSecret })],
  ['an ID token by the public key as a secret', () => ({ signIdToken: byThePublicKeyAsASecret })],
  ['an ID token that was changed after it was signed', () => ({ signIdToken: thenChanged })],
  ['an ID token that is none', () => ({ signIdToken: () => 'a.b.c' })],
]

const tokenEndpoints: Row[] = [
  ['400 invalid_grant', () => ({ tokenAnswer: answered(400, { error: 'invalid_grant' }) })],
  [
    '400 with the free text of Login.gov (facts: login-gov §3)',
    () => ({ tokenAnswer: answered(400, { error: 'Code is expired. Please see our documentation.' }) }),
  ],
  [
    '401 with a challenge',
    () => ({ tokenAnswer: answered(401, {}, { headers: { 'www-authenticate': 'Basic' } }) }),
  ],
  ['500', () => ({ tokenAnswer: answered(500, { error: 'server_error' }) })],
  ['an error with status 200', () => ({ tokenAnswer: answered(200, { error: 'invalid_grant' }) })],
  ['a page with status 200', () => ({ tokenAnswer: answered(200, '<p>Sorry</p>', { type: 'text/html' }) })],
  ['half an answer', () => ({ tokenAnswer: answered(200, '{"access_token":"987654325","id_tok') })],
  [
    'a redirect',
    () => ({ tokenAnswer: answered(302, '', { headers: { location: 'http://localhost:4000/' } }) }),
  ],
  ['no ID token', () => ({ tokenMembers: { id_token: undefined } })],
  ['no access token', () => ({ tokenMembers: { access_token: undefined } })],
  ['a token type that nobody knows', () => ({ tokenMembers: { token_type: 'mac' } })],
]

const anyUserinfo: Row[] = [
  ['401', () => ({ userinfoAnswer: answered(401, { error: 'invalid_token' }) })],
  ['500', () => ({ userinfoAnswer: answered(500, 'broken', { type: 'text/plain' }) })],
  ['an error with status 200', () => ({ userinfoAnswer: answered(200, { error: 'invalid_token' }) })],
  [
    'a page with status 200',
    () => ({ userinfoAnswer: answered(200, '<p>Sorry</p>', { type: 'text/html' }) }),
  ],
  ['text that is no JSON', () => ({ userinfoAnswer: answered(200, 'x987654325') })],
  ['nothing', () => ({ userinfoAnswer: answered(200, '') })],
  ['a list', () => ({ userinfoAnswer: answered(200, [ID_ME_MARIA]) })],
  ['half an answer', () => ({ userinfoAnswer: answered(200, '{"social":"987654325","sub') })],
  ['another person (Core §5.3.2)', () => ({ userinfo: { sub: 'somebody-else' } })],
  ['no subject', () => ({ userinfo: { sub: undefined } })],
]

const signedUserinfo: Row[] = [
  ['a token by an unknown key', () => ({ signUserInfo: byAnUnknownKey })],
  ['a token by a key that is not in the set', () => ({ signUserInfo: byAKeyNotInTheSet })],
  ['a token with alg none', () => ({ signUserInfo: notAtAll })],
  ['a token by the client secret', () => ({ signUserInfo: byTheClientSecret })],
  ['a token by the public key as a secret', () => ({ signUserInfo: byThePublicKeyAsASecret })],
  ['a token that was changed after it was signed', () => ({ signUserInfo: thenChanged })],
  ['a token for another client', () => ({ userinfo: { aud: 'another-client' } })],
  ['a token for nobody (Core §5.3.2)', () => ({ userinfo: { aud: undefined } })],
  ['a token of another issuer', () => ({ userinfo: { iss: 'https://another.example' } })],
  ['a token of no issuer (Core §5.3.2)', () => ({ userinfo: { iss: undefined } })],
  ['a token that has expired', () => ({ userinfo: { exp: epochSeconds() - 60 } })],
  ['JSON where a token was agreed on', () => ({ userinfoAnswer: answered(200, ID_ME_MARIA) })],
  [
    'JSON that says it is a token',
    () => ({ userinfoAnswer: answered(200, ID_ME_MARIA, { type: 'application/jwt' }) }),
  ],
]

const levels: Row[] = [
  ['a lower identity level', () => ({ userinfo: { credential_ial: 1 } })],
  ['a lower authenticator level', () => ({ userinfo: { credential_aal: 1 } })],
  ['no identity level', () => ({ userinfo: { credential_ial: undefined } })],
  ['a level that only looks like it', () => ({ userinfo: { credential_ial: [2] } })],
  [
    'an acr of its own instead',
    () => ({ userinfo: { credential_ial: 1, acr: idMeRow(jwt).acceptedAcr[0] } }),
  ],
]

const browserAnswers: Row[] = [
  ['an error with a code beside it', () => ({ answer: { error: 'invalid_scope' } })],
  ['an error alone', () => ({ answer: { code: undefined, error: 'server_error' } })],
  ['neither a code nor an error', () => ({ answer: { code: undefined } })],
  ['a code that nobody issued', () => ({ answer: { code: 'f'.repeat(32) } })],
  ['another issuer (RFC 9207 §2.4)', () => ({ answer: { iss: 'https://another.example' } })],
  ['a JARM response', () => ({ answer: { response: 'a.b.c' } })],
]

const table: [provider: string, where: string, rows: Row[]][] = [
  ['json', 'gives', idTokens],
  ['jwt', 'gives', idTokens],
  ['json', 'gives', [['an ID token without a nonce', () => ({ idToken: { nonce: undefined } })]]],
  ['json', 'asserts', [['no level', () => ({ idToken: { acr: undefined } })]]],
  [
    'json',
    'asserts its level in userinfo only:',
    [['that is not where it counts', () => ({ idToken: { acr: undefined }, userinfo: IAL2 })]],
  ],
  ['json', 'answers at its token endpoint with', tokenEndpoints],
  ['json', 'answers at its userinfo endpoint with', anyUserinfo],
  ['jwt', 'answers at its userinfo endpoint with', [...anyUserinfo, ...signedUserinfo]],
  [
    'jwt',
    'answers at its userinfo endpoint with',
    [
      [
        'an encrypted token that nobody asked for',
        () => ({
          signUserInfo: async (claims) => encryptedTo(encryption.jwk, await properly(claims)),
        }),
      ],
    ],
  ],
  ['jwe', 'answers at its userinfo endpoint, encrypted, with', [...anyUserinfo, ...signedUserinfo]],
  [
    'jwe',
    'answers at its userinfo endpoint with',
    [
      ['a token that is not encrypted', () => ({ encrypt: (token) => token })],
      [
        'a token that is encrypted to another key',
        () => ({ encrypt: (token) => encryptedTo(otherKey.jwk, token) }),
      ],
      ['encrypted JSON that nobody signed', () => ({ signUserInfo: (claims) => JSON.stringify(claims) })],
      [
        'an encrypted token inside an encrypted token',
        () => ({
          encrypt: async (token) => encryptedTo(encryption.jwk, await encryptedTo(encryption.jwk, token)),
        }),
      ],
    ],
  ],
  ['jwt', 'asserts', levels],
  ['json', 'answers in the browser with', browserAnswers],
  [
    'strict',
    'answers in the browser without',
    [['the issuer that it announced (RFC 9207 §2.4)', () => ({})]],
  ],
]

for (const [id, where, rows] of table) {
  for (const [what, behaviour] of rows) {
    test(`a provider (${id}) that ${where} ${what} signs nobody in`, async () => {
      const provider = providers[id] as HttpProvider
      const callsBefore = suite.answers.made.length
      const failures = () => suite.logLines.filter((line) => line.includes('federation failed')).length
      const failuresBefore = failures()
      const storedBefore = await storedAccounts(suite)
      Object.assign(provider.behaviour, behaviour())
      const { answer, browser, interaction } = await comeBackFrom(suite, provider, id)
      assert.equal(answer.statusCode, 502, String(answer.headers.location))
      assert.match(answer.body, /You are not signed in, and nothing was changed/)
      assert.deepEqual(await storedAccounts(suite), storedBefore)
      assert.equal(suite.answers.made.length, callsBefore)
      assert.equal((await browser.get(`${interaction}/terms`)).statusCode, 400)
      assert.equal(failures(), failuresBefore + 1)
    })
  }
}

test('what is refused above is refused for its fault alone: without it every provider signs people in', async () => {
  Object.assign(strict.behaviour, { answer: { iss: strict.issuer } })
  for (const [id, provider] of Object.entries(providers)) {
    const { hasArrived, answer } = await comeBackFrom(suite, provider, id)
    assert.ok(hasArrived, `${id}: ${answer.body}`)
  }
})

for (const id of ['json', 'jwt']) {
  test(`whoever turns back at a provider (${id}) is nobody, and may choose again (RFC 6749 §4.1.2.1)`, async () => {
    const provider = providers[id] as HttpProvider
    Object.assign(provider.behaviour, { answer: { code: undefined, error: 'access_denied' } })
    const { answer, browser, interaction } = await comeBackFrom(suite, provider, id)
    assert.equal(answer.headers.location, `${interaction}?notice=left`)
    assert.equal((await browser.get(`${interaction}/terms`)).statusCode, 400)
  })
}

test('nothing that the providers handed out, and no SSN, stands in a log line or a table (ASVS 16.2.5)', async () => {
  const { accounts, credentials } = await storedAccounts(suite)
  const kept = JSON.stringify([accounts, credentials]) + suite.logLines.join('')
  assert.match(kept, /federation failed/)
  const secrets = [
    SECRET,
    '987654325',
    '987-65-4325',
    ...Object.values(providers).flatMap((one) => one.handedOut),
  ]
  secrets.forEach((secret, index) => {
    assert.ok(!kept.includes(secret), `secret ${index} is kept`)
  })
})
