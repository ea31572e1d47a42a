// Takes security events that relying services report, and does what they ask for.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { RememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type { Connections } from '../openid-connect/connections.ts'
import { AUTHORIZATION_FRAUD_DETECTED } from './event-types.ts'
import type { ReceivedEvents } from './received-events.ts'
import { type CheckedEvent, DUPLICATE, type SecurityEventRules } from './security-event-rules.ts'

export interface ReceiptParts {
  rules: SecurityEventRules
  received: ReceivedEvents
  accounts: Accounts
  sessions: Sessions
  rememberedBrowsers: Pick<RememberedBrowsers, 'forget'>
  connections: Connections
  audit: Audit
}

/** @returns what takes one token: when it resolves, what the event asks for is done, or the answer says why not */
export function createReceipt(parts: ReceiptParts) {
  const { rules, received, accounts, sessions, rememberedBrowsers, connections, audit } = parts

  return async function receive(token: string, requestId: string): Promise<CheckedEvent> {
    const checked = await rules.check(token)
    if (!checked.isValid) return checked
    const { jti, clientId, accountId, eventType } = checked.event
    // Before the event is noted: had we been killed in between, the client's next attempt would count as a repeated one.
    if (eventType === AUTHORIZATION_FRAUD_DETECTED) {
      await accounts.requirePasswordReset(accountId)
      await rememberedBrowsers.forget(accountId)
      await sessions.endAll(accountId, 'password_reset_required')
      await connections.voidTokens(accountId)
    }
    const isNew = await received.add({ ...checked.event, receivedAt: now() })
    if (!isNew) return { isValid: false, err: 'dup', description: DUPLICATE }
    await audit.record({
      event: 'security-event.received',
      outcome: 'success',
      actor: clientId,
      subject: accountId,
      details: { type: eventType, jti },
      requestId,
    })
    return checked
  }
}
