// Reads the audit trail, and checks that it is what was recorded.

import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'
import type {
  AuditEntry,
  AuditFilter,
  AuditHead,
  AuditVerification,
  BrokenEntry,
} from '@gatehouse/contracts/audit'
import { type Kysely, sql } from 'kysely'
import { type AuditTables, type ChainedEntry, hashOf, NO_ENTRY } from './chain.ts'

export interface AuditTrail {
  /** The newest entries that pass the filter, newest first, before the entry with the sequence `before`. */
  list(filter: AuditFilter, atMost: number, before?: number): Promise<AuditEntry[]>
  head(): Promise<AuditHead>
  /**
   * Walks the chain from its beginning or from behind `after`, to its end or to the first entry that is broken.
   *
   * @param options.remembered a head that was noted elsewhere: the chain must still hold it
   * @param options.atMost ends after about so many entries; `next` then says where to go on
   */
  verify(options?: {
    after?: number
    remembered?: AuditHead | undefined
    atMost?: number
  }): Promise<AuditVerification & { next?: number }>
}

const AT_ONCE = 500

/** @param key of `auditKey` */
export function sqlAuditTrail(anyDatabase: Kysely<never> | Kysely<unknown>, key: Buffer): AuditTrail {
  const database = anyDatabase as unknown as Kysely<AuditTables>

  async function head(): Promise<AuditHead> {
    const row = await database
      .selectFrom('auditHead')
      .select(['sequence', 'hash'])
      .where('id', '=', 1)
      .executeTakeFirst()
    return row ?? NO_ENTRY
  }

  const entryAt = (sequence: number) =>
    database.selectFrom('auditEvents').selectAll().where('sequence', '=', sequence).executeTakeFirst()

  /** SQLite takes rows without a number, which no walk by number meets. */
  async function hasUnnumbered(): Promise<boolean> {
    const found = await database
      .selectFrom('auditEvents')
      .select('hash')
      .where(sql.ref('sequence'), 'is', null)
      .limit(1)
      .executeTakeFirst()
    return found !== undefined
  }

  /** What the entry behind `after` follows. The beginning is known; of anything else its own hash is. */
  async function startingPoint(after: number): Promise<AuditHead | BrokenEntry> {
    if (after === 0) return NO_ENTRY
    const entry = await entryAt(after)
    if (!entry) return { sequence: after, problem: 'missing' }
    return entry.hash === hashOf(key, entry) ? entry : { sequence: after, problem: 'changed' }
  }

  function problemOf(entry: ChainedEntry, former: AuditHead): BrokenEntry | undefined {
    const expected = former.sequence + 1
    if (entry.sequence > expected) return { sequence: expected, problem: 'missing' }
    const { sequence } = entry
    if (entry.hash !== hashOf(key, entry)) return { sequence, problem: 'changed' }
    return entry.previousHash === former.hash ? undefined : { sequence, problem: 'misplaced' }
  }

  /** Compares the end of the entries with what the head says, and with a head from elsewhere. */
  async function problemAtTheEnd(
    last: AuditHead,
    remembered: AuditHead | undefined,
  ): Promise<BrokenEntry | undefined> {
    // Entries and head are committed together, so a head that is read later never says less than they.
    const known = await head()
    if (known.sequence < last.sequence) return { sequence: known.sequence + 1, problem: 'unexpected' }
    for (const at of [known, ...(remembered ? [remembered] : [])]) {
      if (at.sequence === 0) continue
      const entry = at.sequence === last.sequence ? last : await entryAt(at.sequence)
      if (!entry) return { sequence: Math.min(last.sequence + 1, at.sequence), problem: 'missing' }
      if (entry.hash !== at.hash) return { sequence: at.sequence, problem: 'changed' }
    }
    return undefined
  }

  return {
    head,

    async list(filter, atMost, before) {
      const rows = await filtered(database, filter)
        .$if(before !== undefined, (query) => query.where('sequence', '<', before ?? 0))
        .orderBy('sequence', 'desc')
        .limit(atMost)
        .execute()
      return rows.map(view)
    },

    async verify({ after = 0, remembered, atMost = Number.POSITIVE_INFINITY } = {}) {
      if (after === 0 && (await hasUnnumbered())) {
        return { entries: 0, intact: false, firstBroken: { sequence: 0, problem: 'unexpected' } }
      }
      let former = await startingPoint(after)
      if ('problem' in former) return { entries: 0, intact: false, firstBroken: former }
      // Nothing has a sequence below 1, also where somebody put it.
      let from = after === 0 ? Number.MIN_SAFE_INTEGER : after
      let entries = 0
      for (;;) {
        const page = await database
          .selectFrom('auditEvents')
          .selectAll()
          .where('sequence', '>', from)
          .orderBy('sequence')
          .limit(AT_ONCE)
          .execute()
        for (const entry of page) {
          const firstBroken = problemOf(entry, former)
          if (firstBroken) return { entries, intact: false, firstBroken }
          former = { sequence: entry.sequence, hash: entry.hash }
          entries += 1
        }
        if (page.length < AT_ONCE) break
        // SQLite answers without ever letting go: a long walk must not hold up what else the service does.
        await othersHadTheirTurn()
        from = former.sequence
        if (entries >= atMost) return { entries, intact: true, next: from }
      }
      const firstBroken = await problemAtTheEnd(former, remembered)
      return firstBroken ? { entries, intact: false, firstBroken } : { entries, intact: true }
    },
  }
}

function filtered(database: Kysely<AuditTables>, filter: AuditFilter) {
  const { event, actor, subject, outcome, since, until, text } = filter
  let query = database.selectFrom('auditEvents').selectAll()
  if (event?.endsWith('*')) query = query.where(contains('event', `${literal(event.slice(0, -1))}%`))
  else if (event !== undefined) query = query.where('event', '=', event)
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (outcome !== undefined) query = query.where('outcome', '=', outcome)
  if (since !== undefined) query = query.where('occurredAt', '>=', since)
  if (until !== undefined) query = query.where('occurredAt', '<', until)
  if (text !== undefined) {
    const pattern = `%${literal(text)}%`
    query = query.where((where) =>
      where.or([where('requestId', '=', text), ...SEARCHED.map((column) => contains(column, pattern))]),
    )
  }
  return query
}

const SEARCHED = ['event', 'actor', 'subject', 'details', 'reason', 'stateBefore', 'stateAfter'] as const

/** In the language of `like`, where `%`, `_` and the sign before them stand for themselves. */
function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** Case counts on neither engine; SQLite and the C locale know that of ASCII alone. */
function contains(column: (typeof SEARCHED)[number], pattern: string) {
  return sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`
}

function view(row: ChainedEntry): AuditEntry {
  const { sequence, occurredAt, event, actor, subject, reason, fromAddress, requestId, hash } = row
  return {
    sequence,
    occurredAt,
    event,
    outcome: row.outcome === 'success' ? 'success' : 'refusal',
    ...(actor === null ? {} : { actor }),
    ...(subject === null ? {} : { subject }),
    details: JSON.parse(row.details),
    ...(reason === null ? {} : { reason }),
    ...(fromAddress === null ? {} : { from: fromAddress }),
    ...(row.stateBefore === null ? {} : { before: JSON.parse(row.stateBefore) }),
    ...(row.stateAfter === null ? {} : { after: JSON.parse(row.stateAfter) }),
    ...(requestId === null ? {} : { requestId }),
    hash,
  }
}
