import { type Kysely, sql } from 'kysely'
import type { Tables, Version } from '../tables.ts'

/** A version with how many accounts attested to it. */
export type CountedVersion = Version & { accounts: number }

export interface VersionStore {
  /** Keeps a version unless one of this name is there. Of any number at once with one name, one gets true. */
  keep(version: Version): Promise<boolean>
  find(version: string): Promise<CountedVersion | undefined>
  /** The newest: the one in force. */
  newest(): Promise<Version | undefined>
  /** The one that was in force before this one. */
  before(version: Version): Promise<Version | undefined>
  /** Newest first, those behind `after`. */
  list(after: readonly [number, string] | undefined, limit: number): Promise<CountedVersion[]>
}

export function sqlVersionStore(database: Kysely<Tables>): VersionStore {
  const newestFirst = () =>
    database
      .selectFrom('termsVersions')
      .selectAll('termsVersions')
      .orderBy('firstInForceAt', 'desc')
      .orderBy('version', 'desc')

  const counted = () =>
    newestFirst().select(({ selectFrom }) =>
      selectFrom('attestations')
        .select(({ fn }) => fn.count<number>('attestations.accountId').distinct().as('accounts'))
        .whereRef('attestations.version', '=', 'termsVersions.version')
        .as('accounts'),
    )
  const plain = <Row extends { accounts: number | null }>(row: Row) => ({
    ...row,
    accounts: Number(row.accounts),
  })
  const isOlder = (than: readonly [number, string]) =>
    sql<boolean>`(terms_versions.first_in_force_at, terms_versions.version) < (${than[0]}, ${than[1]})`

  return {
    async keep(version) {
      const kept = await database
        .insertInto('termsVersions')
        .values(version)
        .onConflict((conflict) => conflict.column('version').doNothing())
        .returning('version')
        .executeTakeFirst()
      return kept !== undefined
    },
    async find(version) {
      const found = await counted().where('termsVersions.version', '=', version).executeTakeFirst()
      return found && plain(found)
    },
    newest: () => newestFirst().limit(1).executeTakeFirst(),
    before: ({ firstInForceAt, version }) =>
      newestFirst()
        .where(isOlder([firstInForceAt, version]))
        .limit(1)
        .executeTakeFirst(),
    async list(after, limit) {
      const found = await counted()
        .$if(after !== undefined, (query) => query.where(isOlder(after as readonly [number, string])))
        .limit(limit)
        .execute()
      return found.map(plain)
    },
  }
}
