// private_key_jwt (RFC 7523) as Login.gov checks it (fact sheet 3), with the words that its JWT library has for what is
// wrong.

import type { KeyObject } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import { base64url, compactVerify } from 'jose'
import type { Client } from '../clients/client.ts'
import { ASSERTION_TEXTS, audienceText, issuerText, subjectText } from './messages.ts'

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
  let problem: string = ASSERTION_TEXTS.noKey
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
  if (assertion === undefined) return ASSERTION_TEXTS.missing
  const segments = assertion.split('.')
  if (segments.length !== 3) return ASSERTION_TEXTS.segments
  const [header, claims] = segments.slice(0, 2).map(jsonObject)
  if (!header || !claims) return ASSERTION_TEXTS.encoding
  if (header.alg !== 'RS256') return ASSERTION_TEXTS.algorithm
  try {
    await compactVerify(assertion, key, { algorithms: ['RS256'] })
  } catch {
    return ASSERTION_TEXTS.signature
  }
  const now = epochSeconds()
  if ('exp' in claims && !(seconds(claims.exp) > now)) return ASSERTION_TEXTS.expired
  if ('nbf' in claims && !(seconds(claims.nbf) <= now)) return ASSERTION_TEXTS.notYet
  if (claims.iss !== clientId) return issuerText(clientId, received(claims.iss))
  if (claims.sub !== clientId) return subjectText(clientId, received(claims.sub))
  return claims
}

function claimProblems({ aud, ...claims }: Claims, tokenEndpoint: string): string[] {
  const problems: string[] = []
  const audiences = (Array.isArray(aud) ? aud : [aud]).map((one) =>
    typeof one === 'string' ? one.replace(/\/$/, '') : undefined,
  )
  if (!audiences.includes(tokenEndpoint)) {
    problems.push(audienceText(tokenEndpoint))
  }
  const { iat } = claims
  const isPast = typeof iat === 'number' && Math.trunc(iat) - IAT_LEEWAY < epochSeconds()
  if ('iat' in claims && !isPast) {
    problems.push(ASSERTION_TEXTS.iat)
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

/** What is no number is the beginning of time, as for the real service's library. */
function seconds(claim: unknown): number {
  return typeof claim === 'number' ? claim : typeof claim === 'string' ? Number.parseInt(claim, 10) || 0 : 0
}

/** A claim in an answer to who sent it, cut to a length that an answer can bear. */
function received(claim: unknown): string {
  if (claim === undefined || claim === null) return '<none>'
  return (typeof claim === 'string' ? claim : JSON.stringify(claim)).slice(0, 200)
}
