// Wrong tries and lock-outs. A try is counted before the code is looked at, in one statement, so that any number of
// tries at once cannot look at more codes than the policy allows; being right takes the count away again.

import { type Kysely, sql } from 'kysely'
import type { Policy } from '../policies.ts'
import type { Tables } from '../tables.ts'

/** Whose tries count together at a caller. */
export interface Subject {
  caller: string
  subject: string
}

/**
 * A challenge that nobody knows has a count of its own: without one its answers would tell it apart from real ones.
 */
export function subjectOf(caller: string, challengeId: string, owner: string | undefined): Subject {
  return owner === undefined ? { caller, subject: `challenge ${challengeId}` } : ownerSubject(caller, owner)
}

export function ownerSubject(caller: string, owner: string): Subject {
  return { caller, subject: `owner ${owner}` }
}

export interface LockOutStore {
  /**
   * Counts a try. The try that reaches the limit locks out at once; once a lock-out has ended the count begins anew.
   *
   * @returns how many tries count now, or until when the subject is locked out: then no code may be looked at
   */
  countTry(subject: Subject, limit: Pick<Policy, 'wrongTries' | 'lockOutMs'>, at: number): Promise<Counted>
  /** Locks the subject out until `until`, or longer where it already was. */
  lock(subject: Subject, until: number, at: number): Promise<void>
  /** The end of the present lock-out, if there is one. */
  lockedUntil(subject: Subject, at: number): Promise<number | undefined>
  /** What counts at `at`, without counting. A lock-out that is over has taken its tries with it. */
  find(subject: Subject, at: number): Promise<Count>
  /**
   * Takes the tries and any lock-out away, in one statement.
   *
   * @returns what counted at `at`; undefined when there was nothing
   */
  forget(subject: Subject, at: number): Promise<Count | undefined>
  /** Forgets unknown challenges that were tried before `before`. Counts of owners stay. */
  tidy(before: number): Promise<void>
}

/** `lockedUntil` is 0 while not locked out. */
export interface Count {
  tries: number
  lockedUntil: number
}
export type Counted = ({ locked: false } & Count) | { locked: true; until: number }

const NOTHING: Count = { tries: 0, lockedUntil: 0 }

/** A row as it counts at `at`. */
function countOf(row: Count | undefined, at: number): Count {
  return row && (row.lockedUntil === 0 || row.lockedUntil > at) ? row : NOTHING
}

export function sqlLockOutStore(anyDatabase: Kysely<never> | Kysely<unknown>): LockOutStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  async function lockedUntil({ caller, subject }: Subject, at: number) {
    const row = await database
      .selectFrom('wrongTries')
      .select('lockedUntil')
      .where('caller', '=', caller)
      .where('subject', '=', subject)
      .where('lockedUntil', '>', at)
      .executeTakeFirst()
    return row?.lockedUntil
  }

  return {
    lockedUntil,
    async countTry({ caller, subject }, { wrongTries, lockOutMs }, at) {
      const until = sql<number>`cast(${at + lockOutMs} as bigint)`
      // A lock-out that is over takes its tries with it.
      const tries = sql<number>`case when wrong_tries.locked_until > 0 then 1 else wrong_tries.tries + 1 end`
      const limit = sql<number>`cast(${wrongTries} as integer)`
      const row = await database
        .insertInto('wrongTries')
        .values({ caller, subject, tries: 1, lockedUntil: wrongTries <= 1 ? at + lockOutMs : 0, triedAt: at })
        .onConflict((conflict) =>
          conflict
            .columns(['caller', 'subject'])
            .doUpdateSet({
              tries,
              lockedUntil: sql<number>`case when (${tries}) >= ${limit} then ${until} else 0 end`,
              triedAt: at,
            })
            .where('wrongTries.lockedUntil', '<=', at),
        )
        .returning(['tries', 'lockedUntil'])
        .executeTakeFirst()
      if (row) return { locked: false, ...row }
      // Locked when we counted; if that has just ended, the person may try again at once, but not with this try.
      return { locked: true, until: (await lockedUntil({ caller, subject }, at)) ?? at }
    },
    async lock({ caller, subject }, until, at) {
      await database
        .insertInto('wrongTries')
        .values({ caller, subject, tries: 0, lockedUntil: until, triedAt: at })
        .onConflict((conflict) =>
          conflict
            .columns(['caller', 'subject'])
            .doUpdateSet({ lockedUntil: until })
            .where('wrongTries.lockedUntil', '<', until),
        )
        .execute()
    },
    async find({ caller, subject }, at) {
      const row = await database
        .selectFrom('wrongTries')
        .select(['tries', 'lockedUntil'])
        .where('caller', '=', caller)
        .where('subject', '=', subject)
        .executeTakeFirst()
      return countOf(row, at)
    },
    async forget({ caller, subject }, at) {
      const row = await database
        .deleteFrom('wrongTries')
        .where('caller', '=', caller)
        .where('subject', '=', subject)
        .returning(['tries', 'lockedUntil'])
        .executeTakeFirst()
      return row && countOf(row, at)
    },
    async tidy(before) {
      await database
        .deleteFrom('wrongTries')
        .where('subject', 'like', 'challenge %')
        .where('triedAt', '<', before)
        .execute()
    },
  }
}
