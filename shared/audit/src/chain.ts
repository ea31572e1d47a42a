// The chain: each entry carries a keyed hash over itself and the hash of the entry before. Keyed, because whoever can
// write the table could otherwise compute the hashes anew after a change.

import { createHmac } from 'node:crypto'
import type { AuditHead } from '@gatehouse/contracts/audit'
import type { Secrets } from '@gatehouse/storage/secrets'
import { type Kysely, sql, type Transaction } from 'kysely'

/** An entry as it is recorded, before it has a place in the chain. */
export interface Recorded {
  occurredAt: number
  event: string
  outcome: string
  actor: string | null
  subject: string | null
  details: string
  reason: string | null
  fromAddress: string | null
  stateBefore: string | null
  stateAfter: string | null
  requestId: string | null
}

export interface ChainedEntry extends Recorded {
  sequence: number
  previousHash: string
  hash: string
}

export interface AuditTables {
  auditEvents: ChainedEntry
  /** One row: the newest entry. Who appends locks it first, so two never get one sequence. */
  auditHead: { id: number; sequence: number; hash: string }
}

/** What the first entry follows. */
export const NO_ENTRY: AuditHead = { sequence: 0, hash: '0'.repeat(64) }

/** The key of a service's chain. The service is part of it: entries of one never pass for another's. */
export function auditKey(secrets: Secrets, service: string): Buffer {
  return secrets.key(`audit chain of ${service}`)
}

/** The hash (hexadecimal) of an entry in its place. */
export function hashOf(key: Buffer, entry: Omit<ChainedEntry, 'hash'>): string {
  // A list, so that the order of fields is ours, in the form of JSON, so that none runs into the next.
  const content = JSON.stringify([
    entry.previousHash,
    entry.sequence,
    entry.occurredAt,
    entry.event,
    entry.outcome,
    entry.actor,
    entry.subject,
    entry.details,
    entry.reason,
    entry.fromAddress,
    entry.stateBefore,
    entry.stateAfter,
    entry.requestId,
  ])
  return createHmac('sha256', key).update(content).digest('hex')
}

/** The entries in their places behind `head`. */
export function chained(key: Buffer, head: AuditHead, entries: readonly Recorded[]): ChainedEntry[] {
  let { sequence, hash: previousHash } = head
  return entries.map((recorded) => {
    sequence += 1
    const entry = { ...recorded, sequence, previousHash }
    const hash = hashOf(key, entry)
    previousHash = hash
    return { ...entry, hash }
  })
}

/** Appends. The head is held from here to the end of the transaction, so whatever else that locks comes before. */
export async function append(
  transaction: Transaction<AuditTables>,
  key: Buffer,
  entries: readonly Recorded[],
): Promise<void> {
  // A write comes first: it waits for whoever else appends, and nothing that was read before can be older than the head.
  const { sequence, hash } = await transaction
    .updateTable('auditHead')
    .set((row) => ({ sequence: row('sequence', '+', entries.length) }))
    .where('id', '=', 1)
    .returning(['sequence', 'hash'])
    .executeTakeFirstOrThrow()
  const rows = chained(key, { sequence: sequence - entries.length, hash }, entries)
  await transaction.insertInto('auditEvents').values(rows).execute()
  await transaction
    .updateTable('auditHead')
    .set({ hash: rows.at(-1)?.hash ?? hash })
    .where('id', '=', 1)
    .execute()
}

/** Makes every change of a recorded entry an error, also for who uses the service's own connection. */
export async function refuseChanges(database: Kysely<unknown>, engine: 'sqlite' | 'postgres'): Promise<void> {
  if (engine === 'sqlite') {
    for (const change of ['update', 'delete']) {
      await sql`create trigger ${sql.ref(`audit_events_no_${change}`)} before ${sql.raw(change)} on audit_events
        begin select raise(abort, 'audit_events is append-only'); end`.execute(database)
    }
    return
  }
  await sql`create function audit_events_refuse_change() returns trigger language plpgsql as $$
    begin raise exception 'audit_events is append-only'; end $$`.execute(database)
  await sql`create trigger audit_events_append_only before update or delete or truncate on audit_events
    for each statement execute function audit_events_refuse_change()`.execute(database)
}
