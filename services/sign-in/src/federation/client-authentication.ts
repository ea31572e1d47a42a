import { readFileSync } from 'node:fs'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { importJWK, type JWK } from 'jose'
import * as client from 'openid-client'
import type { IdentityProvider } from './providers.ts'

/**
 * A private key from a file with one JWK.
 *
 * @param field what the configuration calls the file
 * @throws ConfigurationError naming the field; never what stands in the file
 */
export async function privateKeyIn(
  file: string,
  field: string,
): Promise<{ key: client.CryptoKey; kid: string | undefined; alg: string }> {
  try {
    const jwk: JWK = JSON.parse(readFileSync(file, 'utf8'))
    const key = await importJWK(jwk)
    if (key instanceof Uint8Array || key.type !== 'private' || !jwk.alg) throw new Error('no private key')
    return { key: key as client.CryptoKey, kid: jwk.kid, alg: jwk.alg }
  } catch {
    throw new ConfigurationError(`${field} must name a readable private JWK with alg`)
  }
}

function secretIn(file: string): string {
  let secret = ''
  try {
    secret = readFileSync(file, 'utf8').trim()
  } catch {
    // Told below, without the path of the file.
  }
  if (secret === '') throw new ConfigurationError('authentication.secretFile must name a readable secret')
  return secret
}

/**
 * How this service authenticates at the provider's token endpoint.
 *
 * @throws ConfigurationError when the key or secret cannot be used
 */
export async function clientAuthentication({
  authentication,
}: Pick<IdentityProvider, 'authentication'>): Promise<client.ClientAuth> {
  switch (authentication.method) {
    case 'none':
      return client.None()
    case 'client_secret_post':
      return client.ClientSecretPost(secretIn(authentication.secretFile))
    case 'client_secret_basic':
      return client.ClientSecretBasic(secretIn(authentication.secretFile))
    case 'private_key_jwt':
      return privateKeyJwt(authentication)
  }
}

async function privateKeyJwt({
  keyFile,
  audience,
}: Extract<IdentityProvider['authentication'], { method: 'private_key_jwt' }>): Promise<client.ClientAuth> {
  const { key, kid } = await privateKeyIn(keyFile, 'authentication.keyFile')
  let tokenEndpoint: string | undefined
  const authenticate = client.PrivateKeyJwt(
    { key, ...(kid ? { kid } : {}) },
    {
      // Login.gov takes its token endpoint as the audience and nothing else (facts: login-gov §3).
      [client.modifyAssertion]: (_header, payload) => {
        if (audience === 'token_endpoint' && tokenEndpoint) payload.aud = tokenEndpoint
      },
    },
  )
  return (server, metadata, body, headers) => {
    tokenEndpoint = server.token_endpoint
    return authenticate(server, metadata, body, headers)
  }
}
