import { ConfigurationError } from '@gatehouse/http/configuration'
import * as client from 'openid-client'
import { privateKeyIn } from './client-authentication.ts'
import type { IdentityProvider } from './providers.ts'

const KEY_MANAGEMENT = ['RSA-OAEP', 'RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512']

/**
 * The key that userinfo is encrypted to, if it is.
 *
 * @throws ConfigurationError when it cannot be used
 */
export async function decryptionKey({
  userinfo,
}: Pick<IdentityProvider, 'userinfo'>): Promise<client.DecryptionKey | undefined> {
  if (!userinfo?.decryptionKeyFile) return undefined
  const field = 'userinfo.decryptionKeyFile'
  const { key, kid, alg } = await privateKeyIn(userinfo.decryptionKeyFile, field)
  if (!KEY_MANAGEMENT.includes(alg)) {
    throw new ConfigurationError(`${field} must have an alg of ${KEY_MANAGEMENT.join(', ')}`)
  }
  return { key, alg, ...(kid ? { kid } : {}) }
}

/**
 * The token of a userinfo answer, in the one shape that the library reads: `application/jwt`. ID.me sends the token as
 * the body, and to clients that it encrypts for as a JSON string (facts: id-me §5), whatever the content type says.
 *
 * @throws Error when the body is no token, or is not encrypted although it must be
 */
async function asToken(response: Response, isEncrypted: boolean): Promise<Response> {
  if (response.status !== 200) return response
  const body = (await response.text()).trim()
  const token = /^"[\w.-]*"$/.test(body) ? body.slice(1, -1) : body
  // Compact JWE has five parts, compact JWS three (RFC 7516 §9).
  if (!/^[\w-]+(\.[\w-]*)+$/.test(token) || token.split('.').length !== (isEncrypted ? 5 : 3)) {
    throw new Error(`userinfo is no ${isEncrypted ? 'encrypted' : 'signed'} token`)
  }
  return new Response(token, { headers: { 'content-type': 'application/jwt' } })
}

/** Has `configuration` read userinfo as the row says. */
export async function prepareUserInfo(
  configuration: client.Configuration,
  provider: IdentityProvider,
  fetch: client.CustomFetch,
): Promise<void> {
  const key = await decryptionKey(provider)
  if (key) client.enableDecryptingResponses(configuration, undefined, key)
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata()
  if (provider.userinfo?.format !== 'jwt' || !endpoint) return
  const { href } = new URL(endpoint)
  configuration[client.customFetch] = async (url, init) => {
    const response = await fetch(url, init)
    return url === href ? asToken(response, key !== undefined) : response
  }
}

/**
 * What the provider says of the person beside the ID token. Asked once: ID.me refuses an access token the second time, and
 * revokes it (facts: id-me §4).
 *
 * @param subject whom the ID token is about; userinfo about anybody else is refused (OpenID Connect Core §5.3.2)
 */
export async function fetchClaims(
  configuration: client.Configuration,
  { userinfo, clientId }: IdentityProvider,
  accessToken: string,
  subject: string,
): Promise<Record<string, unknown>> {
  const { issuer, userinfo_endpoint: endpoint } = configuration.serverMetadata()
  if (userinfo?.format === 'none' || (!userinfo && !endpoint)) return {}
  const claims = await client.fetchUserInfo(configuration, accessToken, subject)
  if (userinfo?.format === 'jwt') {
    // The library looks at them where they are; a signed answer must have them (OpenID Connect Core §5.3.2).
    const audience = [claims.aud].flat()
    if (claims.iss !== issuer || !audience.includes(clientId))
      throw new Error('userinfo is for somebody else')
  }
  return claims
}
