import type { ServiceCalls } from '@gatehouse/contracts/calls'
import {
  Attestations,
  PreviewOrder,
  PublishOrder,
  TermsPreview,
  TermsVersions,
  termsVersions,
  WholeTermsVersion,
} from '@gatehouse/contracts/terms'
import { Type } from 'typebox'
import { pageOf, pageQuery } from '../access/cursors.ts'
import { operation } from '../access/operation.ts'
import { ordered } from '../access/ordered.ts'
import { why } from '../access/why.ts'

const { version, text } = PublishOrder.properties
const Page = Type.Object(pageQuery, { additionalProperties: false })

/** Versions of the Terms of Service: what is in force, and who must attest again. */
export function termsOperations({ calls }: { calls: ServiceCalls }) {
  const owner = termsVersions(calls)
  return {
    listTermsVersions: operation({
      method: 'GET',
      path: '/terms-versions',
      role: 'viewer',
      summary: 'Versions of the terms, newest first',
      query: Page,
      answer: TermsVersions,
      rows: 'versions',
      run: (_actor, { query }) => owner.list(pageOf(query)),
    }),
    findTermsVersion: operation({
      method: 'GET',
      path: '/terms-versions/:version',
      role: 'viewer',
      summary: 'One version with its text',
      params: Type.Object({ version }),
      answer: WholeTermsVersion,
      run: (_actor, { params }) => owner.find(params.version),
    }),
    previewTerms: operation({
      method: 'POST',
      path: '/terms-versions/previews',
      role: 'viewer',
      summary: 'How many people would have to attest again',
      body: PreviewOrder,
      answer: TermsPreview,
      run: (_actor, { body }) => owner.preview(body),
    }),
    publishTerms: operation({
      method: 'POST',
      path: '/terms-versions',
      role: 'revoker',
      summary: 'Publishes a version, in force at once',
      body: Type.Object({ version, text, ...why }, { additionalProperties: false }),
      answer: WholeTermsVersion,
      status: 201,
      change: {
        event: 'terms.published',
        subject: ({ body }) => body.version,
        before: async () => {
          const inForce = (await owner.list()).versions.find(({ isInForce }) => isInForce)
          return inForce && { version: inForce.version, textHash: inForce.textHash }
        },
        after: ({ version: published, textHash, mustAttestAgain }) => ({
          version: published,
          textHash,
          mustAttestAgain,
        }),
      },
      run: (actor, { body }) =>
        owner.publish({ version: body.version, text: body.text, ...ordered(actor, body) }),
    }),
    listAttestations: operation({
      method: 'GET',
      path: '/people/:accountId/attestations',
      role: 'viewer',
      summary: 'What a person attested to, newest first',
      params: Type.Object({ accountId: Type.String({ minLength: 1, maxLength: 128 }) }),
      query: Page,
      answer: Attestations,
      rows: 'attestations',
      run: (_actor, { params, query }) => owner.attestations(params.accountId, pageOf(query)),
    }),
  }
}
