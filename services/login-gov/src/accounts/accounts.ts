// Who has an account and whether a password is theirs. Knows nothing of pages, sessions or Login.gov's wire.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { hashPassword, isPasswordOf } from './password-hash.ts'
import type { Account, AccountStore } from './store.ts'

export interface Accounts {
  find(id: string): Promise<Account | undefined>
  /** The account if the password is its own. An unknown address costs as much time as a wrong password. */
  withPassword(email: string, password: string): Promise<Account | undefined>
  /** Adds an account unless its e-mail address is taken; then nothing is hashed and nothing changes. */
  add(account: Omit<Account, 'id'>, password: string): Promise<void>
}

/** @param passwords how passwords are hashed and compared; argon2id unless a test counts */
export function createAccounts(store: AccountStore, passwords = { hashPassword, isPasswordOf }): Accounts {
  // Made on first need: nobody knows the password that belongs to it.
  let decoy: Promise<string> | undefined

  return {
    find: (id) => store.find(id),
    async withPassword(email, password) {
      const found = await store.findByEmail(canonical(email))
      decoy ??= passwords.hashPassword(randomUUID())
      const spare = await decoy
      const matches = await passwords.isPasswordOf(found?.passwordHash ?? spare, password)
      return matches ? found?.account : undefined
    },
    async add(account, password) {
      const email = canonical(account.email)
      if (await store.hasEmail(email)) return
      await store.add({ ...account, email, id: randomUUID() }, await passwords.hashPassword(password), now())
    },
  }
}

function canonical(email: string): string {
  return email.trim().toLowerCase()
}
