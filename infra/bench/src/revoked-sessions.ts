// What real sign-ins would have left: sessions in the tables of sign-in, and access tokens of theirs under its own signing key.
// Signing in a thousand people through the pages would take minutes and change nothing about what is measured.

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import { openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { CBSV_AUDIENCE, serviceAudience } from '@gatehouse/tokens/access-token'
import { importJWK, type JWK, SignJWT } from 'jose'

interface Tables {
  signingKeys: { kid: string; alg: string; state: string; sealedKey: string }
  accounts: { accountId: string; createdAt: number }
  signIns: {
    signInId: string
    accountId: string
    idp: string
    subject: string
    amr: string
    authenticatedAt: number
    attestationId: string
    sessionUid: string
  }
}

export interface Sessions {
  sids: string[]
  /** An access token for CBSV of this session, issued now. */
  accessToken(sid: string): Promise<string>
  /** The access token with which the console calls sign-in. */
  consoleToken(): Promise<string>
}

/**
 * Stores `count` sessions at a sign-in that has started.
 *
 * @param directory its DATA_DIR
 * @param issuer its public address
 */
export async function storeSessions(directory: string, issuer: string, count: number): Promise<Sessions> {
  const root = (await readFile(`${directory}/sign-in/secret`, 'utf8')).trim()
  const secrets = deriveSecrets(Buffer.from(root, 'base64url'))
  const database = await openDatabase<Tables>(`sqlite:${directory}/sign-in/sign-in.sqlite`, 'sign_in')
  const sids = Array.from({ length: count }, () => randomUUID())
  const accountId = randomUUID()
  const authenticatedAt = now() - 1_000
  let jwk: JWK
  try {
    const { sealedKey } = await database
      .selectFrom('signingKeys')
      .select('sealedKey')
      .where('alg', '=', 'ES256')
      .where('state', '=', 'current')
      .executeTakeFirstOrThrow()
    jwk = JSON.parse(secrets.unseal('signing key', sealedKey)) as JWK
    await database.transaction().execute(async (transaction) => {
      await transaction.insertInto('accounts').values({ accountId, createdAt: authenticatedAt }).execute()
      for (const sessionUid of sids) {
        const row = {
          signInId: randomUUID(),
          accountId,
          idp: 'login.gov',
          subject: accountId,
          amr: '["pwd"]',
          authenticatedAt,
          attestationId: 'bench',
          sessionUid,
        }
        await transaction.insertInto('signIns').values(row).execute()
      }
    })
  } finally {
    await database.destroy()
  }
  const key = await importJWK(jwk, 'ES256')
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT({ iss: issuer, iat: epochSeconds(), exp: epochSeconds() + 300, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: String(jwk.kid), typ: 'at+jwt' })
      .sign(key)
  return {
    sids,
    accessToken: (sid) =>
      sign({
        sub: 'pairwise-subject',
        client_id: 'bso',
        aud: CBSV_AUDIENCE,
        scope: 'cbsv.verify',
        sid,
        acr: 'http://idmanagement.gov/ns/assurance/ial/2',
        amr: ['mfa'],
        auth_time: epochSeconds(),
        idp: 'login.gov',
        bso_user_id: 'MARIA7K2',
        ein: '960001012',
      }),
    consoleToken: () =>
      sign({
        sub: 'admin',
        client_id: 'admin',
        aud: serviceAudience('sign-in'),
        scope: 'revocations.write revocations.read',
      }),
  }
}
