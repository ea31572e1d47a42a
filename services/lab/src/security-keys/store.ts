import type { JsonWebKey } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Migrations } from '@gatehouse/storage/database'
import type { Secrets } from '@gatehouse/storage/secrets'
import { type Kysely, sql } from 'kysely'
import type { Attachment } from './ceremonies.ts'

export const securityKeyMigrations: Migrations = {
  '0011_security_keys': {
    async up(database) {
      await database.schema
        .createTable('security_keys')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createTable('security_key_credentials')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('key_id', 'text', (column) => column.notNull())
        .addColumn('rp_id', 'text', (column) => column.notNull())
        .addColumn('user_handle', 'text', (column) => column.notNull())
        .addColumn('user_name', 'text', (column) => column.notNull())
        .addColumn('discoverable', 'integer', (column) => column.notNull())
        .addColumn('attachment', 'text', (column) => column.notNull())
        .addColumn('counter', 'bigint', (column) => column.notNull())
        .addColumn('sealed_private_key', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await database.schema
        .createIndex('security_key_credentials_key_id')
        .on('security_key_credentials')
        .columns(['key_id', 'created_at'])
        .execute()
    },
  },
}

export interface Credential {
  /** Base64url. */
  id: string
  keyId: string
  rpId: string
  userHandle: string
  userName: string
  discoverable: boolean
  attachment: Attachment
  /** How often it has signed. */
  counter: number
  createdAt: number
}

export interface SecurityKey {
  id: string
  name: string
  createdAt: number
  /** Newest first. */
  credentials: Credential[]
}

export interface SecurityKeyStore {
  /** Oldest first. */
  all(): Promise<SecurityKey[]>
  /** The id, or nothing when a key has that name already. */
  make(id: string, name: string): Promise<string | undefined>
  /** Removes a key and what is on it. */
  remove(id: string): Promise<void>
  /**
   * Resolves once the credential is stored. A discoverable one takes the place of an earlier one of the same person at
   * the same site (§6.3.2 step 7).
   */
  add(credential: Credential, privateKey: JsonWebKey): Promise<void>
  /** Counts one signature and gives what it is made with. Of two at once each has a count of its own. */
  use(credentialId: string): Promise<(Credential & { privateKey: JsonWebKey }) | undefined>
}

interface CredentialTable extends Omit<Credential, 'discoverable' | 'attachment'> {
  discoverable: number
  attachment: string
  sealedPrivateKey: string
}

interface Tables {
  securityKeys: { id: string; name: string; createdAt: number }
  securityKeyCredentials: CredentialTable
}

const PURPOSE = 'security keys'

function toCredential({ sealedPrivateKey: _, ...row }: CredentialTable): Credential {
  return { ...row, discoverable: row.discoverable === 1, attachment: row.attachment as Attachment }
}

/** Private keys are sealed at rest. */
export function sqlSecurityKeyStore(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): SecurityKeyStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async all() {
      const keys = await database
        .selectFrom('securityKeys')
        .selectAll()
        .orderBy('createdAt')
        .orderBy('id')
        .execute()
      const rows = await database
        .selectFrom('securityKeyCredentials')
        .selectAll()
        .orderBy('createdAt', 'desc')
        .orderBy('id')
        .execute()
      const credentials = rows.map(toCredential)
      return keys.map((key) => ({ ...key, credentials: credentials.filter(({ keyId }) => keyId === key.id) }))
    },
    async make(id, name) {
      const made = await database
        .insertInto('securityKeys')
        .values({ id, name, createdAt: now() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('id')
        .executeTakeFirst()
      return made?.id
    },
    async remove(id) {
      await database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('securityKeys').where('id', '=', id).execute()
        await transaction.deleteFrom('securityKeyCredentials').where('keyId', '=', id).execute()
      })
    },
    async add(credential, privateKey) {
      const { keyId, rpId, userHandle, discoverable } = credential
      const sealedPrivateKey = secrets.seal(PURPOSE, JSON.stringify(privateKey))
      await database.transaction().execute(async (transaction) => {
        if (discoverable) {
          await transaction
            .deleteFrom('securityKeyCredentials')
            .where('keyId', '=', keyId)
            .where('rpId', '=', rpId)
            .where('userHandle', '=', userHandle)
            .where('discoverable', '=', 1)
            .execute()
        }
        await transaction
          .insertInto('securityKeyCredentials')
          .values({ ...credential, discoverable: discoverable ? 1 : 0, sealedPrivateKey })
          .execute()
      })
    },
    async use(credentialId) {
      const row = await database
        .updateTable('securityKeyCredentials')
        .set({ counter: sql<number>`counter + 1` })
        .where('id', '=', credentialId)
        .returningAll()
        .executeTakeFirst()
      if (!row) return undefined
      const privateKey = JSON.parse(secrets.unseal(PURPOSE, row.sealedPrivateKey)) as JsonWebKey
      return { ...toCredential(row), privateKey }
    },
  }
}
