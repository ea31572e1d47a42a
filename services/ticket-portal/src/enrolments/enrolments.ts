// Who may use the Ticket Portal, and for whom. People are enrolled by username, which is what Social Security asks them
// for; the first sign-in with that username binds the enrolment to its subject, and from then on the subject decides.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { type Employment, USERNAME } from '@gatehouse/contracts/enrolments'
import type { Kysely } from 'kysely'

/** Others are no usernames, and their lower case might be somebody else's. */
const USERNAME_FORM = new RegExp(USERNAME)

export interface Enrolment extends Employment {
  id: string
  /** In lower case. */
  username: string
  enrolledAt: number
  subject: string | null
  boundAt: number | null
  removedAt: number | null
}

export interface EnrolmentTable {
  enrolments: Enrolment
}

/** How an enrolment takes a sign-in: bound to it just now, or before, or to somebody else; or there is none. */
export type Admission = { kind: 'bound' | 'known' | 'another-subject'; id: string } | { kind: 'not-enrolled' }

export interface Enrolments {
  /** Enrols a username. One that is enrolled keeps what it is bound to, and gets the new employment. */
  enrol(username: string, employment: Employment): Promise<{ isNew: boolean; enrolment: Enrolment }>
  /** Enrols a username under an id of the caller's, once: never again after it was removed. */
  enrolOnce(id: string, username: string, employment: Employment): Promise<void>
  /** By username, those behind `after`. */
  list(atMost: number, after?: string): Promise<Enrolment[]>
  find(username: string): Promise<Enrolment | undefined>
  /** The id of what was removed. */
  remove(username: string): Promise<string | undefined>
  /** Takes a sign-in with extra security to the enrolment of its username. Of several subjects, one is bound. */
  admit(username: string | undefined, subject: string): Promise<Admission>
  /** The enrolment that stands now for this person. */
  of(username: string | undefined, subject: string): Promise<Enrolment | undefined>
}

export function sqlEnrolments(database: Kysely<EnrolmentTable>): Enrolments {
  const live = () => database.selectFrom('enrolments').selectAll().where('removedAt', 'is', null)
  const newRow = (id: string, username: string, { organization, kind }: Employment): Enrolment => ({
    id,
    username: username.toLowerCase(),
    organization,
    kind,
    enrolledAt: now(),
    subject: null,
    boundAt: null,
    removedAt: null,
  })

  async function find(username: string | undefined): Promise<Enrolment | undefined> {
    if (username === undefined || !USERNAME_FORM.test(username)) return undefined
    return live().where('username', '=', username.toLowerCase()).executeTakeFirst()
  }

  return {
    async enrol(username, employment) {
      const row = newRow(randomUUID(), username, employment)
      const { organization, kind } = row
      const enrolment = await database
        .insertInto('enrolments')
        .values(row)
        .onConflict((conflict) =>
          conflict.column('username').where('removedAt', 'is', null).doUpdateSet({ organization, kind }),
        )
        .returningAll()
        .executeTakeFirstOrThrow()
      return { isNew: enrolment.id === row.id, enrolment }
    },
    async enrolOnce(id, username, employment) {
      await database
        .insertInto('enrolments')
        .values(newRow(id, username, employment))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    list: (atMost, after) =>
      live()
        .$if(after !== undefined, (query) => query.where('username', '>', after ?? ''))
        .orderBy('username')
        .limit(atMost)
        .execute(),
    find,
    async remove(username) {
      const row = await database
        .updateTable('enrolments')
        .set({ removedAt: now() })
        .where('username', '=', username.toLowerCase())
        .where('removedAt', 'is', null)
        .returning('id')
        .executeTakeFirst()
      return row?.id
    },
    async admit(username, subject) {
      const found = await find(username)
      if (!found) return { kind: 'not-enrolled' }
      const { id } = found
      const bound = await database
        .updateTable('enrolments')
        .set({ subject, boundAt: now() })
        .where('id', '=', id)
        .where('subject', 'is', null)
        .where('removedAt', 'is', null)
        .returning('id')
        .executeTakeFirst()
      if (bound) return { kind: 'bound', id }
      const standing = await find(username)
      if (standing?.id !== id) return { kind: 'not-enrolled' }
      return { kind: standing.subject === subject ? 'known' : 'another-subject', id }
    },
    async of(username, subject) {
      const found = await find(username)
      return found?.subject === subject ? found : undefined
    },
  }
}
