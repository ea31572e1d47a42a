// A provider's tables on one engine, with the stores over them.

import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { sqlAccountStore } from '../../src/accounts/store.ts'
import { sqlAuthenticators } from '../../src/authenticators/authenticators.ts'
import { createTestCertificates } from '../../src/authenticators/certificates.ts'
import { sqlLookUpSecrets } from '../../src/authenticators/look-up-secrets.ts'
import { providerMigrations } from '../../src/migrations.ts'
import { sqlRememberedBrowsers } from '../../src/sessions/remembered-browsers.ts'
import { sqlSessionStore } from '../../src/sessions/store.ts'

export const PASSWORD = 'a password of these tests'

/** Hashing that costs nothing. */
const passwords = {
  hashPassword: async (password: string) => `hash of ${password}`,
  isPasswordOf: async (hash: string, password: string) => hash === `hash of ${password}`,
}

export const ROOT = Buffer.alloc(32, 'of these tests')

export type Stores = Awaited<ReturnType<typeof openStores>>

export async function openStores(url: string) {
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  const database = await openDatabase<any>(url, 'provider')
  await migrate(database, providerMigrations)
  const secrets = deriveSecrets(ROOT)
  const accounts = createAccounts(sqlAccountStore(database, secrets), passwords)
  return {
    database,
    accounts,
    authenticators: sqlAuthenticators(database, secrets),
    lookUpSecrets: sqlLookUpSecrets(database, secrets),
    rememberedBrowsers: sqlRememberedBrowsers(database, (secret) =>
      secrets.digest('remembered browser', secret),
    ),
    certificates: createTestCertificates({ database, secrets, name: 'Example' }),
    sessionStore: sqlSessionStore(database),
    /** The id of a new account. */
    async newAccount(email = 'maria@example.com'): Promise<string> {
      const id = await accounts.add({ email }, PASSWORD)
      if (!id) throw new Error('the address is taken')
      return id
    },
    /** All that a table holds, as text. */
    async everythingIn(table: string): Promise<string> {
      return JSON.stringify(await database.selectFrom(table).selectAll().execute())
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  }
}
