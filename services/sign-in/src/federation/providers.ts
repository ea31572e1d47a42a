// What this service must know of a provider. A further provider, real or mock, is one more row of configuration: what
// conforming providers may do differently is a field here, and nothing else knows providers by name.

import { type Static, Type } from 'typebox'

const Text = Type.String({ minLength: 1 })
const Level = Type.Array(Text, { minItems: 1 })

/** Where a provider's claims hold what the suite needs, by their names. */
const ClaimNames = Type.Object(
  {
    givenName: Type.String({ default: 'given_name' }),
    familyName: Type.String({ default: 'family_name' }),
    birthdate: Type.String({ default: 'birthdate' }),
    email: Type.String({ default: 'email' }),
    ssn: Type.String({ default: 'social_security_number' }),
    username: Type.String({ default: 'preferred_username' }),
  },
  { additionalProperties: false },
)

const keyFile = Type.String({ minLength: 1, description: 'a private JWK with kid and alg' })
const secretFile = Type.String({ minLength: 1 })

const strict = { additionalProperties: false }

/** How the client authenticates at the token endpoint (OpenID Connect Core §9). */
export const CLIENT_AUTHENTICATION = {
  private_key_jwt: Type.Object(
    {
      method: Type.Literal('private_key_jwt'),
      keyFile,
      audience: Type.Union([Type.Literal('issuer'), Type.Literal('token_endpoint')], { default: 'issuer' }),
    },
    strict,
  ),
  client_secret_post: Type.Object({ method: Type.Literal('client_secret_post'), secretFile }, strict),
  client_secret_basic: Type.Object({ method: Type.Literal('client_secret_basic'), secretFile }, strict),
  /** A public client: PKCE is all. */
  none: Type.Object({ method: Type.Literal('none') }, strict),
}

/** A claim by name, and the values of which it must have one. */
const When = Type.Record(
  Type.String(),
  Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]), { minItems: 1 }),
  { minProperties: 1 },
)

const Parameters = Type.Record(Type.String({ pattern: '^[A-Za-z0-9_.-]+$' }), Type.String())

export const IdentityProvider = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]*$', description: 'the value of the `idp` claim' }),
    name: Text,
    issuer: Type.String({ pattern: '^https?://', description: 'the issuer identifier, exactly' }),
    clientId: Text,
    authentication: Type.Union([
      CLIENT_AUTHENTICATION.private_key_jwt,
      CLIENT_AUTHENTICATION.client_secret_post,
      CLIENT_AUTHENTICATION.client_secret_basic,
      CLIENT_AUTHENTICATION.none,
    ]),
    /** At some providers the scope is what names the assurance level (facts: id-me §3). */
    scope: Text,
    acrValues: Type.Optional(Text),
    /** Further parameters of every authorization request. */
    parameters: Type.Optional(Parameters),
    /** What makes the provider open with account creation. Without it "Create an account" leads to its sign-in page. */
    signUp: Type.Optional(Type.Object({ parameters: Parameters }, strict)),
    /** `if-echoed`: the provider may leave the nonce out of its ID token; one that is there must be right all the same. */
    nonce: Type.Union([Type.Literal('required'), Type.Literal('if-echoed')], { default: 'required' }),
    /** Left out: JSON, where the provider has a userinfo endpoint. */
    userinfo: Type.Optional(
      Type.Object(
        {
          format: Type.Union([Type.Literal('json'), Type.Literal('jwt'), Type.Literal('none')]),
          /** Of the signature, as registered for the client (`userinfo_signed_response_alg`). Default: as discovered. */
          alg: Type.Optional(Type.String({ pattern: '^(RS|PS|ES)(256|384|512)$' })),
          /** The token comes encrypted to this key. One that does not is refused. */
          decryptionKeyFile: Type.Optional(keyFile),
        },
        strict,
      ),
    ),
    /**
     * Makes `acr` for a provider that sends none: of the first rule whose claims all have one of the values. Without
     * rules it is the `acr` claim of the ID token.
     */
    assurance: Type.Optional(
      Type.Array(
        Type.Object(
          {
            acr: Text,
            amr: Type.Optional(Type.Array(Text)),
            when: When,
          },
          strict,
        ),
        { minItems: 1 },
      ),
    ),
    /** The assurance levels that are good enough; `acr_values` only asks (OpenID Connect Core §3.1.2.1). Default: any. */
    acceptedAcr: Type.Optional(Level),
    /** The levels at which the provider has proofed the person. At any other, what it says is the person's own word. */
    proofedAcr: Type.Optional(Level),
    /** `named`: only relying services whose registration names this provider are offered it. */
    offeredTo: Type.Union([Type.Literal('all'), Type.Literal('named')], { default: 'all' }),
    /** Levels for which a relying service may ask with `acr_values`, and which are then asked for at the provider. */
    requestableAcr: Type.Optional(Level),
    /** Methods the provider guarantees, where it sends no `amr` claim (RFC 8176 names). */
    amr: Type.Array(Type.String(), { default: [] }),
    /**
     * Adds to `amr` what the claims of one sign-in prove: of every rule whose claims all have one of the values. A rule
     * with a `level` makes it one that `requestableAcr` may hold although it is never the `acr`: whose sign-in has the
     * methods is at it.
     */
    methods: Type.Optional(
      Type.Array(
        Type.Object(
          { level: Type.Optional(Text), amr: Type.Array(Text, { minItems: 1 }), when: When },
          strict,
        ),
        { minItems: 1 },
      ),
    ),
    /** The provider takes `prompt=login`; it is sent when a relying service asks that the person authenticate again. */
    promptLogin: Type.Boolean({ default: false }),
    /**
     * The provider pushes security events of its accounts to `{SIGN_IN_URL}/federation/{id}/security-events` (RFC 8935).
     * `audience`: whom its tokens name, that address (as Login.gov does) or our client id there.
     */
    securityEvents: Type.Optional(
      Type.Object(
        { audience: Type.Union([Type.Literal('url'), Type.Literal('client_id')], { default: 'url' }) },
        strict,
      ),
    ),
    /** Shows "You are leaving Social Security's website" before the person goes there. */
    leavingPage: Type.Boolean({ default: false }),
    claims: Type.Optional(ClaimNames),
  },
  strict,
)
export type IdentityProvider = Static<typeof IdentityProvider>

/**
 * The levels that have one meaning wherever they are used: an identity proofed at IAL2, by the names of idmanagement.gov
 * and of Login.gov (facts: login-gov §2.3, id-me §3). What another name means only the configuration can say.
 */
const PROOFED_ACR = [
  'http://idmanagement.gov/ns/assurance/ial/2',
  'http://idmanagement.gov/ns/assurance/ial/2?bio=required',
  'http://idmanagement.gov/ns/assurance/ial/2/aal/2',
  'http://idmanagement.gov/ns/assurance/ial/2/aal/2-always-verify',
  'urn:acr.login.gov:verified',
  'urn:acr.login.gov:verified-facial-match-required',
]

/** Whether the provider has proofed whom it asserts at this level. */
export function isProofedAt(
  acr: string | undefined,
  { proofedAcr = PROOFED_ACR }: IdentityProvider,
): boolean {
  return acr !== undefined && proofedAcr.includes(acr)
}
