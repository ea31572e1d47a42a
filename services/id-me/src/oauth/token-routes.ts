// The token endpoint (fact sheet 4). Its requests come form encoded or as JSON, and its errors all have status 400.

import { randomBytes } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { FastifyError } from 'fastify'
import type { Client } from '../clients/client.ts'
import { personClaims } from './claims.ts'
import { OAuthError } from './errors.ts'
import type { Grants } from './grants.ts'
import type { PersonTokens } from './person-token.ts'
import { readScope } from './policies.ts'
import { refused, TOKEN_FIELDS, type TokenParameters, type TokenRules } from './token-request.ts'

export interface TokenRouteParts {
  rules: TokenRules
  grants: Grants
  authenticators: Authenticators
  personTokens: PersonTokens
  digests: { access(text: string): string; refresh(text: string): string }
  lifetimes: { accessTokenMs: number; refreshTokenMs: number }
  audit: Audit
}

/** Codes, tokens and secrets all look like this at ID.me (fact sheet 2). */
export function newSecret(): string {
  return randomBytes(16).toString('hex')
}

export function addTokenRoutes(app: App, parts: TokenRouteParts): void {
  const { rules, grants, authenticators, personTokens, digests, audit } = parts

  function newTokens(client: Client) {
    const accessMs = client.lifetimes.accessTokenMs ?? parts.lifetimes.accessTokenMs
    const refreshMs = client.lifetimes.refreshTokenMs ?? parts.lifetimes.refreshTokenMs
    const access = newSecret()
    // A client that may not use one gets none.
    const refresh = client.grantTypes.includes('refresh_token') ? newSecret() : undefined
    return {
      digests: {
        access: { digest: digests.access(access), expiresAt: now() + accessMs },
        refresh:
          refresh === undefined
            ? undefined
            : { digest: digests.refresh(refresh), expiresAt: now() + refreshMs },
      },
      access: { access_token: access, token_type: 'bearer', expires_in: Math.floor(accessMs / 1_000) },
      refresh:
        refresh === undefined
          ? {}
          : { refresh_token: refresh, refresh_expires_in: Math.floor(refreshMs / 1_000) },
    }
  }

  app.register(async (scope) => {
    scope.setErrorHandler<FastifyError | OAuthError>(async (error, request, reply) => {
      if (error instanceof OAuthError) return reply.code(400).send(error.body)
      const status = error.statusCode ?? 500
      // Among them a body that is too large: it was not read to its end, so nothing is known of it.
      if (status >= 500 || status === 413) throw error
      request.log.info({ reason: error.code }, 'token request that cannot be read')
      return reply.code(400).send(new OAuthError('invalid_request', 'the body cannot be read').body)
    })

    scope.post('/oauth/token', { config: { csrf: false } }, async (request) => {
      const checked = await rules.check(readParameters(request.body), request.headers.authorization)
      const { by, digest, grant, client, asked, account } = checked
      const tokens = newTokens(client)
      const hasSecondFactor = (await authenticators.of(account.id)).length > 0
      const idToken = readScope(grant.scope).hasOpenId
        ? await personTokens.sign(
            {
              ...personClaims({ account, client, policy: asked.policy, grant, hasSecondFactor }),
              ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
            },
            client,
          )
        : undefined
      // Last of all: what failed up to here has cost the client nothing.
      const isSpent = await (by === 'code'
        ? grants.redeem(digest, tokens.digests)
        : grants.refresh(grant.id, digest, tokens.digests))
      if (!isSpent) {
        // Somebody else was faster with the same code or token.
        await grants.revoke(grant.id)
        throw refused(by === 'code' ? 'code' : 'refresh_token')
      }
      await audit.record({
        event: by === 'code' ? 'code.redeemed' : 'token.refreshed',
        outcome: 'success',
        actor: client.clientId,
        subject: account.id,
        requestId: request.id,
      })
      return {
        ...tokens.access,
        scope: grant.scope,
        ...tokens.refresh,
        ...(idToken === undefined ? {} : { id_token: idToken }),
      }
    })
  })
}

/** JSON can hold what a form cannot: `null` is as good as left out, anything else must be text. */
function readParameters(body: unknown): TokenParameters {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const present = TOKEN_FIELDS.filter((name) => (given[name] ?? undefined) !== undefined)
  for (const name of present) {
    if (typeof given[name] !== 'string') throw new OAuthError('invalid_request', `${name} is not text`)
  }
  return Object.fromEntries(present.map((name) => [name, given[name]]))
}
