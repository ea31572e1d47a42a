import type { App } from '@gatehouse/http/service'
import * as client from 'openid-client'

export interface Registered {
  client_id: string
  client_secret?: string
  redirect_uris: string[]
}

const codeVerifier = client.randomPKCECodeVerifier()
const codeChallenge = await client.calculatePKCECodeChallenge(codeVerifier)

/**
 * A registered relying service: its requests, as it would send them.
 *
 * @param clientAssertion for one that authenticates with a key of its own
 */
export function createRelyingService(
  app: App,
  registered: Registered,
  clientAssertion?: () => Promise<string>,
) {
  const { client_id, client_secret } = registered
  const redirectUri = registered.redirect_uris[0] as string

  async function token(parameters: Record<string, string>) {
    const secret = Buffer.from(`${client_id}:${client_secret}`).toString('base64')
    return app.inject({
      method: 'POST',
      url: '/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(client_secret ? { authorization: `Basic ${secret}` } : {}),
      },
      payload: new URLSearchParams({
        ...(client_secret ? {} : { client_id }),
        ...(clientAssertion
          ? {
              client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
              client_assertion: await clientAssertion(),
            }
          : {}),
        ...parameters,
      }).toString(),
    })
  }

  return {
    ...registered,
    redirectUri,
    codeVerifier,
    token,
    /** An empty parameter is left out. */
    authorizeUrl(parameters: Record<string, string> = {}): string {
      const all = {
        client_id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid profile bso cbsv.verify',
        resource: 'urn:gatehouse:cbsv',
        state: 'state-of-the-relying-service',
        nonce: 'nonce-of-the-relying-service',
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        ...parameters,
      }
      const given = Object.entries(all).filter(([, value]) => value !== '')
      return `/authorize?${new URLSearchParams(given)}`
    },
    redeem: (code: string, parameters: Record<string, string> = {}) =>
      token({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: codeVerifier,
        ...parameters,
      }),
    refresh: (refreshToken: string) => token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  }
}

export type RelyingService = ReturnType<typeof createRelyingService>
