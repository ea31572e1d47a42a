// Finding people by what administrators know of them. What is searched for comes in a body, and a cursor holds no more
// than an account id: names, addresses and numbers are in no URL and no log.

import type { PeopleFound, PeopleSearch, PersonFound } from '@gatehouse/contracts/people'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import { Refusal } from '@gatehouse/http/refusal'
import type { OidcModelTable } from '@gatehouse/openid-provider/adapter'
import { type Kysely, sql } from 'kysely'
import { Type } from 'typebox'
import { foldName } from '../accounts/matching.ts'
import type { AccountTables } from '../accounts/tables.ts'
import type { SsnEndings } from './ssn-endings.ts'
import type { SsnEndingTable } from './tables.ts'

export type PeopleTables = AccountTables & SsnEndingTable & OidcModelTable

const Position = Type.Tuple([Type.String()])

/** For `like`: what stands for other letters stands for itself. */
const literally = (text: string) => text.replace(/[\\%_]/g, '\\$&')

export function createPeopleSearch(database: Kysely<PeopleTables>, endings: SsnEndings) {
  function matching({ by, text }: Pick<PeopleSearch, 'by' | 'text'>) {
    const all = database.selectFrom('accounts')
    switch (by) {
      case 'account':
        return all.where('accounts.accountId', '=', text.trim())
      case 'email': {
        const begins = `${literally(text.trim().toLowerCase())}%`
        return all.where(sql<boolean>`search_email like ${begins} escape '\\'`)
      }
      case 'name': {
        const folded = foldName(text)
        if (!folded) throw new Refusal('invalid_request', 'text must hold a letter or a digit of the name')
        // Folded names hold nothing that `like` reads otherwise.
        const begins = `${folded}%`
        return all.where((row) =>
          row.or([
            row('searchFamily', 'like', begins),
            sql<boolean>`search_given || search_family like ${begins}`,
            sql<boolean>`search_family || search_given like ${begins}`,
          ]),
        )
      }
      case 'ssn-ending': {
        const ending = text.trim()
        if (!/^[0-9]{4}$/.test(ending)) throw new Refusal('invalid_request', 'text must be four digits')
        return all.where('accounts.accountId', 'in', (credentials) =>
          credentials
            .selectFrom('ssnEndings')
            .innerJoin('credentials', (join) =>
              join
                .onRef('credentials.idp', '=', 'ssnEndings.idp')
                .onRef('credentials.subject', '=', 'ssnEndings.subject'),
            )
            .select('credentials.accountId')
            .where('ssnEndings.digest', '=', endings.digestOf(ending)),
        )
      }
      case 'credential': {
        const [, idp, subject] = /^([^:]+):(.+)$/s.exec(text.trim()) ?? []
        if (!idp || !subject)
          throw new Refusal('invalid_request', 'text must be a provider, a colon and a subject')
        return all.where('accounts.accountId', 'in', (credentials) =>
          credentials
            .selectFrom('credentials')
            .select('credentials.accountId')
            .where('idp', '=', idp)
            .where('subject', '=', subject),
        )
      }
    }
  }

  /** By account, the providers of its credentials and the first SSN ending among them. */
  async function credentialsOf(accountIds: string[]) {
    const rows = await database
      .selectFrom('credentials')
      .leftJoin('ssnEndings', (join) =>
        join
          .onRef('ssnEndings.idp', '=', 'credentials.idp')
          .onRef('ssnEndings.subject', '=', 'credentials.subject'),
      )
      .select(['accountId', 'credentials.idp', 'sealed'])
      .where('accountId', 'in', accountIds)
      .orderBy('credentials.idp')
      .execute()
    const found = new Map<string, Pick<PersonFound, 'idps' | 'maskedSsn'>>()
    for (const { accountId, idp, sealed } of rows) {
      const known = found.get(accountId) ?? { idps: [] }
      if (!known.idps.includes(idp)) known.idps.push(idp)
      if (sealed && !known.maskedSsn) known.maskedSsn = endings.masked(sealed)
      found.set(accountId, known)
    }
    return found
  }

  /** Sorted by family name, given name and account id. @throws Refusal `invalid_request` */
  return async function search({ cursor, limit, ...wanted }: PeopleSearch): Promise<PeopleFound> {
    const [after] = decodeCursor(cursor, Position) ?? []
    const most = rowsOf(limit)
    const found = await matching(wanted)
      .select(['accounts.accountId', 'givenName', 'familyName', 'email'])
      .$if(after !== undefined, (query) =>
        query.where(
          sql<boolean>`(search_family, search_given, account_id) >
            (select search_family, search_given, account_id from accounts where account_id = ${after})`,
        ),
      )
      .orderBy('searchFamily')
      .orderBy('searchGiven')
      .orderBy('accounts.accountId')
      .limit(most + 1)
      .execute()
    const { rows, ...next } = cutPage(found, most, ({ accountId }) => [accountId])
    const credentials =
      rows.length > 0 ? await credentialsOf(rows.map(({ accountId }) => accountId)) : new Map()
    const people = rows.map(({ accountId, givenName, familyName, email }): PersonFound => {
      const name = [givenName, familyName].filter(Boolean).join(' ')
      return {
        accountId,
        ...(name ? { name } : {}),
        ...(email ? { email } : {}),
        ...(credentials.get(accountId) ?? { idps: [] }),
      }
    })
    return { people, ...next }
  }
}
