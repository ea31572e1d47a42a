import { now } from '@gatehouse/clock/clock'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { hashPassword } from '@gatehouse/provider/password/password-hash'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'

/**
 * Gives an account another password and, in the same step, signs it out of every browser: whoever is signed in with the
 * old one need not be the person.
 */
export type ChangePassword = (accountId: string, password: string) => Promise<void>

export function createPasswordChange({
  database: anyDatabase,
  secrets,
}: {
  database: Kysely<never> | Kysely<unknown>
  secrets: Pick<Secrets, 'seal' | 'unseal'>
}): ChangePassword {
  const database = anyDatabase as Kysely<unknown>
  return async (accountId, password) => {
    const hash = await hashPassword(password)
    const notice = { kind: 'password_changed' }
    await database.transaction().execute(async (transaction) => {
      await sqlAccountStore(transaction, secrets).setPasswordHash(accountId, hash, now())
      await sqlSessionStore(transaction).signOutOthers(accountId, undefined, notice)
    })
  }
}
