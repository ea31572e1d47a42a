// Rules of revocation in the database: the truth about them. A rule that is committed has the next number, and every rule
// before it is committed too.

import { now } from '@gatehouse/clock/clock'
import { LONGEST_TOKEN_SECONDS, type RevocationRule, type StoredUpTo } from '@gatehouse/contracts/revocations'
import type { Kysely, Selectable } from 'kysely'
import type { RevocationStreamTables } from './tables.ts'

/** Longer than any token that a rule could match lives, by a minute for clocks that differ. */
const KEPT_MS = LONGEST_TOKEN_SECONDS * 1_000 + 60_000

export interface NewRule {
  /** Of one revocation at most one rule is made, however often it is asked for. */
  revocationId: string
  matches: RevocationRule['matches']
}

export interface RuleStore {
  /**
   * Stores a rule with the next number, and with the instant at which nobody else could add one any more, no earlier than
   * any that was noted. When it returns, the rule is committed. A revocation that has a rule already gets that one.
   */
  add(rule: NewRule): Promise<{ epoch: string; rule: RevocationRule }>
  /** The newest number, as it is committed at some moment between call and answer. */
  newest(): Promise<StoredUpTo>
  /** Rules after `sequence` in their order, up to `limit` of them; those that match nothing any more may be missing. */
  after(sequence: number, limit: number): Promise<RevocationRule[]>
  /** The same without the rules that match nothing any more. */
  liveAfter(sequence: number, limit: number): Promise<RevocationRule[]>
  /** Begins another history, unless somebody did since `epoch`. */
  replaceEpoch(epoch: string, by: string): Promise<void>
  /** Deletes rules that match nothing any more. Numbers go on. */
  tidy(): Promise<void>
}

class HasRule extends Error {}

function fromRow(row: Selectable<RevocationStreamTables['revocationRules']>): RevocationRule {
  return { ...row, matches: JSON.parse(row.matches) }
}

export function createRuleStore(database: Kysely<RevocationStreamTables>): RuleStore {
  async function find(revocationId: string) {
    const row = await database
      .selectFrom('revocationRules')
      .selectAll()
      .where('revocationId', '=', revocationId)
      .executeTakeFirst()
    const { epoch } = await newest()
    return row && { epoch, rule: fromRow(row) }
  }

  async function newest() {
    return database.selectFrom('revocationHead').select(['epoch', 'sequence']).executeTakeFirstOrThrow()
  }

  return {
    newest,
    async add({ revocationId, matches }) {
      try {
        return await database.transaction().execute(async (transaction) => {
          // First of all: it holds the row until the commit, and so everybody who comes after.
          const head = await transaction
            .updateTable('revocationHead')
            .set((row) => ({ sequence: row('sequence', '+', 1) }))
            .returningAll()
            .executeTakeFirstOrThrow()
          // Clocks of two processes may differ; the order of rules, and of them and what they end, must not.
          const instant = Math.max(now(), head.instant, head.noted)
          const stored = await transaction
            .insertInto('revocationRules')
            .values({ sequence: head.sequence, revocationId, instant, matches: JSON.stringify(matches) })
            .onConflict((conflict) => conflict.column('revocationId').doNothing())
            .returning('sequence')
            .executeTakeFirst()
          // Takes back the number, too: a number without a rule would look like a rule that is missing.
          if (!stored) throw new HasRule()
          await transaction.updateTable('revocationHead').set({ instant }).execute()
          return { epoch: head.epoch, rule: { sequence: head.sequence, revocationId, instant, matches } }
        })
      } catch (error) {
        const found = error instanceof HasRule ? await find(revocationId) : undefined
        if (found) return found
        throw error
      }
    },
    async after(sequence, limit) {
      const rows = await database
        .selectFrom('revocationRules')
        .selectAll()
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    async liveAfter(sequence, limit) {
      const rows = await database
        .selectFrom('revocationRules')
        .selectAll()
        .where('sequence', '>', sequence)
        .where('instant', '>', now() - KEPT_MS)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    async replaceEpoch(epoch, by) {
      await database.updateTable('revocationHead').set({ epoch: by }).where('epoch', '=', epoch).execute()
    },
    async tidy() {
      await database
        .deleteFrom('revocationRules')
        .where('instant', '<=', now() - KEPT_MS)
        .execute()
    },
  }
}
