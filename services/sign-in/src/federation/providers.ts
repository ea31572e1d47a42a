import { readFileSync } from 'node:fs'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const Text = Type.String({ minLength: 1 })

/** Where a provider's userinfo holds what the suite needs, by the names of its claims. */
const ClaimNames = Type.Object(
  {
    givenName: Type.String({ default: 'given_name' }),
    familyName: Type.String({ default: 'family_name' }),
    birthdate: Type.String({ default: 'birthdate' }),
    email: Type.String({ default: 'email' }),
    ssn: Type.String({ default: 'social_security_number' }),
  },
  { additionalProperties: false },
)

/** One row of the provider choice. A further provider is one more row of configuration. */
export const IdentityProvider = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]*$', description: 'the value of the `idp` claim' }),
    name: Text,
    issuer: Type.String({ pattern: '^https?://', description: 'the issuer identifier, exactly' }),
    clientId: Text,
    authentication: Type.Union([
      Type.Object(
        {
          method: Type.Literal('private_key_jwt'),
          keyFile: Type.String({ description: 'a private JWK with kid and alg' }),
          audience: Type.Union([Type.Literal('issuer'), Type.Literal('token_endpoint')], {
            default: 'issuer',
          }),
        },
        { additionalProperties: false },
      ),
      Type.Object(
        { method: Type.Literal('client_secret_post'), secretFile: Type.String() },
        { additionalProperties: false },
      ),
    ]),
    scope: Text,
    acrValues: Type.Optional(Text),
    /** The assurance levels that are good enough; `acr_values` only asks (OpenID Connect Core §3.1.2.1). Default: any. */
    acceptedAcr: Type.Optional(Type.Array(Text, { minItems: 1 })),
    /** Methods the provider guarantees, where it sends no `amr` claim (RFC 8176 names). */
    amr: Type.Array(Type.String(), { default: [] }),
    /** The provider takes `prompt=login`; it is sent when a relying service asks that the person authenticate again. */
    promptLogin: Type.Boolean({ default: false }),
    /** Shows "You are leaving Social Security's website" before the person goes there. */
    leavingPage: Type.Boolean({ default: false }),
    claims: Type.Optional(ClaimNames),
  },
  { additionalProperties: false },
)
export type IdentityProvider = Static<typeof IdentityProvider>

/**
 * Reads the providers.
 *
 * @param file JSON: an array of rows
 * @throws ConfigurationError naming the row and the field
 */
export function readProviders(file: string): IdentityProvider[] {
  let rows: unknown
  try {
    rows = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new ConfigurationError('PROVIDERS_FILE must name a readable JSON file')
  }
  const schema = Type.Array(IdentityProvider, { minItems: 1 })
  const providers = Value.Default(schema, rows)
  if (!Value.Check(schema, providers)) {
    const problems = Value.Errors(schema, providers).map(
      ({ instancePath, message }) => `${instancePath} ${message}`,
    )
    throw new ConfigurationError(`PROVIDERS_FILE: ${problems.join('; ')}`)
  }
  if (new Set(providers.map(({ id }) => id)).size < providers.length) {
    throw new ConfigurationError('PROVIDERS_FILE: every id may occur once')
  }
  return providers
}
