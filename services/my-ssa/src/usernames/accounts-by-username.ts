import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Usernames } from './store.ts'

/**
 * The accounts as the password step wants them, found by username where it says e-mail address. An unknown username costs
 * as much time as a wrong password: it is looked for as the address of nobody.
 */
export function accountsByUsername(accounts: Accounts, usernames: Usernames): Accounts {
  return {
    ...accounts,
    async withPassword(username, password) {
      const accountId = await usernames.accountOf(username)
      const account = accountId === undefined ? undefined : await accounts.find(accountId)
      return accounts.withPassword(account?.email ?? '', password)
    },
  }
}
