import type { App } from '@gatehouse/http/service'
import type { SigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { ACR_VALUES } from './assurance-levels.ts'
import { SCOPES } from './scopes.ts'

/** A week, as the real service allows; relying services look an unknown key up again all the same. */
const CACHEABLE = 'max-age=604800, public'

const CLAIMS = [
  'auth_time',
  'iss',
  'sub',
  'email',
  'email_verified',
  'all_emails',
  'locale',
  'address',
  'phone',
  'phone_verified',
  'given_name',
  'family_name',
  'birthdate',
  'verified_at',
  'social_security_number',
  'x509_subject',
  'x509_presented',
  'x509_issuer',
]

/** Fact sheet 1: these fields and no others; what is absent is absent there too. */
function discoveryDocument(root: string) {
  return {
    acr_values_supported: ACR_VALUES,
    authorization_endpoint: `${root}/openid_connect/authorize`,
    claims_supported: CLAIMS,
    end_session_endpoint: `${root}/openid_connect/logout`,
    grant_types_supported: ['authorization_code'],
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: `${root}/`,
    jwks_uri: `${root}/api/openid_connect/certs`,
    response_types_supported: ['code'],
    scopes_supported: SCOPES,
    service_documentation: 'https://developers.login.gov/',
    subject_types_supported: ['pairwise'],
    token_endpoint: `${root}/api/openid_connect/token`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256'],
    userinfo_endpoint: `${root}/api/openid_connect/userinfo`,
  }
}

export function addDiscoveryRoutes(app: App, root: string, keys: SigningKeys): void {
  const document = discoveryDocument(root)
  const jwks = {
    keys: keys.all.map(({ kid, publicKey }) => ({
      alg: 'RS256',
      use: 'sig',
      kid,
      ...publicKey.export({ format: 'jwk' }),
    })),
  }
  app.get('/.well-known/openid-configuration', async (_request, reply) => {
    reply.header('cache-control', CACHEABLE)
    return document
  })
  app.get('/api/openid_connect/certs', async (_request, reply) => {
    reply.header('cache-control', CACHEABLE)
    return jwks
  })
}
