// Verification through the gateway, with the person's own access token: BSO itself has no right to verify anything.

import { REQUEST_ID_HEADER } from '@gatehouse/contracts/calls'
import { type VerificationResult, VerificationResults, type VerificationRow } from '@gatehouse/contracts/cbsv'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** Milliseconds for an answer. */
const DEADLINE = 10_000

const FieldProblem = Type.Object({
  code: Type.Literal('field_rules'),
  errors: Type.Array(
    Type.Object({ row: Type.Integer({ minimum: 1 }), field: Type.String(), rule: Type.String() }),
    { minItems: 1 },
  ),
})

/** What breaks a rule: `row` counts from 1 in the rows that were sent. */
export interface Violation {
  row: number
  field: string
  rule: string
}

export type Answer =
  | { kind: 'results'; results: VerificationResult[] }
  | { kind: 'violations'; violations: Violation[] }
  | { kind: 'misuse' }
  /** The access token did not pass. */
  | { kind: 'token-refused' }
  | { kind: 'no-access' }
  /** `reason` is for the log. */
  | { kind: 'unavailable'; reason: string }

/** Asks for a verification of all rows. Never throws: what goes wrong is an answer too. */
export type Verify = (rows: VerificationRow[], accessToken: string, requestId: string) => Promise<Answer>

export function verifyThrough(gatewayUrl: string, fetchIt: typeof fetch): Verify {
  return async (rows, accessToken, requestId) => {
    try {
      const response = await fetchIt(`${gatewayUrl}/cbsv/verifications`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${accessToken}`,
          'content-type': 'application/json',
          accept: 'application/json',
          [REQUEST_ID_HEADER]: requestId,
        },
        body: JSON.stringify({ requests: rows }),
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE),
      })
      return answerOf(response.status, await response.json().catch(() => undefined), rows.length)
    } catch {
      return { kind: 'unavailable', reason: 'no answer' }
    }
  }
}

function answerOf(status: number, body: unknown, count: number): Answer {
  // As many results as rows, or it would not be known which result belongs to whom.
  if (status === 200 && Value.Check(VerificationResults, body) && body.results.length === count)
    return { kind: 'results', results: body.results }
  if (status === 401) return { kind: 'token-refused' }
  if (status === 403) return { kind: 'no-access' }
  if (Value.Check(FieldProblem, body)) return { kind: 'violations', violations: body.errors }
  if (Value.Check(Type.Object({ code: Type.Literal('potential_misuse') }), body)) return { kind: 'misuse' }
  return { kind: 'unavailable', reason: `status ${status}` }
}
