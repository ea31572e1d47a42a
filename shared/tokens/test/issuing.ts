import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'

export const ISSUER = 'http://sign-in.test'
export const AUDIENCE = 'urn:gatehouse:cbsv'

export interface SigningKey {
  kid: string
  alg: 'ES256' | 'RS256'
  privateKey: KeyObject
  publicKey: KeyObject
  /** The public half as a JWKS shows it. */
  jwk: Record<string, unknown>
}

export function makeKey(kid: string, alg: 'ES256' | 'RS256' = 'ES256', modulusLength = 2048): SigningKey {
  const { privateKey, publicKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength })
  return {
    kid,
    alg,
    privateKey,
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
  }
}

/** The claims of a sound token; `undefined` in `changes` leaves a claim out. */
export function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const iat = epochSeconds()
  return {
    iss: ISSUER,
    sub: 'pairwise-subject',
    aud: AUDIENCE,
    client_id: 'bso',
    iat,
    exp: iat + 300,
    jti: randomUUID(),
    scope: 'openid cbsv.verify',
    ...changes,
  }
}

export function header(key: SigningKey, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { alg: key.alg, typ: 'at+jwt', kid: key.kid, ...changes }
}

/** Signs exactly these texts, however wrong they are. */
export function signTexts(
  key: SigningKey,
  headerText: string | Buffer,
  payloadText: string | Buffer,
): string {
  return signParts(key, encode(headerText), encode(payloadText))
}

export function signParts(key: SigningKey, headerPart: string, payloadPart: string): string {
  const input = `${headerPart}.${payloadPart}`
  return `${input}.${signature(key, input).toString('base64url')}`
}

export function signature({ alg, privateKey }: SigningKey, input: string): Buffer {
  return alg === 'ES256'
    ? sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    : sign('sha256', Buffer.from(input), privateKey)
}

export function issue(
  key: SigningKey,
  claimChanges: Record<string, unknown> = {},
  headerChanges: Record<string, unknown> = {},
): string {
  return signTexts(key, JSON.stringify(header(key, headerChanges)), JSON.stringify(claims(claimChanges)))
}

export function encode(text: string | Buffer): string {
  return Buffer.from(text).toString('base64url')
}

export function hmac(secret: string | Buffer, input: string): string {
  return createHmac('sha256', secret).update(input).digest('base64url')
}
