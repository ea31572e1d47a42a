import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'

/** Subject identifiers: pairwise by agency, so clients of one agency see the same one (fact sheet 0). */
export interface Subjects {
  /** The subject of an account at an agency: a UUID, made on first need, the same ever after. */
  of(accountId: string, agencyId: string): Promise<string>
  /** The subject, if one was ever made. */
  known(accountId: string, agencyId: string): Promise<string | undefined>
  /** Whose subject this is. */
  find(subject: string, agencyId: string): Promise<string | undefined>
}

interface Tables {
  subjects: { accountId: string; agencyId: string; subject: string }
}

export function sqlSubjects(anyDatabase: Kysely<never> | Kysely<unknown>): Subjects {
  const database = anyDatabase as unknown as Kysely<Tables>
  const subjectOf = (accountId: string, agencyId: string) =>
    database
      .selectFrom('subjects')
      .select('subject')
      .where('accountId', '=', accountId)
      .where('agencyId', '=', agencyId)
  return {
    known: async (accountId, agencyId) => (await subjectOf(accountId, agencyId).executeTakeFirst())?.subject,
    async of(accountId, agencyId) {
      await database
        .insertInto('subjects')
        .values({ accountId, agencyId, subject: randomUUID() })
        .onConflict((conflict) => conflict.columns(['accountId', 'agencyId']).doNothing())
        .execute()
      return (await subjectOf(accountId, agencyId).executeTakeFirstOrThrow()).subject
    },
    async find(subject, agencyId) {
      const row = await database
        .selectFrom('subjects')
        .select('accountId')
        .where('subject', '=', subject)
        .where('agencyId', '=', agencyId)
        .executeTakeFirst()
      return row?.accountId
    },
  }
}
