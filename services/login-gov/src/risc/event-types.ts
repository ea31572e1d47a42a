// The ten security events that go out (fact sheet 7.1), and which of them something that happened to an account is.

import type { AccountEvent } from '@gatehouse/provider/accounts/account-events'

const OPENID = 'https://schemas.openid.net/secevent/risc/event-type/'
const LOGIN = 'https://schemas.login.gov/secevent/risc/event-type/'

export interface SecurityEvent {
  type: string
  /** Whom it is about: the person as the receiver knows them, or an address. */
  subject: 'iss-sub' | { email: string }
  /** What the event says beside its subject. */
  facts?: { reason: string }
}

const aboutPerson = (type: string, facts?: SecurityEvent['facts']): SecurityEvent => ({
  type,
  subject: 'iss-sub',
  ...(facts ? { facts } : {}),
})
const aboutEmail = (type: string, email: string): SecurityEvent => ({ type, subject: { email } })

const CHANGED_RECOVERY = aboutPerson(`${OPENID}recovery-information-changed`)

/** What the relying services are told of it, in this order. */
export function securityEventsOf(event: AccountEvent): SecurityEvent[] {
  switch (event.kind) {
    case 'suspended':
      return [aboutPerson(`${OPENID}account-disabled`, { reason: 'account-suspension' })]
    case 'reinstated':
      return [aboutPerson(`${OPENID}account-enabled`)]
    case 'purged':
      return [aboutPerson(`${OPENID}account-purged`)]
    case 'email-added':
      return [aboutEmail(`${OPENID}identifier-changed`, event.email), CHANGED_RECOVERY]
    case 'email-removed':
      return [
        aboutEmail(`${OPENID}identifier-changed`, event.email),
        aboutEmail(`${OPENID}identifier-recycled`, event.email),
        CHANGED_RECOVERY,
      ]
    case 'recovery-activated':
      return [aboutPerson(`${OPENID}recovery-activated`)]
    case 'recovery-information-changed':
      return [CHANGED_RECOVERY]
    case 'password-reset':
      return [aboutPerson(`${LOGIN}password-reset`)]
    case 'locked-out':
      return [aboutPerson(`${LOGIN}mfa-limit-account-locked`)]
    case 'reproofed':
      return [aboutPerson(`${LOGIN}reproof-completed`)]
  }
}

/** What relying services may report to us (fact sheet 7.2). */
export const AUTHORIZATION_FRAUD_DETECTED = `${LOGIN}authorization-fraud-detected`
export const INCOMING_TYPES: readonly string[] = [
  AUTHORIZATION_FRAUD_DETECTED,
  `${LOGIN}identity-fraud-detected`,
]
