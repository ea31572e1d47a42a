// Online verification: up to ten rows, answered at once. This owns the order of things - field rules, then the misuse
// alert, then results - and what is kept of a request. Who may ask is decided before, by the gateway.
// A full SSN must never leave here: not in an answer, not in the ledger, not in an error.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { VerificationResult } from '@gatehouse/contracts/cbsv'
import { Refusal } from '@gatehouse/http/refusal'
import type { NumberHolderStore } from '../number-holders/store.ts'
import { fieldViolations, type VerificationRequest } from './field-rules.ts'
import { verify } from './matching.ts'
import { ENTRY_LIMIT, ENTRY_WINDOW, enteredElements, MISUSE_ALERT } from './misuse.ts'
import type { VerificationStore } from './store.ts'

/** On whose behalf a request is made. */
export interface Requester {
  ein: string
  bsoUserId: string
  clientId: string
  requestId: string
}

export interface Verifications {
  /**
   * Verifies all rows, or none of them.
   *
   * @returns one result for each row, in the same order
   * @throws Refusal `field_rules` with every violation; `potential_misuse` with the alert
   */
  verify(requester: Requester, requests: readonly VerificationRequest[]): Promise<VerificationResult[]>
}

interface Dependencies {
  numberHolders: NumberHolderStore
  store: VerificationStore
  audit: Audit
  /** A keyed digest for what the misuse alert counts. */
  digest: (text: string) => string
}

export function createVerifications({ numberHolders, store, audit, digest }: Dependencies): Verifications {
  return {
    async verify(requester, requests) {
      const at = now()
      const errors = fieldViolations(requests, at)
      if (errors.length > 0) throw new Refusal('field_rules', undefined, { errors })

      const holders = await numberHolders.find(requests.map(({ ssn }) => ssn))
      const results = requests.map((request) => ({
        ...request,
        ssn: maskedSsn(request.ssn),
        result: verify(request, holders.get(request.ssn)),
      }))
      // Counting and keeping are one step, so that nothing is answered which was not counted and kept.
      const rows = results.map(({ ssn, result }) => ({ maskedSsn: ssn, result }))
      const elements = enteredElements(requests, digest)
      const entries = { elements, limit: ENTRY_LIMIT, since: at - ENTRY_WINDOW }
      if (!(await store.record({ ...requester, at, rows }, entries))) {
        const { ein, bsoUserId: actor, requestId } = requester
        const details = { ein, rows: requests.length }
        await audit.record({ event: 'verification.refused', outcome: 'refusal', actor, details, requestId })
        throw new Refusal('potential_misuse', MISUSE_ALERT)
      }
      return results
    },
  }
}

/** The first five digits are masked in every result, whether it verified or not (guide section 4.4). */
function maskedSsn(ssn: string): string {
  return `XXXXX${ssn.slice(5)}`
}
