// What happened, for later questions of who did it, when, why and from where. This records; `trail.ts` reads and checks.

import { now } from '@gatehouse/clock/clock'
import type { Kysely, Transaction } from 'kysely'
import { type AuditTables, append, type Recorded } from './chain.ts'
import { type Facts, guardedFacts, guardedIdentifier, guardedSubject, guardedText } from './withholding.ts'

/** One thing that happened. Codes, tokens, SSNs and phone numbers are left out wherever they can be told. */
export interface AuditEvent {
  /** A dotted name, past tense: `terms.attested`, `sign-in.completed`, `verification.refused`. */
  event: string
  outcome: 'success' | 'refusal'
  /** Who acted: an account, a service, or a client. Never a name, number or address of a person. */
  actor?: string | undefined
  /** What it was done to, by its id. */
  subject?: string | undefined
  /** Further facts. Never a code, token, password, SSN or phone number. */
  details?: Facts | undefined
  /** Why, in the words of who did it. */
  reason?: string | undefined
  /** The network address from where. */
  from?: string | undefined
  /** What was changed, as it was and as it is: a few members each, not whole records. */
  before?: Facts | undefined
  after?: Facts | undefined
  requestId?: string | undefined
}

export interface Audit {
  /** Appends an event; resolves once it is stored. */
  record(event: AuditEvent): Promise<void>
  /**
   * Appends an event within the caller's transaction: what was done and that it was done are one commit, or none. Comes
   * last there: from here to the commit everybody else who records waits. If it rejects, so must the transaction.
   *
   * @param transaction on the service's own database
   */
  recordIn<Tables>(transaction: Transaction<Tables>, event: AuditEvent): Promise<void>
}

/** Entries that are appended in one transaction. */
const AT_ONCE = 50

/**
 * The audit trail in the service's own database: entries are only ever added, one after the other. Those that come while
 * others are being written are written together, or a burst would queue for one commit each.
 *
 * @param key of `auditKey`
 */
export function sqlAudit(anyDatabase: Kysely<never> | Kysely<unknown>, key: Buffer): Audit {
  const database = anyDatabase as unknown as Kysely<AuditTables>
  const waiting: { entry: Recorded; stored: () => void; failed: (error: unknown) => void }[] = []
  let isWriting = false

  async function write(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, AT_ONCE)
      const entries = batch.map(({ entry }) => entry)
      try {
        await database.transaction().execute((transaction) => append(transaction, key, entries))
        for (const { stored } of batch) stored()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    isWriting = false
  }

  return {
    record: (event) =>
      new Promise((stored, failed) => {
        waiting.push({ entry: recorded(event), stored, failed })
        if (!isWriting) void write()
      }),
    recordIn: (transaction, event) =>
      append(transaction as unknown as Transaction<AuditTables>, key, [recorded(event)]),
  }
}

function recorded(event: AuditEvent): Recorded {
  const { actor, subject, details, reason, from, before, after, requestId } = event
  return {
    occurredAt: now(),
    event: event.event,
    outcome: event.outcome,
    actor: actor === undefined ? null : guardedIdentifier(actor),
    subject: subject === undefined ? null : guardedSubject(subject),
    details: guardedFacts(details ?? {}),
    reason: reason === undefined ? null : guardedText(reason),
    fromAddress: from === undefined ? null : guardedIdentifier(from),
    stateBefore: before === undefined ? null : guardedFacts(before),
    stateAfter: after === undefined ? null : guardedFacts(after),
    requestId: requestId ?? null,
  }
}
