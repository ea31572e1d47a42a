// Who may use the console. People are made administrators by e-mail address; the first sign-in with that address and a
// factor that cannot be phished binds the entry to its subject, and from then on the subject decides.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Kysely } from 'kysely'
import type { Role } from '../access/roles.ts'

interface Row {
  id: string
  /** In lower case. */
  email: string
  name: string | null
  /** A JSON array. */
  roles: string
  addedAt: number
  subject: string | null
  boundAt: number | null
  removedAt: number | null
}

export interface AdministratorTable {
  administrators: Row
}

export interface Administrator extends Omit<Row, 'roles'> {
  roles: Role[]
}

export interface Standing {
  roles: Role[]
  name?: string
}

/** How an entry takes a sign-in: bound to it just now, or before, or to somebody else; or there is none. */
export type Admission =
  | { kind: 'bound' | 'known' | 'another-subject'; id: string }
  | { kind: 'not-administrator' }

export interface Administrators {
  /** Adds an administrator, or changes roles and name of one; `before` is the entry as it was. */
  put(email: string, standing: Standing): Promise<{ before: Administrator | undefined; after: Administrator }>
  /** Adds one under an id of the caller's, once: never again after a removal. */
  addOnce(id: string, email: string, standing: Standing): Promise<void>
  /** Those who are administrators now, by e-mail address. */
  all(): Promise<Administrator[]>
  find(email: string): Promise<Administrator | undefined>
  /** Also who was removed: the audit trail names them. */
  named(ids: readonly string[]): Promise<Administrator[]>
  remove(email: string): Promise<Administrator | undefined>
  /** Takes a phishing-resistant sign-in to the entry of its address. Of several subjects, one is bound. */
  admit(email: string | undefined, subject: string): Promise<Admission>
  /** The entry that is bound to a subject. */
  of(subject: string): Promise<Administrator | undefined>
  byId(id: string): Promise<Administrator | undefined>
}

export function sqlAdministrators(database: Kysely<AdministratorTable>): Administrators {
  const live = () => database.selectFrom('administrators').selectAll().where('removedAt', 'is', null)
  const newRow = (id: string, email: string, { roles, name }: Standing): Row => ({
    id,
    email: email.toLowerCase(),
    name: name ?? null,
    roles: JSON.stringify([...new Set(roles)]),
    addedAt: now(),
    subject: null,
    boundAt: null,
    removedAt: null,
  })

  async function find(email: string): Promise<Administrator | undefined> {
    return read(await live().where('email', '=', email.toLowerCase()).executeTakeFirst())
  }
  async function of(subject: string): Promise<Administrator | undefined> {
    return read(await live().where('subject', '=', subject).executeTakeFirst())
  }

  return {
    find,
    of,
    async put(email, standing) {
      const before = await find(email)
      const row = newRow(randomUUID(), email, standing)
      const { roles } = row
      const name = standing.name ?? before?.name ?? null
      const after = await database
        .insertInto('administrators')
        .values(row)
        .onConflict((conflict) =>
          conflict.column('email').where('removedAt', 'is', null).doUpdateSet({ roles, name }),
        )
        .returningAll()
        .executeTakeFirstOrThrow()
      return { before, after: read(after) }
    },
    async addOnce(id, email, standing) {
      await database
        .insertInto('administrators')
        .values(newRow(id, email, standing))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    all: async () => (await live().orderBy('email').execute()).map((row) => read(row)),
    async named(ids) {
      if (ids.length === 0) return []
      const rows = await database
        .selectFrom('administrators')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute()
      return rows.map((row) => read(row))
    },
    async remove(email) {
      const row = await database
        .updateTable('administrators')
        .set({ removedAt: now() })
        .where('email', '=', email.toLowerCase())
        .where('removedAt', 'is', null)
        .returningAll()
        .executeTakeFirst()
      return read(row)
    },
    async admit(email, subject) {
      const known = await of(subject)
      if (known) return { kind: 'known', id: known.id }
      const found = email === undefined ? undefined : await find(email)
      if (!found) return { kind: 'not-administrator' }
      const bound = await database
        .updateTable('administrators')
        .set({ subject, boundAt: now() })
        .where('id', '=', found.id)
        .where('subject', 'is', null)
        .where('removedAt', 'is', null)
        .returning('id')
        .executeTakeFirst()
      if (bound) return { kind: 'bound', id: found.id }
      // Somebody was first: perhaps this very subject, in another window.
      const standing = await of(subject)
      return standing ? { kind: 'known', id: standing.id } : { kind: 'another-subject', id: found.id }
    },
    async byId(id) {
      return read(await live().where('id', '=', id).executeTakeFirst())
    },
  }
}

function read(row: Row): Administrator
function read(row: Row | undefined): Administrator | undefined
function read(row: Row | undefined): Administrator | undefined {
  return row && { ...row, roles: JSON.parse(row.roles) as Role[] }
}
