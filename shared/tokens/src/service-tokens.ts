import { randomUUID } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import { importJWK, type JWK, SignJWT } from 'jose'
import { serviceAudience } from './access-token.ts'

/** Tokens with which this service calls others. */
export interface ServiceTokens {
  /**
   * A client-credentials access token (RFC 6749 §4.4) for `service`, narrowed to `scope`; fetched when needed, then
   * reused. Well before it ends the next one is fetched in the background, while the present one still serves.
   *
   * @throws ServiceTokenUnavailable when sign-in gives none
   */
  token(service: string, scope: string): Promise<string>
  /**
   * Tells that `service` answered 401 to `token` before its end, as after a change of sign-in's keys: it is not used
   * again. A token younger than ten seconds stays, so that a callee that refuses them all does not cost sign-in one
   * for each request.
   */
  refused(service: string, scope: string, token: string): void
}

/** Sign-in could not be asked for a token, or refused one. */
export class ServiceTokenUnavailable extends Error {
  override name = 'ServiceTokenUnavailable'
}

interface Options {
  /** The client id, which is the service's name. */
  clientId: string
  /** The private key (ES256) whose public half sign-in fetches from this service. */
  privateKey: JWK
  /** The token endpoint of sign-in, which is also the audience of the client assertion (RFC 7523 §3). */
  tokenEndpoint: string
  fetch: typeof fetch
}

interface Held {
  accessToken: string
  /** Epoch seconds. */
  askedAt: number
  /** Epoch seconds. */
  endsAt: number
}

/** Half of the minute for which they live: so long sign-in may be away before a call fails. */
const RENEW_SECONDS_BEFORE_END = 30
/** A token that ends while the call is under way helps nobody. */
const UNUSABLE_SECONDS_BEFORE_END = 5
/** As long as a callee may need until it fetches the key set again. */
const KEPT_SECONDS = 10
const REQUEST_TIMEOUT_MS = 5_000

export function createServiceTokens({ clientId, privateKey, tokenEndpoint, fetch }: Options): ServiceTokens {
  const held = new Map<string, Held>()
  const underway = new Map<string, Promise<Held>>()
  const key = importJWK(privateKey, 'ES256')
  // Reported by the first request instead of ending the process.
  key.catch(() => {})

  async function request(service: string, scope: string): Promise<Held> {
    const asked = epochSeconds()
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: privateKey.kid })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(tokenEndpoint)
      .setIssuedAt(asked)
      .setExpirationTime(asked + 60)
      .sign(await key)
    const response = await fetch(tokenEndpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        resource: serviceAudience(service),
        scope,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const body = (await response.json().catch(() => ({}))) as {
      access_token?: string
      expires_in?: number
      error?: string
    }
    if (!response.ok || !body.access_token) throw new Error(`${response.status} ${body.error ?? ''}`)
    return { accessToken: body.access_token, askedAt: asked, endsAt: asked + (body.expires_in ?? 0) }
  }

  /** Concurrent callers share one request. */
  function renew(service: string, scope: string): Promise<Held> {
    const name = `${service} ${scope}`
    let renewal = underway.get(name)
    if (!renewal) {
      renewal = request(service, scope)
        .then((fresh) => {
          held.set(name, fresh)
          return fresh
        })
        .catch((cause) => {
          throw new ServiceTokenUnavailable(`no token for ${service} (${scope})`, { cause })
        })
        .finally(() => underway.delete(name))
      underway.set(name, renewal)
    }
    return renewal
  }

  return {
    async token(service, scope) {
      const present = held.get(`${service} ${scope}`)
      const secondsLeft = present ? present.endsAt - epochSeconds() : 0
      if (!present || secondsLeft <= UNUSABLE_SECONDS_BEFORE_END)
        return (await renew(service, scope)).accessToken
      // A failure is reported once there is no token left to use.
      if (secondsLeft <= RENEW_SECONDS_BEFORE_END) renew(service, scope).catch(() => {})
      return present.accessToken
    },
    refused(service, scope, token) {
      const name = `${service} ${scope}`
      const present = held.get(name)
      if (present?.accessToken === token && epochSeconds() - present.askedAt >= KEPT_SECONDS)
        held.delete(name)
    },
  }
}
