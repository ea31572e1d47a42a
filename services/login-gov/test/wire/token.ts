import { createHash, generateKeyPairSync } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { JWTPayload } from 'jose'
import {
  ASSERTION_TYPE,
  AUTH_ONLY,
  assertion,
  CLIENT,
  clientKeys,
  KEYLESS,
  OTHER_REDIRECT_URI,
  ROOT,
  SAME_AGENCY,
  secondClientKeys,
  TOKEN_URL,
} from '../support/login-gov.ts'
import type { Changes } from './authorize.ts'
import { ACR, DOCS, type Row } from './row.ts'

export interface TokenRow extends Row {
  /** The authorization request that the code comes from. */
  from?: Changes
  /** What is sent beside `grant_type` and the code; undefined leaves one of them out. */
  send(): Promise<Changes> | Changes
  /** Milliseconds between handoff and exchange. */
  after?: number
  errors: string[]
}

export const VERIFIER = 'a-verifier-of-more-than-forty-three-characters-0123'
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const challenge = { code_challenge: CHALLENGE, code_challenge_method: 'S256' }

const GRANT = 'Grant type is not included in the list'
const TYPE = 'Client assertion type is not included in the list'
export const INVALID_CODE = `Code is invalid because doesn’t match any user. ${DOCS}#invalid-code`
const EXPIRED = `Code is expired. ${DOCS}#token-expired`
export const NEITHER = `Code Client must authenticate via PKCE or private_key_jwt, missing either code_challenge or client_assertion. ${DOCS}#pkce-or-private-key`
export const VERIFIER_ERROR = `Code verifier code_verifier did not match code_challenge. ${DOCS}#invalid-code-verifier`
const AUD = `Client assertion Invalid audience claim, expected ${TOKEN_URL}. ${DOCS}#invalid-aud-claim`
const IAT = `Client assertion iat must be an integer or floating point Unix timestamp representing a time in the past. ${DOCS}#invalid-iat`
const NO_KEY = `Client assertion Could not validate assertion against any registered public keys. ${DOCS}#invalid-token-signature`
const SIGNATURE = 'Client assertion Signature verification failed'
const EXP = 'Client assertion Signature has expired'
const NBF = 'Client assertion Signature nbf has not been reached'
const issuer = (received: string) =>
  `Client assertion Invalid issuer. Expected ["${CLIENT}"], received ${received}`
const subject = (received: string) =>
  `Client assertion Invalid subject. Expected ${CLIENT}, received ${received}`

const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
// Of two registered keys the last failure is the one that is told.
const second = secondClientKeys.privateKey

/** Sends an assertion that is right in everything but `claims`. */
const asserting =
  (claims: () => JWTPayload, key = second) =>
  async () => ({
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await assertion(claims(), key),
  })
const raw = (make: (jwt: string) => string) => async () => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: make(await assertion({}, second)),
})
const fields = (changes: Changes) => () => changes

/** A client that authenticates by private_key_jwt only. */
const row = (fact: string, when: string, send: TokenRow['send'], ...errors: string[]): TokenRow => ({
  fact,
  when,
  send,
  errors,
})
const from = (changes: Changes, given: TokenRow): TokenRow => ({ ...given, from: changes })
const after = (milliseconds: number, given: TokenRow): TokenRow => ({ ...given, after: milliseconds })

export const pkce = { client_id: SAME_AGENCY, redirect_uri: OTHER_REDIRECT_URI, ...challenge }
const withoutChallenge = { ...pkce, code_challenge: undefined, code_challenge_method: undefined }
export const either = {
  client_id: AUTH_ONLY,
  redirect_uri: 'http://localhost:4200/callback',
  acr_values: `${ACR}:auth-only`,
  scope: 'openid email',
}
const keyless = { ...either, client_id: KEYLESS, redirect_uri: 'http://localhost:4500/callback' }
const good = asserting(() => ({}))

function withHeader(header: object) {
  return (jwt: string) =>
    [Buffer.from(JSON.stringify(header)).toString('base64url'), ...jwt.split('.').slice(1)].join('.')
}
function tampered(jwt: string): string {
  const [header, claims = '', signature] = jwt.split('.')
  const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), jti: 'changed' }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

