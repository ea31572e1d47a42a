import type { Account } from './accounts.ts'
import type { SignIn } from './sign-ins.ts'

export interface AccountTables {
  accounts: Account & {
    createdAt: number
    /** What the person is searched by. */
    searchGiven: string
    searchFamily: string
    searchEmail: string
  }
  credentials: {
    idp: string
    subject: string
    accountId: string
    acr: string | null
    amr: string
    lastUsedAt: number
    ssnDigest: string | null
    birthDateDigest: string | null
    personDigest: string | null
    /** When the provider last asserted a proofed identity for it. */
    proofedAt: number | null
  }
  matchTurns: { digest: string; takenAt: number }
  signIns: Omit<SignIn, 'amr'> & {
    amr: string
    attestationId: string
    sessionUid: string | null
    /** What the browser called itself. */
    device: string | null
  }
  grantFacts: {
    grantId: string
    signInId: string
    clientId: string | null
    bsoUserId: string | null
    ein: string | null
    bsoServices: string
    grantedAt: number | null
  }
}
