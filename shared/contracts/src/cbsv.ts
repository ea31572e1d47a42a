import { type Static, Type } from 'typebox'
import { BsoUserId } from './bso-user-ids.ts'
import type { ServiceCalls } from './calls.ts'
import { NextPage, type Page, PageQuery, withQuery } from './paging.ts'

const Text = Type.String({ maxLength: 100 })

/** One row of the online verification page. Every value is text as typed; the field rules judge it. */
export const VerificationRow = Type.Object(
  {
    ssn: Text,
    firstName: Text,
    middleName: Type.Optional(Text),
    lastName: Text,
    suffix: Type.Optional(Text),
    dateOfBirth: Type.Optional(Type.String({ maxLength: 100, description: 'MMDDYYYY' })),
    gender: Type.Optional(Text),
  },
  { additionalProperties: false },
)
export type VerificationRow = Static<typeof VerificationRow>

export const VerificationRequest = Type.Object(
  { requests: Type.Array(VerificationRow, { minItems: 1, maxItems: 10 }) },
  { additionalProperties: false },
)

export const VerificationResult = Type.Object({
  ssn: Type.String({ description: 'the first five digits replaced by X' }),
  firstName: Type.String(),
  middleName: Type.String(),
  lastName: Type.String(),
  suffix: Type.String(),
  dateOfBirth: Type.String(),
  gender: Type.String(),
  result: Type.Union([Type.Literal('Yes'), Type.Literal('No'), Type.Literal('Deceased')]),
})
export type VerificationResult = Static<typeof VerificationResult>
export const VerificationResults = Type.Object({ results: Type.Array(VerificationResult) })

/** A verification that was done, as it is kept. */
export const KeptVerification = Type.Object({
  requestedAt: Type.Integer({ description: 'milliseconds' }),
  ein: Type.String(),
  bsoUserId: Type.String(),
  clientId: Type.String({ description: 'the relying service through which it came' }),
  maskedSsn: Type.String({ description: 'the first five digits replaced by X' }),
  result: VerificationResult.properties.result,
  requestId: Type.String(),
})
export type KeptVerification = Static<typeof KeptVerification>
export const KeptVerifications = Type.Object({ verifications: Type.Array(KeptVerification), ...NextPage })

export const KeptVerificationQuery = Type.Object(
  {
    ...PageQuery,
    bsoUserId: BsoUserId,
    ein: Type.Optional(Type.String({ pattern: '^[0-9]{9}$' })),
  },
  { additionalProperties: false },
)

/** What was verified, for the administrators' console (scope `verifications.read`). */
export function recentVerifications(calls: ServiceCalls) {
  return {
    /** Those of a User ID, newest first; of one employer only, if it is named. */
    of: (query: { bsoUserId: string; ein?: string | undefined } & Page) =>
      calls.call('cbsv', {
        scope: 'verifications.read',
        method: 'GET',
        path: withQuery('/verifications', query),
        response: KeptVerifications,
      }),
  }
}
