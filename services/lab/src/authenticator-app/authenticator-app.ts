// The authenticator app on each phone of the lab: accounts, and the codes that count by the suite's clock.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { codeOf, type NewAccount } from './setup.ts'
import type { AccountStore } from './store.ts'

/** One account as the app shows it. */
export interface ShownAccount {
  id: string
  issuer: string
  account: string
  code: string
  /** For how long the code counts; a provider may take it somewhat longer. */
  secondsLeft: number
}

export interface AuthenticatorApp {
  add(phoneNumber: string, account: NewAccount): Promise<{ id: string; issuer: string; account: string }>
  /** The accounts of a phone with their present codes, newest first. */
  show(phoneNumber: string): Promise<ShownAccount[]>
  /** Whether there was such an account on that phone. */
  remove(phoneNumber: string, id: string): Promise<boolean>
}

export function createAuthenticatorApp(store: AccountStore): AuthenticatorApp {
  return {
    async add(phoneNumber, account) {
      const id = randomUUID()
      await store.add(phoneNumber, id, account)
      return { id, issuer: account.issuer, account: account.account }
    },
    async show(phoneNumber) {
      const accounts = await store.of(phoneNumber)
      // One instant for code and seconds: between two, the code could change.
      const at = now()
      return accounts.map(({ id, issuer, account, setup }) => ({
        id,
        issuer,
        account,
        code: codeOf(setup, at),
        secondsLeft: setup.period - (Math.floor(at / 1_000) % setup.period),
      }))
    },
    remove: (phoneNumber, id) => store.remove(phoneNumber, id),
  }
}
