// What is told to receivers, by the names and members that CAEP 1.0 and RISC 1.0 give it. The sentences are fixed: what an
// administrator wrote may hold personal data and stays here.

import type { RevocationKind } from '@gatehouse/contracts/revocations'

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/'

export const SESSION_REVOKED = `${CAEP}session-revoked`
export const TOKEN_CLAIMS_CHANGE = `${CAEP}token-claims-change`
export const CREDENTIAL_CHANGE = `${CAEP}credential-change`
export const ACCOUNT_DISABLED = `${RISC}account-disabled`
export const ACCOUNT_ENABLED = `${RISC}account-enabled`
export const ACCOUNT_PURGED = `${RISC}account-purged`
/** Of the stream itself; never asked for (SSF 1.0 §8.1.4.2). */
export const VERIFICATION = `${SSF}verification`

export const EVENTS_SUPPORTED: readonly string[] = [
  SESSION_REVOKED,
  TOKEN_CLAIMS_CHANGE,
  CREDENTIAL_CHANGE,
  ACCOUNT_DISABLED,
  ACCOUNT_ENABLED,
  ACCOUNT_PURGED,
]

/** Who set it off (CAEP 1.0 §2): an administrator, or what an identity provider reported. */
type InitiatingEntity = 'admin' | 'system'

/** What happened, to whomever a security event is about. */
export interface Happening {
  kind: RevocationKind
  initiatingEntity: InitiatingEntity
  /** Milliseconds. */
  at: number
}

const ADMIN_REASONS: Record<RevocationKind, string> = {
  session: 'The session was revoked',
  account: 'All access of the account was revoked',
  credential: 'All access by a credential of the account was revoked',
  bso_user_id: 'The BSO User ID was revoked',
  ein: 'All access for the company was revoked',
  client: 'All access of the relying service was revoked',
  provider: 'All access by way of an identity provider was revoked',
  everything: 'All access was revoked',
}
const USER_REASON = 'Your session was ended. You may have to sign in again'

/** The members that CAEP events share. `event_timestamp` counts seconds. */
function aboutChange({ kind, initiatingEntity, at }: Happening) {
  return {
    event_timestamp: Math.floor(at / 1000),
    initiating_entity: initiatingEntity,
    reason_admin: { en: ADMIN_REASONS[kind] },
    reason_user: { en: USER_REASON },
  }
}

export const sessionRevoked = (happening: Happening) => aboutChange(happening)

/** The person is the same, and no longer acts for that company there. */
export const tokenClaimsChange = (happening: Happening) => ({
  claims: { bso_user_id: null, ein: null },
  ...aboutChange(happening),
})

/** @param provider the `idp`: to a relying service the account there is one credential */
export const credentialChange = (happening: Happening, provider: string) => ({
  // CAEP 1.0 §3.3.1 leaves further types to who agree on them: this one is ours.
  credential_type: 'federated-account',
  change_type: 'revoke',
  friendly_name: provider,
  ...aboutChange(happening),
})
