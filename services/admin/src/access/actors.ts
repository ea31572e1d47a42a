// Who asks: from an access token of the API, or from a session of the console. Roles are looked up for each request, so that
// what the operator takes away is gone at once.

import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import { type AccessTokenClaims, includesScope } from '@gatehouse/tokens/access-token'
import { KeysUnavailable } from '@gatehouse/tokens/key-source'
import { TokenRefusal, type TokenVerifier } from '@gatehouse/tokens/verifier'
import type { FastifyRequest } from 'fastify'
import type { Administrator, Administrators } from '../administrators/administrators.ts'
import { ADMIN_SCOPE, type Identity } from '../sessions/identity.ts'
import { type RevocationFeed, recordAdmission, refuseWhileBlind } from '../sessions/sessions.ts'
import { type Actor, isPhishingResistant, rightsOf } from './roles.ts'

const CHALLENGE = 'Bearer realm="gatehouse"'

interface Dependencies {
  verifier: TokenVerifier
  feed: RevocationFeed
  administrators: Pick<Administrators, 'admit' | 'of'>
  audit: Audit
}

export function createActors({ verifier, feed, administrators, audit }: Dependencies) {
  function actorOf(
    request: FastifyRequest,
    { id, email, name, roles }: Administrator,
    amr: readonly string[] | undefined,
  ): Actor {
    const phishingResistant = isPhishingResistant(amr)
    return {
      administratorId: id,
      email,
      name,
      roles,
      isPhishingResistant: phishingResistant,
      rights: rightsOf(roles, phishingResistant),
      from: request.ip,
      requestId: request.id,
    }
  }

  async function refuseStranger(request: FastifyRequest, subject: string): Promise<never> {
    await audit.record({
      event: 'operation.refused',
      outcome: 'refusal',
      actor: subject,
      from: request.ip,
      details: { because: 'not_administrator' },
      requestId: request.id,
    })
    throw new Refusal('not_administrator')
  }

  async function claimsOf(request: FastifyRequest): Promise<AccessTokenClaims> {
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? []
    if (!token) throw new Refusal('invalid_token', undefined, {}, { 'www-authenticate': CHALLENGE })
    const invalid = (reason: string) => {
      request.log.info({ reason }, 'access token refused')
      const challenge = `${CHALLENGE}, error="invalid_token"`
      return new Refusal('invalid_token', undefined, {}, { 'www-authenticate': challenge })
    }
    const claims = await verifier.verify(token).catch((error: unknown) => {
      if (error instanceof KeysUnavailable)
        throw new Refusal('service_unavailable', undefined, {}, { 'retry-after': '1' })
      if (!(error instanceof TokenRefusal)) throw error
      throw invalid(error.reason)
    })
    // A service's token has the client as its subject (RFC 9068 §2.2), and a person's always names the session.
    if (claims.sub === claims.client_id || claims.sid === undefined || !includesScope(claims, ADMIN_SCOPE)) {
      const challenge = `${CHALLENGE}, error="insufficient_scope", scope="${ADMIN_SCOPE}"`
      throw new Refusal('insufficient_scope', undefined, {}, { 'www-authenticate': challenge })
    }
    await refuseWhileBlind(feed)
    if (feed.refuses(claims)) throw invalid('revoked')
    return claims
  }

  return {
    /**
     * Who calls the API, by the Bearer token (RFC 6750 §2.1).
     *
     * @throws Refusal `invalid_token`, `insufficient_scope`, `revocations_unknown`, `not_administrator`
     */
    async ofToken(request: FastifyRequest): Promise<Actor> {
      const claims = await claimsOf(request)
      const { email } = claims as AccessTokenClaims & { email?: unknown }
      if (isPhishingResistant(claims.amr)) {
        const admission = await administrators.admit(
          typeof email === 'string' ? email : undefined,
          claims.sub,
        )
        await recordAdmission(audit, admission, claims.sub)
      }
      const administrator = await administrators.of(claims.sub)
      return administrator ? actorOf(request, administrator, claims.amr) : refuseStranger(request, claims.sub)
    },
    /**
     * Who is at a session of the console.
     *
     * @throws Refusal `not_administrator`
     */
    async ofSession(request: FastifyRequest, { subject, amr }: Identity): Promise<Actor> {
      const administrator = await administrators.of(subject)
      return administrator ? actorOf(request, administrator, amr) : refuseStranger(request, subject)
    },
  }
}

export type Actors = ReturnType<typeof createActors>
