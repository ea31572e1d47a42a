// private_key_jwt (RFC 7523) as Login.gov checks it (fact sheet 3), with the words that its JWT library has for what is
// wrong.

import type { KeyObject } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import { base64url, compactVerify } from 'jose'
import type { Client } from '../clients/client.ts'

const SUPPORT = 'Please see our documentation at https://developers.login.gov/support/'
const IAT_LEEWAY = 10

type Claims = Record<string, unknown>

/**
 * @param tokenEndpoint the audience that the assertion must name
 * @returns what is wrong with it; nothing wrong, nothing returned. The name of the field comes in front on the wire.
 */
export async function assertionProblems(
  assertion: string | undefined,
  client: Client,
  tokenEndpoint: string,
): Promise<string[]> {
  // One key after the other; the message is about the last one that failed.
  let problem = `Could not validate assertion against any registered public keys. ${SUPPORT}#invalid-token-signature`
  for (const publicKey of client.publicKeys) {
    const checked = await verified(assertion, publicKey, client.clientId)
    if (typeof checked !== 'string') return claimProblems(checked, tokenEndpoint)
    problem = checked
  }
  return [problem]
}

/** The claims, or the words for why there are none. */
async function verified(
  assertion: string | undefined,
  key: KeyObject,
  clientId: string,
): Promise<Claims | string> {
  if (assertion === undefined) return 'Nil JSON web token'
  const segments = assertion.split('.')
  if (segments.length !== 3) return 'Not enough or too many segments'
  const [header, claims] = segments.slice(0, 2).map(jsonObject)
  if (!header || !claims) return 'Invalid segment encoding'
  if (header.alg !== 'RS256') return 'Expected a different algorithm'
  try {
    await compactVerify(assertion, key, { algorithms: ['RS256'] })
  } catch {
    return 'Signature verification failed'
  }
  const now = epochSeconds()
  if ('exp' in claims && !(Number(claims.exp) > now)) return 'Signature has expired'
  if ('nbf' in claims && !(Number(claims.nbf) <= now)) return 'Signature nbf has not been reached'
  if (claims.iss !== clientId)
    return `Invalid issuer. Expected ["${clientId}"], received ${received(claims.iss)}`
  if (claims.sub !== clientId)
    return `Invalid subject. Expected ${clientId}, received ${received(claims.sub)}`
  return claims
}

function claimProblems({ aud, ...claims }: Claims, tokenEndpoint: string): string[] {
  const problems: string[] = []
  const audiences = (Array.isArray(aud) ? aud : [aud]).map((one) => String(one).replace(/\/$/, ''))
  if (!audiences.includes(tokenEndpoint)) {
    problems.push(`Invalid audience claim, expected ${tokenEndpoint}. ${SUPPORT}#invalid-aud-claim`)
  }
  const { iat } = claims
  const isPast = typeof iat === 'number' && Math.trunc(iat) - IAT_LEEWAY < epochSeconds()
  if ('iat' in claims && !isPast) {
    problems.push(
      `iat must be an integer or floating point Unix timestamp representing a time in the past. ${SUPPORT}#invalid-iat`,
    )
  }
  return problems
}

function jsonObject(segment: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(segment)))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined
  } catch {
    return undefined
  }
}

/** A claim in an answer to who sent it, cut to a length that an answer can bear. */
function received(claim: unknown): string {
  return claim === undefined || claim === null ? '<none>' : String(claim).slice(0, 200)
}
