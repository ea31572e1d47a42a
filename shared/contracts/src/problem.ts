import { Type } from 'typebox'

/** A problem document, RFC 9457, with a stable `code`. */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail?: string
  requestId?: string
  errors?: { field: string; rule: string }[]
  [extension: string]: unknown
}

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
    requestId: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), rule: Type.String() }, { additionalProperties: true })),
    ),
  },
  { $id: 'Problem', additionalProperties: true, description: 'A problem document (RFC 9457)' },
)