export const tokenRows: TokenRow[] = [
  row('3', 'grant_type is missing', async () => ({ ...(await good()), grant_type: undefined }), GRANT),
  row(
    '3',
    'grant_type is client_credentials',
    async () => ({ ...(await good()), grant_type: 'client_credentials' }),
    GRANT,
  ),
  row(
    '3',
    'grant_type is refresh_token',
    async () => ({ ...(await good()), grant_type: 'refresh_token' }),
    GRANT,
  ),
  row(
    '3',
    'the assertion type is another',
    async () => ({ ...(await good()), client_assertion_type: 'urn:x' }),
    TYPE,
  ),
  row(
    '3',
    'the assertion type is missing',
    async () => ({ ...(await good()), client_assertion_type: undefined }),
    TYPE,
  ),
  row(
    '3',
    'grant_type and assertion type are wrong, in the order of the rules',
    async () => ({ ...(await good()), grant_type: 'password', client_assertion_type: '' }),
    GRANT,
    TYPE,
  ),
  row(
    '3',
    'the code is unknown',
    async () => ({ ...(await good()), code: '5b0e0a5e-5d4b-4a8e-9d55-0b9f4f3b7c11' }),
    INVALID_CODE,
  ),
  row('3', 'the code is blank', async () => ({ ...(await good()), code: '' }), INVALID_CODE),
  row('3', 'the code is missing', async () => ({ ...(await good()), code: undefined }), INVALID_CODE),
  row('3', 'the code is no UUID', async () => ({ ...(await good()), code: '%00' }), INVALID_CODE),
  row(
    '3',
    'nothing is sent',
    fields({ grant_type: undefined, code: undefined }),
    GRANT,
    INVALID_CODE,
    NEITHER,
  ),
  row(
    '3',
    'an unknown code comes with a verifier',
    fields({ code: 'x', code_verifier: VERIFIER }),
    INVALID_CODE,
    VERIFIER_ERROR,
  ),
  after(300_000, row('3', 'the code is 300 seconds old', good, EXPIRED)),
  after(86_400_000, row('3', 'the code is a day old, and the session over', good, EXPIRED)),
  after(300_000, row('3', 'the code is expired and nobody authenticates', fields({}), EXPIRED, NEITHER)),
  row('3', 'the client does not authenticate', fields({}), NEITHER),
  row('3', 'a private_key_jwt client sends a verifier only', fields({ code_verifier: VERIFIER }), NEITHER),
  row(
    '3',
    'client_secret is sent, which never works',
    fields({ client_id: CLIENT, client_secret: 'secret' }),
    NEITHER,
  ),
  row(
    '3',
    'there is no assertion but its type',
    fields({ client_assertion_type: ASSERTION_TYPE }),
    'Client assertion Nil JSON web token',
  ),
  row(
    '3',
    'the assertion is no JWT',
    fields({ client_assertion_type: ASSERTION_TYPE, client_assertion: 'nonsense' }),
    'Client assertion Not enough or too many segments',
  ),
  row(
    '3',
    'the assertion has five parts',
    raw((jwt) => `${jwt}.a.b`),
    'Client assertion Not enough or too many segments',
  ),
  row(
    '3',
    'the assertion has no JSON in it',
    raw((jwt) => `e30.bm9uZQ.${jwt.split('.')[2]}`),
    'Client assertion Invalid segment encoding',
  ),
  row(
    '3, RFC 8725 §3.1',
    'alg is none',
    raw(withHeader({ alg: 'none' })),
    'Client assertion Expected a different algorithm',
  ),
  row(
    '3, RFC 8725 §3.1',
    'alg is HS256',
    raw(withHeader({ alg: 'HS256' })),
    'Client assertion Expected a different algorithm',
  ),
  row(
    '3, RFC 8725 §3.1',
    'alg is RS512',
    raw(withHeader({ alg: 'RS512' })),
    'Client assertion Expected a different algorithm',
  ),
  row('3', 'the assertion was tampered with', raw(tampered), SIGNATURE),
  row(
    '3',
    'the assertion lost its signature',
    raw((jwt) => `${jwt.split('.').slice(0, 2).join('.')}.`),
    SIGNATURE,
  ),
  row(
    '3',
    'a foreign key signed',
    asserting(() => ({}), foreign),
    SIGNATURE,
  ),
  row(
    '3',
    'exp is this very second',
    asserting(() => ({ exp: epochSeconds() })),
    EXP,
  ),
  row(
    '3',
    'exp is text that is no number',
    asserting(() => ({ exp: 'never' as never })),
    EXP,
  ),
  row(
    '3',
    'exp is over and the first of two keys signed: the last key counts',
    asserting(() => ({ exp: epochSeconds() - 1 }), clientKeys.privateKey),
    SIGNATURE,
  ),
  row(
    '3',
    'nbf lies a second ahead',
    asserting(() => ({ nbf: epochSeconds() + 2 })),
    NBF,
  ),
  row(
    '3',
    'iss is another',
    asserting(() => ({ iss: 'someone' })),
    issuer('someone'),
  ),
  row(
    '3',
    'iss is missing',
    asserting(() => ({ iss: undefined })),
    issuer('<none>'),
  ),
  row(
    '3',
    'iss is no text',
    asserting(() => ({ iss: { toString: 1 } as never })),
    issuer('{"toString":1}'),
  ),
  row(
    '3',
    'sub is another',
    asserting(() => ({ sub: 'someone' })),
    subject('someone'),
  ),
  row(
    '3',
    'sub is missing',
    asserting(() => ({ sub: undefined })),
    subject('<none>'),
  ),
  row(
    '3',
    'aud is the issuer',
    asserting(() => ({ aud: `${ROOT}/` })),
    AUD,
  ),
  row(
    '3',
    'aud is the old path',
    asserting(() => ({ aud: `${ROOT}/openid_connect/token` })),
    AUD,
  ),
  row(
    '3',
    'aud has two slashes at its end',
    asserting(() => ({ aud: `${TOKEN_URL}//` })),
    AUD,
  ),
  row(
    '3',
    'aud is missing',
    asserting(() => ({ aud: undefined })),
    AUD,
  ),
  row(
    '3',
    'aud is an array without it',
    asserting(() => ({ aud: ['x', `${ROOT}/`] })),
    AUD,
  ),
  row(
    '3',
    'aud is no text',
    asserting(() => ({ aud: { toString: 1 } as never })),
    AUD,
  ),
  row(
    '3',
    'iat is eleven seconds ahead',
    asserting(() => ({ iat: epochSeconds() + 12 })),
    IAT,
  ),
  row(
    '3',
    'iat is text',
    asserting(() => ({ iat: 'now' as never })),
    IAT,
  ),
  row(
    '3',
    'iat is null',
    asserting(() => ({ iat: null as never })),
    IAT,
  ),
  row(
    '3',
    'aud and iat are both wrong',
    asserting(() => ({ aud: 'x', iat: epochSeconds() + 60 })),
    AUD,
    IAT,
  ),
  from(pkce, row('3, RFC 7636 §4.6', 'a PKCE client sends no verifier', fields({}), VERIFIER_ERROR)),
  from(
    pkce,
    row(
      '3, RFC 7636 §4.6',
      'a PKCE client sends a wrong verifier',
      fields({ code_verifier: 'wrong' }),
      VERIFIER_ERROR,
    ),
  ),
  from(
    pkce,
    row(
      '3, RFC 7636 §4.6',
      'a PKCE client sends the challenge as verifier',
      fields({ code_verifier: CHALLENGE }),
      VERIFIER_ERROR,
    ),
  ),
  from(pkce, row('3', 'a PKCE client sends an assertion instead of a verifier', good, VERIFIER_ERROR)),
  from(
    withoutChallenge,
    row('3', 'a PKCE client never sent a challenge', fields({ code_verifier: VERIFIER }), VERIFIER_ERROR),
  ),
  from(withoutChallenge, row('3', 'a PKCE client authenticates in no way', fields({}), NEITHER)),
  from(withoutChallenge, row('3', 'a PKCE client sends an assertion only', good, NEITHER)),
  from(either, row('3', 'a client of either kind authenticates in no way', fields({}), NEITHER)),
  from(
    { ...either, ...challenge },
    row(
      '3',
      'a client of either kind sent a challenge: the assertion alone will not do',
      async () => ({
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await assertion({}, clientKeys.privateKey, AUTH_ONLY),
      }),
      VERIFIER_ERROR,
    ),
  ),
  from(
    keyless,
    row(
      '3',
      'a client without a registered key sends an assertion',
      async () => ({
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await assertion({}, clientKeys.privateKey, KEYLESS),
      }),
      NO_KEY,
    ),
  ),
]

