import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { includesScope } from '@gatehouse/tokens/access-token'
import { localKeySource } from '@gatehouse/tokens/key-source'
import { createTokenVerifier, TokenRefusal } from '@gatehouse/tokens/verifier'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { JWK } from 'jose'
import { SSF_AUDIENCE } from '../openid-provider/resources.ts'
import type { SigningKeys } from '../openid-provider/signing-keys.ts'
import type { Access } from '../revocations/access.ts'

/** Scopes of the CAEP interoperability profile: all, or looking and listening alone. */
export type ReceiverScope = 'ssf.manage' | 'ssf.read'

declare module 'fastify' {
  interface FastifyRequest {
    /** The client that receives security events; set on its routes. */
    receiver: string | undefined
  }
}

interface Parts {
  issuer: string
  signingKeys: Pick<SigningKeys, 'load'>
  access: Pick<Access, 'isClientTokenEnded' | 'isClientEnded'>
}

/**
 * Gives hooks that let a request pass only with a receiver's own access token (client credentials, RFC 6749 §4.4) that has
 * one of the scopes. A revocation of the client counts here at once, as it does at the gateways.
 */
export function acceptReceivers(app: App, { issuer, signingKeys, access }: Parts) {
  app.decorateRequest('receiver', undefined)
  const keys = localKeySource({ keys: [] })
  const verifier = createTokenVerifier({ issuer, audience: SSF_AUDIENCE, keys, maximumRemembered: 1_000 })

  async function verify(token: string) {
    // Read anew, as another process may have rotated them; requests of receivers are few.
    keys.replace({ keys: (await signingKeys.load()).map(publicHalf) })
    return verifier.verify(token)
  }

  return (...scopes: ReceiverScope[]): onRequestAsyncHookHandler =>
    async (request: FastifyRequest) => {
      const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? []
      if (!token) throw unauthorized('')
      const claims = await verify(token).catch((error: unknown) => {
        if (!(error instanceof TokenRefusal)) throw error
        request.log.info({ reason: error.reason }, 'token of a receiver refused')
        throw unauthorized(', error="invalid_token"')
      })
      const clientId = claims.client_id
      if (
        (await access.isClientEnded(clientId)) ||
        (await access.isClientTokenEnded(clientId, claims.iat * 1000))
      )
        throw unauthorized(', error="invalid_token"')
      if (claims.sub !== clientId || !scopes.some((scope) => includesScope(claims, scope)))
        throw new Refusal(
          'insufficient_scope',
          undefined,
          {},
          {
            'www-authenticate': `Bearer realm="gatehouse", error="insufficient_scope", scope="${scopes[0]}"`,
          },
        )
      request.receiver = clientId
    }
}

const unauthorized = (error: string) =>
  new Refusal('invalid_token', undefined, {}, { 'www-authenticate': `Bearer realm="gatehouse"${error}` })

function publicHalf({ kty, crv, x, y, n, e, kid, alg, use }: JWK) {
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid, alg, use })) as object
}
