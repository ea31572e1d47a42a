import type {
  CompanyRecord,
  Disablement,
  UserIdNames,
  UserIdRecord,
} from '@gatehouse/contracts/user-id-administration'
import { type Kysely, sql } from 'kysely'
import { disablementsOf } from '../disablements/standing.ts'
import type { Tables } from '../tables.ts'

/** Names are folded (`foldName`), so that no letter of a pattern is in them. */
export type UserIdFilter =
  | { bsoUserId: string }
  | { idBegins: string }
  | { ein: string }
  | { accountId: string }
  | { companyNameHas: string }
  | { holderNameBegins: string }
export type CompanyFilter = { ein?: string; nameHas?: string }

export interface RegisterStore {
  /** Sorted by User ID, those behind `after`. */
  userIds(filter: UserIdFilter, after: string | undefined, limit: number): Promise<UserIdRecord[]>
  /** Sorted by EIN, those behind `after`. */
  companies(filter: CompanyFilter, after: string | undefined, limit: number): Promise<CompanyRecord[]>
  /** Those of them that there are. */
  names(bsoUserIds: readonly string[], eins: readonly string[]): Promise<UserIdNames>
}

export function sqlRegisterStore(database: Kysely<Tables>): RegisterStore {
  function matching(filter: UserIdFilter) {
    const all = database.selectFrom('userIds').innerJoin('companies', 'companies.ein', 'userIds.ein')
    if ('bsoUserId' in filter) return all.where('userIds.bsoUserId', '=', filter.bsoUserId)
    if ('idBegins' in filter) return all.where('userIds.bsoUserId', 'like', `${filter.idBegins}%`)
    if ('ein' in filter) return all.where('userIds.ein', '=', filter.ein)
    if ('companyNameHas' in filter) {
      return all.where('companies.foldedName', 'like', `%${filter.companyNameHas}%`)
    }
    if ('accountId' in filter) {
      return all.where('userIds.bsoUserId', 'in', (links) =>
        links.selectFrom('links').select('links.bsoUserId').where('accountId', '=', filter.accountId),
      )
    }
    const begins = `${filter.holderNameBegins}%`
    return all.where((row) =>
      row.or([
        row('userIds.lastName', 'like', begins),
        sql<boolean>`user_ids.first_name || user_ids.last_name like ${begins}`,
        sql<boolean>`user_ids.last_name || user_ids.first_name like ${begins}`,
      ]),
    )
  }

  const servicesOf = (ids: string[]) =>
    database
      .selectFrom('userIdServices')
      .select(['bsoUserId', 'service as value'])
      .where('bsoUserId', 'in', ids)
      .orderBy('service')
      .execute()
  const accountsOf = (ids: string[]) =>
    database
      .selectFrom('links')
      .select(['bsoUserId', 'accountId as value'])
      .where('bsoUserId', 'in', ids)
      .orderBy('linkedAt')
      .execute()

  return {
    async userIds(filter, after, limit) {
      const found = await matching(filter)
        .select(['userIds.bsoUserId', 'userIds.ein', 'companies.name as companyName', 'issuedAt'])
        .select(['firstName', 'lastName'])
        .select(({ selectFrom }) =>
          selectFrom('links')
            .select(({ fn }) => fn.max('links.lastSelectedAt').as('at'))
            .whereRef('links.bsoUserId', '=', 'userIds.bsoUserId')
            .as('lastSelectedAt'),
        )
        .$if(after !== undefined, (query) => query.where('userIds.bsoUserId', '>', after as string))
        .orderBy('userIds.bsoUserId')
        .limit(limit)
        .execute()
      if (found.length === 0) return []
      const ids = found.map(({ bsoUserId }) => bsoUserId)
      const services = byUserId(await servicesOf(ids))
      const accounts = byUserId(await accountsOf(ids))
      const disablements = await disablementsOf(database, [...ids, ...new Set(found.map(({ ein }) => ein))])
      return found.map((row) => ({
        bsoUserId: row.bsoUserId,
        ein: row.ein,
        companyName: row.companyName,
        holderName: holderName(row),
        services: services.get(row.bsoUserId) ?? [],
        issuedAt: row.issuedAt,
        ...(row.lastSelectedAt === null ? {} : { lastSelectedAt: row.lastSelectedAt }),
        accounts: accounts.get(row.bsoUserId) ?? [],
        ...given('disabled', disablements.get(row.bsoUserId)),
        ...given('companyDisabled', disablements.get(row.ein)),
      }))
    },

    async companies({ ein, nameHas }, after, limit) {
      const found = await database
        .selectFrom('companies')
        .select(['ein', 'name'])
        .select(({ selectFrom }) =>
          selectFrom('userIds')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .whereRef('userIds.ein', '=', 'companies.ein')
            .as('userIds'),
        )
        .$if(ein !== undefined, (query) => query.where('ein', '=', ein as string))
        .$if(nameHas !== undefined, (query) => query.where('foldedName', 'like', `%${nameHas}%`))
        .$if(after !== undefined, (query) => query.where('ein', '>', after as string))
        .orderBy('ein')
        .limit(limit)
        .execute()
      const disablements = await disablementsOf(
        database,
        found.map(({ ein }) => ein),
      )
      return found.map(({ ein, name, userIds }) => ({
        ein,
        name,
        userIds: Number(userIds),
        ...given('disabled', disablements.get(ein)),
      }))
    },

    async names(bsoUserIds, eins) {
      const userIds =
        bsoUserIds.length === 0
          ? []
          : await database
              .selectFrom('userIds')
              .innerJoin('companies', 'companies.ein', 'userIds.ein')
              .select(['bsoUserId', 'userIds.ein', 'companies.name as companyName', 'firstName', 'lastName'])
              .where('bsoUserId', 'in', bsoUserIds)
              .execute()
      const companies =
        eins.length === 0
          ? []
          : await database.selectFrom('companies').select(['ein', 'name']).where('ein', 'in', eins).execute()
      return {
        userIds: userIds.map(({ bsoUserId, ein, companyName, ...holder }) => ({
          bsoUserId,
          ein,
          companyName,
          holderName: holderName(holder),
        })),
        companies,
      }
    },
  }
}

function holderName({ firstName, lastName }: { firstName: string; lastName: string }): string {
  return `${firstName} ${lastName}`.trim()
}

function given<Name extends string>(name: Name, disablement: Disablement | undefined) {
  return disablement ? ({ [name]: disablement } as Record<Name, Disablement>) : {}
}

function byUserId(rows: { bsoUserId: string; value: string }[]): Map<string, string[]> {
  const gathered = new Map<string, string[]>()
  for (const { bsoUserId, value } of rows)
    gathered.set(bsoUserId, [...(gathered.get(bsoUserId) ?? []), value])
  return gathered
}
