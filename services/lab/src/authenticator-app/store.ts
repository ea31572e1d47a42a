import { now } from '@gatehouse/clock/clock'
import type { Migrations } from '@gatehouse/storage/database'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import type { NewAccount, Setup } from './setup.ts'

export const authenticatorAppMigrations: Migrations = {
  '0010_authenticator_app_accounts': {
    async up(database) {
      await database.schema
        .createTable('authenticator_app_accounts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('phone_number', 'text', (column) => column.notNull())
        .addColumn('issuer', 'text', (column) => column.notNull())
        .addColumn('account', 'text', (column) => column.notNull())
        .addColumn('sealed_setup', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('authenticator_app_accounts_phone_number')
        .on('authenticator_app_accounts')
        .columns(['phone_number', 'created_at'])
        .execute()
    },
  },
}

export interface StoredAccount extends NewAccount {
  id: string
}

export interface AccountStore {
  /** Resolves once the account is stored. Beyond the most that a phone keeps, the oldest go. */
  add(phoneNumber: string, id: string, account: NewAccount): Promise<void>
  /** Those of a phone, newest first. */
  of(phoneNumber: string): Promise<StoredAccount[]>
  /** Whether there was such an account on that phone. */
  remove(phoneNumber: string, id: string): Promise<boolean>
}

interface Tables {
  authenticatorAppAccounts: {
    id: string
    phoneNumber: string
    issuer: string
    account: string
    sealedSetup: string
    createdAt: number
  }
}

const KEPT = 50
const PURPOSE = 'authenticator app'

/** Setups are sealed at rest: whoever reads the table can make no code. */
export function sqlAccountStore(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): AccountStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  const newestFirst = (phoneNumber: string) =>
    database
      .selectFrom('authenticatorAppAccounts')
      .where('phoneNumber', '=', phoneNumber)
      .orderBy('createdAt', 'desc')
      .orderBy('id')

  return {
    async add(phoneNumber, id, { issuer, account, setup }) {
      const sealedSetup = secrets.seal(PURPOSE, JSON.stringify(setup))
      const row = { id, phoneNumber, issuer, account, sealedSetup, createdAt: now() }
      await database.insertInto('authenticatorAppAccounts').values(row).execute()
      const kept = newestFirst(phoneNumber).select('id').limit(KEPT)
      await database
        .deleteFrom('authenticatorAppAccounts')
        .where('phoneNumber', '=', phoneNumber)
        .where('id', 'not in', kept)
        .execute()
    },
    async of(phoneNumber) {
      const rows = await newestFirst(phoneNumber).selectAll().execute()
      return rows.map(({ id, issuer, account, sealedSetup }) => ({
        id,
        issuer,
        account,
        setup: JSON.parse(secrets.unseal(PURPOSE, sealedSetup)) as Setup,
      }))
    },
    async remove(phoneNumber, id) {
      const removed = await database
        .deleteFrom('authenticatorAppAccounts')
        .where('phoneNumber', '=', phoneNumber)
        .where('id', '=', id)
        .executeTakeFirst()
      return removed.numDeletedRows > 0n
    },
  }
}
