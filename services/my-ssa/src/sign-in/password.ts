import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import { createPasswordStep, type PasswordStep } from '@gatehouse/provider/password/password-step'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import { accountsByUsername } from '../usernames/accounts-by-username.ts'
import type { Usernames } from '../usernames/store.ts'
import { canonicalUsername } from '../usernames/username.ts'

/** The password step by username; tries count under `passwordTriesKey`. */
export function createMySsaPasswordStep(parts: {
  accounts: Accounts
  usernames: Usernames
  keyValue: KeyValue
  limits: { passwordTries: number; passwordBlockMs: number }
}): PasswordStep {
  const { accounts, usernames, keyValue, limits } = parts
  return createPasswordStep(accountsByUsername(accounts, usernames), keyValue, {
    mostTries: limits.passwordTries,
    waitMs: limits.passwordBlockMs,
  })
}

/**
 * Under what the tries of a username count: its account, with the tries elsewhere; a username that nobody has counts as
 * well, or the two would look different.
 */
export async function passwordTriesKey(
  { usernames, secrets }: { usernames: Usernames; secrets: Pick<Secrets, 'digest'> },
  username: string,
): Promise<string> {
  const accountId = await usernames.accountOf(username)
  return accountId ?? secrets.digest('username of nobody', canonicalUsername(username))
}
