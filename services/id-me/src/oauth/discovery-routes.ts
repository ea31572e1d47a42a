import type { App } from '@gatehouse/http/service'
import type { SigningKeys } from '@gatehouse/provider/keys/signing-keys'

/** Half an hour, as long as VA keeps the keys (fact sheet 5). */
const CACHEABLE = 'max-age=1800, public'

const SIGNING = ['RS256', 'ES256']
const KEY_MANAGEMENT = ['RSA-OAEP']
const CONTENT_ENCRYPTION = ['A256CBC-HS512']

/** Fact sheet 1: the sets that ID.me advertises, whether it is known how to get them or not. */
function discoveryDocument(root: string) {
  return {
    issuer: `${root}/oidc`,
    authorization_endpoint: `${root}/oauth/authorize`,
    token_endpoint: `${root}/oauth/token`,
    userinfo_endpoint: `${root}/api/public/v3/userinfo`,
    jwks_uri: `${root}/oidc/.well-known/jwks`,
    scopes_supported: ['openid'],
    response_types_supported: [
      'code',
      'token',
      'id_token',
      'code token',
      'code id_token',
      'id_token token',
      'code id_token token',
    ],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: SIGNING,
    id_token_encryption_alg_values_supported: KEY_MANAGEMENT,
    id_token_encryption_enc_values_supported: CONTENT_ENCRYPTION,
    userinfo_signing_alg_values_supported: SIGNING,
    userinfo_encryption_alg_values_supported: KEY_MANAGEMENT,
    userinfo_encryption_enc_values_supported: CONTENT_ENCRYPTION,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  }
}

export function addDiscoveryRoutes(app: App, root: string, keys: SigningKeys): void {
  const document = discoveryDocument(root)
  const jwks = {
    keys: keys.all.map(({ kid, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      alg: 'RS256',
      use: 'sig',
      kid,
    })),
  }
  app.get('/oidc/.well-known/openid-configuration', async (_request, reply) => {
    reply.header('cache-control', CACHEABLE)
    return document
  })
  app.get('/oidc/.well-known/jwks', async (_request, reply) => {
    reply.header('cache-control', CACHEABLE)
    return jwks
  })
}
