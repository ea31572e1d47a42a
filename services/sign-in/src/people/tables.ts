import { type Kysely, sql } from 'kysely'
import { searchKeysOf } from './search-keys.ts'

/** The last four digits of an SSN that a provider has proofed, of one credential. */
export interface SsnEndingTable {
  ssnEndings: { idp: string; subject: string; digest: string; sealed: string }
}

/** What people are found by, and what their sessions tell beside it. */
export async function createPeopleTables(database: Kysely<unknown>): Promise<void> {
  // SQLite adds one column at a time.
  for (const column of ['search_given', 'search_family', 'search_email']) {
    await database.schema
      .alterTable('accounts')
      .addColumn(column, 'text', (text) => text.notNull().defaultTo(''))
      .execute()
  }
  await database.schema
    .createIndex('accounts_search')
    .on('accounts')
    .columns(['search_family', 'search_given', 'account_id'])
    .execute()
  const { rows } = await sql<{
    accountId: string
    givenName: string | null
    familyName: string | null
    email: string | null
  }>`select account_id as "accountId", given_name as "givenName", family_name as "familyName", email from accounts`.execute(
    database,
  )
  for (const { accountId, ...person } of rows) {
    const { searchGiven, searchFamily, searchEmail } = searchKeysOf(person)
    await sql`update accounts set search_given = ${searchGiven}, search_family = ${searchFamily},
      search_email = ${searchEmail} where account_id = ${accountId}`.execute(database)
  }

  await database.schema.alterTable('sign_ins').addColumn('device', 'text').execute()
  await database.schema.alterTable('sign_ins').addColumn('last_used_at', 'bigint').execute()

  await database.schema
    .createTable('ssn_endings')
    .addColumn('idp', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('ssn_endings_primary', ['idp', 'subject'])
    .execute()
  await database.schema.createIndex('ssn_endings_digest').on('ssn_endings').column('digest').execute()
}
