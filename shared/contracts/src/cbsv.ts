import { type Static, Type } from 'typebox'

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
