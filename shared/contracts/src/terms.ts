import { type Static, Type } from 'typebox'
import { orderedBy } from './administrators.ts'
import type { ServiceCalls } from './calls.ts'
import { NextPage, type Page, withQuery } from './paging.ts'

/** The Terms of Service in force. */
export const Terms = Type.Object({
  version: Type.String(),
  textHash: Type.String({ description: 'SHA-256 of the text, hexadecimal' }),
  introduction: Type.Array(Type.String({ description: 'a paragraph' })),
  conditions: Type.Array(
    Type.Object({ text: Type.String(), details: Type.Optional(Type.Array(Type.String())) }),
  ),
  agreement: Type.String({ description: 'the label of the checkbox' }),
})
export type Terms = Static<typeof Terms>

export const AttestationRequest = Type.Object(
  {
    accountId: Type.String({ minLength: 1, maxLength: 128 }),
    version: Type.String({ minLength: 1, maxLength: 32 }),
    textHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)

export const Attestation = Type.Object({
  attestationId: Type.String(),
  accountId: Type.String(),
  version: Type.String(),
  textHash: Type.String(),
  attestedAt: Type.Integer({ description: 'milliseconds' }),
})
export type Attestation = Static<typeof Attestation>

/** Refuses with `terms_not_current` (409) when version and hash are not those in force. */
export function terms(calls: ServiceCalls) {
  const scope = 'attestations.write'
  return {
    current: () => calls.call('terms', { scope, method: 'GET', path: '/terms/current', response: Terms }),
    attest: (body: Static<typeof AttestationRequest>) =>
      calls.call('terms', { scope, method: 'POST', path: '/attestations', body, response: Attestation }),
  }
}

const words = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })

/** What a person agrees to, apart from its version. */
export const TermsText = Type.Object(
  {
    introduction: Type.Array(words(4000), { minItems: 1, maxItems: 50 }),
    conditions: Type.Array(
      Type.Object(
        { text: words(4000), details: Type.Optional(Type.Array(words(2000), { minItems: 1, maxItems: 50 })) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 100 },
    ),
    agreement: words(200),
  },
  { additionalProperties: false },
)
export type TermsText = Static<typeof TermsText>

const VersionName = Type.String({ pattern: '^[\\w][\\w.-]{0,31}$' })

export const PublishOrder = Type.Object(
  { version: VersionName, text: TermsText, ...orderedBy },
  { additionalProperties: false },
)
export const PreviewOrder = Type.Object({ text: TermsText }, { additionalProperties: false })

/** A version without its text. Instants are milliseconds. */
export const TermsVersion = Type.Object({
  version: Type.String(),
  textHash: Type.String(),
  isInForce: Type.Boolean(),
  inForceFrom: Type.Integer(),
  publishedBy: Type.Optional(
    Type.String({ description: 'the administrator; none of what came with the program' }),
  ),
  reason: Type.Optional(Type.String()),
  accounts: Type.Integer({ description: 'how many accounts attested to it' }),
})
export type TermsVersion = Static<typeof TermsVersion>
export const TermsVersions = Type.Object({ versions: Type.Array(TermsVersion), ...NextPage })

/** `mustAttestAgain`: how many accounts attested to the version before this one and not to this one yet. */
export const WholeTermsVersion = Type.Object({
  ...TermsVersion.properties,
  text: TermsText,
  mustAttestAgain: Type.Integer(),
})

export const TermsPreview = Type.Object({
  textHash: Type.String(),
  inForce: Type.String({ description: 'the version that would be replaced' }),
  isSameText: Type.Boolean({ description: 'word for word the one in force' }),
  mustAttestAgain: Type.Integer({
    description: 'accounts that attested to the version in force; each is asked at its next sign-in',
  }),
})

export const Attestations = Type.Object({ attestations: Type.Array(Attestation), ...NextPage })

/**
 * Versions of the terms, and who attested, for the administrators' console (scopes `terms.publish`, and
 * `attestations.read` for the attestations of an account). A version that is published is in force at once: people agree
 * to it at their next sign-in, and a session that is open ends by itself or by a revocation.
 *
 * Refuses with `terms_version_unknown` (404), `terms_version_exists` (409).
 */
export function termsVersions(calls: ServiceCalls) {
  const scope = 'terms.publish'
  return {
    /** Newest first. */
    list: (page: Page = {}) =>
      calls.call('terms', {
        scope,
        method: 'GET',
        path: withQuery(`/terms/versions`, page),
        response: TermsVersions,
      }),
    find: (version: string) =>
      calls.call('terms', {
        scope,
        method: 'GET',
        path: `/terms/versions/${encodeURIComponent(version)}`,
        response: WholeTermsVersion,
      }),
    /** What publishing would do; changes nothing. */
    preview: (body: Static<typeof PreviewOrder>) =>
      calls.call('terms', { scope, method: 'POST', path: '/terms/previews', body, response: TermsPreview }),
    publish: (body: Static<typeof PublishOrder>) =>
      calls.call('terms', {
        scope,
        method: 'POST',
        path: '/terms/versions',
        body,
        response: WholeTermsVersion,
      }),
    /** Newest first. */
    attestations: (accountId: string, page: Page = {}) =>
      calls.call('terms', {
        scope: 'attestations.read',
        method: 'GET',
        path: withQuery(`/accounts/${encodeURIComponent(accountId)}/attestations`, page),
        response: Attestations,
      }),
  }
}
