// The last four digits of an SSN, of credentials that a provider has proofed: for administrators, who know people by them.
// No more of the number is kept than this, sealed, and a keyed digest of it to search by.

import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import type { SsnEndingTable } from './tables.ts'

const PURPOSE = 'ssn ending'

export function createSsnEndings(
  database: Kysely<SsnEndingTable>,
  secrets: Pick<Secrets, 'digest' | 'seal' | 'unseal'>,
) {
  const digestOf = (ending: string) => secrets.digest(PURPOSE, ending)

  return {
    /** Keeps the ending for the credential. What a provider leaves out stays as it was. */
    async remember(identity: {
      idp: string
      subject: string
      isProofed: boolean
      ssn: string | undefined
    }): Promise<void> {
      const { idp, subject, isProofed, ssn } = identity
      if (!isProofed || !ssn) return
      const ending = ssn.slice(-4)
      const row = { digest: digestOf(ending), sealed: secrets.seal(PURPOSE, ending) }
      await database
        .insertInto('ssnEndings')
        .values({ idp, subject, ...row })
        .onConflict((conflict) => conflict.columns(['idp', 'subject']).doUpdateSet(row))
        .execute()
    },

    /** What the ending, four digits, is kept as. */
    digestOf,

    /** `XXX-XX-4325` */
    masked: (sealed: string) => `XXX-XX-${secrets.unseal(PURPOSE, sealed)}`,
  }
}

export type SsnEndings = ReturnType<typeof createSsnEndings>
