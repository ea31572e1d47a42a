// RFC 7009 and RFC 7662 for access tokens that are JWTs. The library authenticates the client and serves the tokens that
// it stores; a JWT it refuses with `unsupported_token_type`, and from there it is ours.

import { now } from '@gatehouse/clock/clock'
import { CBSV_AUDIENCE, serviceAudience } from '@gatehouse/tokens/access-token'
import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose'
import type Provider from 'oidc-provider'
import { type Client, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Accounts } from '../accounts/accounts.ts'
import type { Revocations } from '../revocations/revocations.ts'
import type { EndedAccess } from './ended-access.ts'

interface Options {
  issuer: string
  keys: readonly JWK[]
  accounts: Accounts
  revocations: Revocations
  endedAccess: Pick<EndedAccess, 'isGrantEnded'>
}

/** What an introspection tells: claims of the session, never of the person. */
const TOLD = [
  'iss',
  'sub',
  'aud',
  'client_id',
  'scope',
  'iat',
  'exp',
  'jti',
  'sid',
  'acr',
  'amr',
  'auth_time',
  'idp',
  'bso_user_id',
  'ein',
] as const

const OTHER_CLIENT = 'this token was issued to another client'

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1_000)

function publicKey({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  const all = { kty, crv, x, y, n, e, kid, alg, use }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as JWK
}

/** The services that a token is for: they may ask about it, as may the client that it was issued to. */
function isMeantFor(clientId: string, { aud }: JWTPayload): boolean {
  if (aud === CBSV_AUDIENCE) return clientId === 'gateway' || clientId === 'cbsv'
  return typeof aud === 'string' && aud === serviceAudience(clientId as never)
}

export function createTokenEndpoints(options: Options) {
  const { issuer, accounts, revocations, endedAccess } = options
  const keys = createLocalJWKSet({ keys: options.keys.map(publicKey) })

  /** The claims of an access token that was issued here and is not past; whatever else it is, undefined. */
  async function read(token: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        typ: 'at+jwt',
        currentDate: new Date(now()),
        requiredClaims: ['jti', 'iat', 'exp', 'client_id'],
      })
      return payload
    } catch {
      return undefined
    }
  }

  async function isEnded(claims: JWTPayload): Promise<boolean> {
    const issuedAt = Number(claims.iat) * 1_000
    const clientId = String(claims.client_id)
    if (await revocations.isTokenEnded(String(claims.jti))) return true
    if (claims.sub === clientId) return revocations.isClientTokenEnded(clientId, issuedAt)
    const signIns = await accounts.findSignInsOfSession(String(claims.sid))
    const signIn = signIns.find(({ authenticatedAt }) => seconds(authenticatedAt) === claims.auth_time)
    if (!signIn) return true
    const end = await revocations.endOfGrant({
      ...signIn,
      sessionUid: String(claims.sid),
      clientId,
      bsoUserId: (claims.bso_user_id as string | undefined) ?? null,
      ein: (claims.ein as string | undefined) ?? null,
      grantedAt: issuedAt,
    })
    return end !== undefined
  }

  function refuse(ctx: KoaContextWithOIDC, description: string): void {
    ctx.status = 400
    ctx.body = { error: 'invalid_request', error_description: description }
  }

  async function revoke(ctx: KoaContextWithOIDC, client: Client, token: string): Promise<void> {
    const claims = await read(token)
    // RFC 7009 §2.2: a token that is none is as good as revoked.
    if (claims && claims.client_id !== client.clientId) {
      // §2.1; a public client is told nothing, as its name is all that it shows.
      if (client.clientAuthMethod !== 'none') return refuse(ctx, OTHER_CLIENT)
    } else if (claims) {
      await revocations.endToken(String(claims.jti), 'revoked by the relying service (RFC 7009)')
    }
    ctx.status = 200
    ctx.body = ''
  }

  async function introspect(ctx: KoaContextWithOIDC, client: Client, token: string): Promise<void> {
    const claims = await read(token)
    const mayAsk =
      claims !== undefined &&
      client.clientAuthMethod !== 'none' &&
      (claims.client_id === client.clientId || isMeantFor(client.clientId, claims))
    ctx.status = 200
    // RFC 7662 §2.2: who may not know is answered as about a token that is none.
    ctx.body =
      mayAsk && !(await isEnded(claims))
        ? {
            active: true,
            token_type: 'Bearer',
            ...Object.fromEntries(
              TOLD.map((name) => [name, claims[name]]).filter(([, value]) => value !== undefined),
            ),
          }
        : { active: false }
  }

  /** Of tokens that the library stores: only the client's own, and only while they open anything. */
  const features = {
    revocation: {
      enabled: true,
      allowedPolicy(_ctx, client, token) {
        if (token.clientId === client.clientId) return true
        if (client.clientAuthMethod === 'none') return false
        throw new errors.InvalidRequest(OTHER_CLIENT)
      },
    },
    introspection: {
      enabled: true,
      async allowedPolicy(_ctx, client, token) {
        if (client.clientAuthMethod === 'none' || token.clientId !== client.clientId) return false
        return !('grantId' in token) || !(await endedAccess.isGrantEnded(token.grantId))
      },
    },
  } satisfies Configuration['features']

  return {
    features,
    attach(provider: Provider): void {
      provider.use(async (ctx, next) => {
        await next()
        const { oidc, body } = ctx as KoaContextWithOIDC
        const { client, params } = oidc ?? {}
        if ((body as { error?: string } | undefined)?.error !== 'unsupported_token_type' || !client) return
        const token = String(params?.token)
        if (oidc.route === 'revocation') await revoke(ctx as KoaContextWithOIDC, client, token)
        if (oidc.route === 'introspection') await introspect(ctx as KoaContextWithOIDC, client, token)
      })
    },
  }
}
