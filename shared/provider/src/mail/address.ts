import { EmailAddress } from '@gatehouse/contracts/lab'
import { Value } from 'typebox/value'
import { canonicalEmail } from '../accounts/accounts.ts'

/** The address as it is kept, or nothing for what is none. */
export function readAddress(text: string): string | undefined {
  const address = canonicalEmail(text)
  return Value.Check(EmailAddress, address) ? address : undefined
}
