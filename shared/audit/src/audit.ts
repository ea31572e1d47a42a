import { now } from '@gatehouse/clock/clock'
import type { Migrations } from '@gatehouse/storage/database'
import type { Kysely } from 'kysely'

/** One thing that happened, for later questions of who did what, when, and with what outcome. */
export interface AuditEvent {
  /** A dotted name, past tense: `terms.attested`, `sign-in.completed`, `verification.refused`. */
  event: string
  outcome: 'success' | 'refusal'
  /** Who acted: an account, a service, or a client. Never a name, number or address of a person. */
  actor?: string
  /** What it was done to. */
  subject?: string
  /** Further facts. Never a code, token, password, SSN or phone number. */
  details?: Record<string, string | number | boolean>
  requestId?: string
}

export interface Audit {
  /** Appends an event; resolves once it is stored. */
  record(event: AuditEvent): Promise<void>
}

interface AuditTable {
  auditEvents: {
    occurredAt: number
    event: string
    outcome: string
    actor: string | null
    subject: string | null
    details: string
    requestId: string | null
  }
}

export const auditMigrations: Migrations = {
  '0000_audit': {
    async up(database) {
      await database.schema
        .createTable('audit_events')
        .addColumn('occurred_at', 'bigint', (column) => column.notNull())
        .addColumn('event', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('actor', 'text')
        .addColumn('subject', 'text')
        .addColumn('details', 'text', (column) => column.notNull())
        .addColumn('request_id', 'text')
        .execute()
    },
  },
}

/** The audit trail in the service's own database: rows are only ever added. */
export function sqlAudit(anyDatabase: Kysely<never> | Kysely<unknown>): Audit {
  const database = anyDatabase as unknown as Kysely<AuditTable>
  return {
    async record({ event, outcome, actor, subject, details, requestId }) {
      await database
        .insertInto('auditEvents')
        .values({
          occurredAt: now(),
          event,
          outcome,
          actor: actor ?? null,
          subject: subject ?? null,
          details: JSON.stringify(details ?? {}),
          requestId: requestId ?? null,
        })
        .execute()
    },
  }
}
