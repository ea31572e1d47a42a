import type { Attestation } from '@gatehouse/contracts/terms'
import type { Kysely } from 'kysely'

/** Append only: there is nothing here that changes or removes an attestation. */
export interface AttestationStore {
  /** Resolves once the attestation is stored. */
  add(attestation: Attestation): Promise<void>
}

interface Tables {
  attestations: Attestation
}

export function sqlAttestationStore(anyDatabase: Kysely<never> | Kysely<unknown>): AttestationStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async add(attestation) {
      await database.insertInto('attestations').values(attestation).execute()
    },
  }
}
