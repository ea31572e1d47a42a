// Attestations: an account agreed to the Terms of Service. This owns what may be attested to; showing the text and
// asking for the tick is for sign-in. What must always hold: an attestation names the exact text that was in force,
// and once acknowledged it is kept for good, never changed and never replaced by a later one.

import { randomUUID } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Page } from '@gatehouse/contracts/paging'
import type { Attestation, Attestations as AttestationPage } from '@gatehouse/contracts/terms'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import { Refusal } from '@gatehouse/http/refusal'
import { type Static, Type } from 'typebox'
import type { Versions } from '../terms-of-service/versions.ts'
import type { AttestationStore } from './store.ts'

export interface Attestations {
  /**
   * Keeps that the account agreed, now, to the text with this version and hash.
   *
   * @param requestId for the audit trail
   * @throws Refusal `terms_not_current` unless both are those in force
   */
  attest(
    attested: Pick<Attestation, 'accountId' | 'version' | 'textHash'>,
    requestId: string,
  ): Promise<Attestation>
  /** Newest first. @throws Refusal `invalid_request` for a cursor that no list gave */
  ofAccount(accountId: string, page: Page): Promise<Static<typeof AttestationPage>>
}

const Position = Type.Tuple([Type.Number(), Type.String()])

interface Dependencies {
  versions: Pick<Versions, 'current'>
  store: AttestationStore
  audit: Audit
}

export function createAttestations({ versions, store, audit }: Dependencies): Attestations {
  return {
    async attest({ accountId: actor, version, textHash }, requestId) {
      const inForce = await versions.current()
      // Both: a page that was open while the text changed must be shown again, whatever it says its version is.
      if (version !== inForce.version || textHash !== inForce.textHash) {
        await audit.record({
          event: 'terms.attestation-refused',
          outcome: 'refusal',
          actor,
          details: { code: 'terms_not_current', inForce: inForce.version },
          requestId,
        })
        throw new Refusal('terms_not_current', 'The version and the hash must be those of /terms/current')
      }
      const attestation = {
        attestationId: randomUUID(),
        accountId: actor,
        version,
        textHash,
        attestedAt: now(),
      }
      await store.add(attestation)
      await audit.record({
        event: 'terms.attested',
        outcome: 'success',
        actor,
        subject: attestation.attestationId,
        details: { version, textHash },
        requestId,
      })
      return attestation
    },

    async ofAccount(accountId, { cursor, limit }) {
      const most = rowsOf(limit)
      const found = await store.ofAccount(accountId, decodeCursor(cursor, Position), most + 1)
      const { rows, ...next } = cutPage(found, most, (row) => [row.attestedAt, row.attestationId])
      return { attestations: rows, ...next }
    },
  }
}