/** Exchanges that must succeed. */
export const goodTokenRows: TokenRow[] = [
  row(
    '3',
    'the first of two keys signed',
    asserting(() => ({}), clientKeys.privateKey),
  ),
  row('3', 'the second of two keys signed', good),
  row(
    '3',
    'aud is an array',
    asserting(() => ({ aud: ['x', TOKEN_URL] })),
  ),
  row(
    '3',
    'aud has a slash at its end',
    asserting(() => ({ aud: `${TOKEN_URL}/` })),
  ),
  row(
    '3',
    'there is no exp and no iat',
    asserting(() => ({ exp: undefined, iat: undefined })),
  ),
  row(
    '3',
    'iat is nine seconds ahead',
    asserting(() => ({ iat: epochSeconds() + 9 })),
  ),
  row(
    '3',
    'iat is a fraction',
    asserting(() => ({ iat: epochSeconds() - 0.5 })),
  ),
  row(
    '3',
    'nbf is now',
    asserting(() => ({ nbf: epochSeconds() })),
  ),
  row('3', 'redirect_uri and client_id are nonsense, which nobody reads', async () => ({
    ...(await good()),
    redirect_uri: 'http://evil.example/',
    client_id: 'urn:nobody',
  })),
  row('3', 'a private_key_jwt client sends a verifier too', async () => ({
    ...(await good()),
    code_verifier: 'x',
  })),
  after(298_000, row('3', 'the code is 298 seconds old', good)),
  from(pkce, row('3', 'a PKCE client sends its verifier', fields({ code_verifier: VERIFIER }))),
  from(
    { ...pkce, code_challenge: `${CHALLENGE}=` },
    row('3', 'the challenge had padding', fields({ code_verifier: VERIFIER })),
  ),
  from(
    { ...either, ...challenge },
    row('3', 'a client of either kind sends its verifier', fields({ code_verifier: VERIFIER })),
  ),
  from(
    either,
    row('3', 'a client of either kind sends an assertion', async () => ({
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion({}, clientKeys.privateKey, AUTH_ONLY),
    })),
  ),
  from(
    { ...keyless, ...challenge },
    row('3', 'a client without keys uses PKCE', fields({ code_verifier: VERIFIER })),
  ),
]
