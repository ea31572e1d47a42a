// The wire of a relying service: requests that are right in everything but what a test changes.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import { clientKey, type MySsa, ROOT, SIGN_IN } from './my-ssa.ts'

export const STATE = 'state-of-the-test'
export const NONCE = 'nonce-of-the-test'
export const VERIFIER = randomBytes(32).toString('base64url')
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
export const REDIRECT_URI = SIGN_IN.redirect_uris[0] ?? ''

/** `undefined` leaves a parameter out. */
export type Changes = Record<string, string | undefined>

export interface RelyingService {
  client_id: string
  client_secret?: string
  redirect_uris: string[]
}

function formOf(parameters: Changes): URLSearchParams {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return new URLSearchParams(given)
}

export function authorizeUrl(changes: Changes = {}, client: RelyingService = SIGN_IN): string {
  return `/authorize?${formOf({
    client_id: client.client_id,
    redirect_uri: client.redirect_uris[0],
    response_type: 'code',
    scope: 'openid profile',
    state: STATE,
    nonce: NONCE,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  })}`
}

/** Where a browser ends up that follows an authorization request: at the relying service. */
export async function returnOf(browser: Browser, url: string): Promise<URL> {
  const answer = await browser.open(url)
  assert.equal(answer.statusCode, 303, answer.body)
  return new URL(String(answer.headers.location))
}

export async function codeOf(browser: Browser, url = authorizeUrl()): Promise<string> {
  const back = await returnOf(browser, url)
  const code = back.searchParams.get('code')
  assert.ok(code, back.search)
  return code
}

let assertions = 0

/** A client assertion (RFC 7523 §3). */
export async function assertion(changes: Record<string, unknown> = {}, key = clientKey.privateKey) {
  assertions += 1
  return new SignJWT({
    iss: SIGN_IN.client_id,
    sub: SIGN_IN.client_id,
    aud: ROOT,
    jti: `assertion-${assertions}-${randomBytes(6).toString('hex')}`,
    iat: epochSeconds(),
    exp: epochSeconds() + 60,
    ...changes,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .sign(key)
}

export async function tokenParameters(code: string, changes: Changes = {}): Promise<Changes> {
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    client_id: SIGN_IN.client_id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(),
    ...changes,
  }
}

export function postToken(
  { app }: Pick<MySsa, 'app'>,
  parameters: Changes,
  headers: Record<string, string> = {},
) {
  return app.inject({
    method: 'POST',
    url: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: formOf(parameters).toString(),
  })
}

/** What the token endpoint answers to a client with a secret in the body. */
export async function tokensBySecret(mySsa: MySsa, client: RelyingService, code: string) {
  const answer = await postToken(mySsa, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirect_uris[0],
    code_verifier: VERIFIER,
    client_id: client.client_id,
    client_secret: client.client_secret,
  })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<Record<string, string>>()
}

/** What the token endpoint answers sign-in, for whoever is signed in to a browser. */
export async function tokensFor(mySsa: MySsa, browser: Browser, url = authorizeUrl()) {
  const answer = await postToken(mySsa, await tokenParameters(await codeOf(browser, url)))
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<Record<string, string>>()
}

/** Header and claims of an ID token whose signature is right. */
export async function verified(mySsa: MySsa, idToken = '', audience: string = SIGN_IN.client_id) {
  const { keys } = (await mySsa.app.inject('/jwks')).json()
  const options = { issuer: ROOT, audience }
  const { payload, protectedHeader } = await jwtVerify(idToken, createLocalJWKSet({ keys }), options)
  return { claims: payload, header: protectedHeader }
}

/** The claims of the ID token for whoever is signed in to a browser. */
export async function idTokenOf(mySsa: MySsa, browser: Browser, url = authorizeUrl()) {
  const tokens = await tokensFor(mySsa, browser, url)
  return (await verified(mySsa, tokens.id_token)).claims
}

export function userInfo({ app }: Pick<MySsa, 'app'>, token = '') {
  return app.inject({ url: '/userinfo', headers: { authorization: `Bearer ${token}` } })
}
