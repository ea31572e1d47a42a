import type { Secrets } from '@gatehouse/storage/secrets'

export interface PeopleTable {
  ssnDigest: string
  accountId: string | null
  /** Milliseconds. */
  blockedAt: number | null
  /** 1 when it was the block that suspended the account, and not an operator before. */
  suspendedByBlock: number
}

/** The key of a person: it is the same for the same SSN, and the table does not reveal the SSN. */
export function ssnDigest(secrets: Pick<Secrets, 'digest'>, ssn: string): string {
  return secrets.digest('social security number', ssn)
}
