// Who has an account and whether a password is theirs. Knows nothing of pages, sessions or a provider's wire.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { hashPassword, isPasswordOf } from '../password/password-hash.ts'
import type { Account, NewAccount, Profile } from './account.ts'
import type { AccountStore } from './store.ts'

export interface Accounts {
  find(id: string): Promise<Account | undefined>
  findByEmail(email: string): Promise<Account | undefined>
  /** The account if the password is its own. An unknown address costs as much time as a wrong password. */
  withPassword(email: string, password: string): Promise<Account | undefined>
  /** Whether the password is this account's. */
  hasPassword(id: string, password: string): Promise<boolean>
  /**
   * Adds an account unless its e-mail address is taken; then nothing is hashed and nothing changes.
   *
   * @returns the new account's id
   */
  add(account: NewAccount, password: string): Promise<string | undefined>
  /** Also settles that a reset was required. */
  setPassword(id: string, password: string): Promise<void>
  /**
   * From now on the password opens nothing until it was reset.
   *
   * @returns whether there is such an account
   */
  requirePasswordReset(id: string): Promise<boolean>
  /** What proofing found out from now on; nothing takes a profile away. */
  setProfile(id: string, profile: Profile | undefined): Promise<void>
  acceptRules(id: string): Promise<void>
  /** @returns whether there is such an account */
  setSuspended(id: string, suspended: boolean): Promise<boolean>
  /** Adds a confirmed address; false when it is somebody's already. */
  addEmail(id: string, email: string): Promise<boolean>
  /** False when it is the last one, or not this account's. */
  removeEmail(id: string, email: string): Promise<boolean>
  /** Notes that somebody signed in with this address. */
  useEmail(id: string, email: string): Promise<void>
  /** Removes the account with all that hangs on it. */
  remove(id: string): Promise<boolean>
}

/** @param passwords how passwords are hashed and compared; argon2id unless a test counts */
export function createAccounts(store: AccountStore, passwords = { hashPassword, isPasswordOf }): Accounts {
  // Made on first need: nobody knows the password that belongs to it.
  let decoy: Promise<string> | undefined

  return {
    find: (id) => store.find(id),
    findByEmail: (email) => store.findByEmail(canonicalEmail(email)),
    async withPassword(email, password) {
      const found = await store.findByEmail(canonicalEmail(email))
      decoy ??= passwords.hashPassword(randomUUID())
      const spare = await decoy
      const hash = found && (await store.passwordHash(found.id))
      const matches = await passwords.isPasswordOf(hash ?? spare, password)
      return matches && hash ? found : undefined
    },
    async hasPassword(id, password) {
      const hash = await store.passwordHash(id)
      return hash !== undefined && passwords.isPasswordOf(hash, password)
    },
    async add(account, password) {
      const email = canonicalEmail(account.email)
      if (await store.findByEmail(email)) return undefined
      const id = randomUUID()
      const added = await store.add({ ...account, email, id }, await passwords.hashPassword(password), now())
      return added ? id : undefined
    },
    async setPassword(id, password) {
      await store.setPasswordHash(id, await passwords.hashPassword(password), now())
    },
    requirePasswordReset: (id) => store.requirePasswordReset(id, now()),
    setProfile: (id, profile) => store.setProfile(id, profile),
    acceptRules: (id) => store.acceptRules(id, now()),
    setSuspended: (id, suspended) => store.setSuspended(id, suspended),
    addEmail: (id, email) => store.addEmail(id, canonicalEmail(email), now()),
    removeEmail: (id, email) => store.removeEmail(id, canonicalEmail(email)),
    useEmail: (id, email) => store.useEmail(id, canonicalEmail(email), now()),
    remove: (id) => store.remove(id),
  }
}

/** The form in which addresses are kept and compared. */
export function canonicalEmail(email: string): string {
  return email.trim().toLowerCase()
}
