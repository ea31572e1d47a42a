import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { Holders } from '@gatehouse/provider/credential-holders/routes'
import { uuidOf } from '../oauth/attributes.ts'

/** ID.me tells every relying service the same subject. */
export function createHolders({
  accounts,
  authenticators,
}: {
  accounts: Pick<Accounts, 'find'>
  authenticators: Pick<Authenticators, 'ofKind' | 'holders'>
}): Holders {
  return {
    async accountOf(subject) {
      const groups = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(subject)
      return groups ? (await accounts.find(groups.slice(1).join('-')))?.id : undefined
    },
    async subjectOf(accountId) {
      const account = await accounts.find(accountId)
      return account && uuidOf(account)
    },
    phoneNumbersOf: async (accountId) =>
      (await authenticators.ofKind(accountId, 'phone')).map(({ details }) => details.number),
    withPhone: (atMost) => authenticators.holders('phone', atMost),
  }
}
