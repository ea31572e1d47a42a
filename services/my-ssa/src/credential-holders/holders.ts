import { type Holders, ofSignIn } from '@gatehouse/provider/credential-holders/routes'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import type { MySsaClients } from '../clients/store.ts'
import type { ExtraSecurity } from '../extra-security/extra-security.ts'
import { pairwiseSubject, sectorOf } from '../openid-provider/subjects.ts'
import { resetOwner } from '../security-code/texts.ts'

interface Dependencies {
  database: Kysely<never> | Kysely<unknown>
  secrets: Pick<Secrets, 'key'>
  clients: Pick<MySsaClients, 'entries'>
  extraSecurity: Pick<ExtraSecurity, 'standing'>
  signInUrl: string
}

interface Tables {
  accounts: { id: string }
  extraSecurity: { accountId: string; sealedPhone: string | null; changedAt: number }
}

/** Subjects are pairwise by sector and kept nowhere: whose one is comes out by making everybody's. */
export function createHolders({
  secrets,
  clients,
  extraSecurity,
  signInUrl,
  ...more
}: Dependencies): Holders {
  const database = more.database as unknown as Kysely<Tables>

  function sectors(): string[] {
    const signIns = ofSignIn(clients.entries(), ({ redirect_uris: uris }) => uris, signInUrl)
    return [...new Set(signIns.map(({ redirect_uris: uris }) => sectorOf(uris)))]
  }

  return {
    async accountOf(subject) {
      const accounts = await database.selectFrom('accounts').select('id').execute()
      const isTheirs = (id: string) =>
        sectors().some((sector) => pairwiseSubject(secrets, sector, id) === subject)
      return accounts.find(({ id }) => isTheirs(id))?.id
    },
    async subjectOf(accountId) {
      const known = await database
        .selectFrom('accounts')
        .select('id')
        .where('id', '=', accountId)
        .executeTakeFirst()
      const [sector] = sectors()
      return known && sector !== undefined ? pairwiseSubject(secrets, sector, known.id) : undefined
    },
    async phoneNumbersOf(accountId) {
      const { phone } = await extraSecurity.standing(accountId)
      return phone === undefined ? [] : [phone]
    },
    async withPhone(atMost) {
      const rows = await database
        .selectFrom('extraSecurity')
        .select('accountId')
        .where('sealedPhone', 'is not', null)
        .orderBy('changedAt', 'desc')
        .limit(atMost)
        .execute()
      return rows.map(({ accountId }) => accountId)
    },
    furtherOwnersOf: (accountId) => [resetOwner(accountId)],
    accountOfOwner: (owner) => owner.replace(/:reset$/, ''),
  }
}
