// Revocations that an identity provider sets off, told apart from those of administrators by who ordered them.

const PREFIX = 'provider:'

/** As `by` of a revocation. No administrator is named like that: theirs are subjects, without a colon. */
export const orderedByProvider = (idp: string) => `${PREFIX}${idp}`
export const isProvider = (by: string) => by.startsWith(PREFIX)

/** As `reason` of a revocation, and shown to administrators. */
export const PURGED = 'The identity provider deleted the account'
export const DISABLED = 'The identity provider disabled the account'
export const ENABLED = 'The identity provider enabled the account again'
export const SIGNED_OUT = 'The identity provider reported a change that calls for signing in again'
