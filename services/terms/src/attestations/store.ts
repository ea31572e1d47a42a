import type { Attestation } from '@gatehouse/contracts/terms'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../tables.ts'

/** Append only: there is nothing here that changes or removes an attestation. */
export interface AttestationStore {
  /** Resolves once the attestation is stored. */
  add(attestation: Attestation): Promise<void>
  /** Of an account, newest first, those behind `after` (its instant and id). */
  ofAccount(
    accountId: string,
    after: readonly [number, string] | undefined,
    limit: number,
  ): Promise<Attestation[]>
  /** How many accounts attested to `former`, and, where there is one, not to `later`. */
  accountsBetween(former: string, later: string | undefined): Promise<number>
}

export function sqlAttestationStore(database: Kysely<Tables>): AttestationStore {
  return {
    async add(attestation) {
      await database.insertInto('attestations').values(attestation).execute()
    },

    ofAccount: (accountId, after, limit) =>
      database
        .selectFrom('attestations')
        .selectAll()
        .where('accountId', '=', accountId)
        .$if(after !== undefined, (query) =>
          query.where(sql<boolean>`(attested_at, attestation_id) < (${after?.[0]}, ${after?.[1]})`),
        )
        .orderBy('attestedAt', 'desc')
        .orderBy('attestationId', 'desc')
        .limit(limit)
        .execute(),

    async accountsBetween(former, later) {
      const { accounts } = await database
        .selectFrom('attestations')
        .select(({ fn }) => fn.count<number>('attestations.accountId').distinct().as('accounts'))
        .where('version', '=', former)
        .$if(later !== undefined, (query) =>
          query.where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('attestations as other')
                  .select('other.attestationId')
                  .whereRef('other.accountId', '=', 'attestations.accountId')
                  .where('other.version', '=', later as string),
              ),
            ),
          ),
        )
        .executeTakeFirstOrThrow()
      return Number(accounts)
    },
  }
}
