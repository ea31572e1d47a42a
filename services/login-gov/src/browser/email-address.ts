import { EmailAddress } from '@gatehouse/contracts/lab'
import { canonicalEmail } from '@gatehouse/provider/accounts/accounts'
import { Value } from 'typebox/value'

// A host name of at least two labels (RFC 1123 §2.1): mail to anything else goes nowhere.
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/** The address as it is kept, if it can be one; nothing else is said about why not. */
export function readEmailAddress(text: string): string | undefined {
  const email = canonicalEmail(text)
  const [local = '', host = ''] = email.split('@')
  const isUsable = Value.Check(EmailAddress, email) && local.length <= 64 && HOST.test(host)
  return isUsable ? email : undefined
}
