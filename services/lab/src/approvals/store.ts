import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Kysely, Selectable } from 'kysely'
import { type CounterTables, keepNewest, nextNumber } from '../sequence.ts'
import type { Approval, Decision, NewApproval } from './approvals.ts'

/** How many questions are kept on all phones together; the oldest go first. */
const KEPT = 10_000

export interface ApprovalStore {
  /** Resolves once the question is stored. */
  add(approval: NewApproval): Promise<Approval>
  find(id: string): Promise<Approval | undefined>
  /** Keeps the answer if there is none yet, the question has not expired, and it was asked on this phone. */
  decide(id: string, phoneNumber: string, decision: Decision): Promise<Approval | undefined>
  /** What was asked on a phone after `cursor`, oldest first. */
  after(phoneNumber: string, cursor: number, limit: number): Promise<Approval[]>
  /** The newest of one phone, or of all; newest first. */
  newest(limit: number, phoneNumber?: string): Promise<Approval[]>
}

interface ApprovalTable {
  id: string
  sequence: number
  phoneNumber: string
  sender: string
  question: string
  decision: string | null
  askedAt: number
  expiresAt: number
}

interface Tables extends CounterTables {
  approvals: ApprovalTable
}

function toApproval({ sender, decision, ...row }: Selectable<ApprovalTable>): Approval {
  const open = row.expiresAt > now() ? 'pending' : 'expired'
  const state = decision === null ? open : decision === 'approve' ? 'approved' : 'denied'
  return { ...row, from: sender, state }
}

/** @param kept how many questions stay; the oldest go, a hundred at a time */
export function sqlApprovalStore(anyDatabase: Kysely<never> | Kysely<unknown>, kept = KEPT): ApprovalStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  const tidy = keepNewest(database, 'approvals', kept)
  return {
    async add({ phoneNumber, from, question, expiresAt }) {
      const row = await database.transaction().execute(async (transaction) =>
        transaction
          .insertInto('approvals')
          .values({
            id: randomUUID(),
            sequence: await nextNumber(transaction),
            phoneNumber,
            sender: from,
            question,
            decision: null,
            askedAt: now(),
            expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
      )
      await tidy()
      return toApproval(row)
    },
    async find(id) {
      const row = await database.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toApproval(row)
    },
    async decide(id, phoneNumber, decision) {
      const row = await database
        .updateTable('approvals')
        .set({ decision })
        .where('id', '=', id)
        .where('phoneNumber', '=', phoneNumber)
        .where('decision', 'is', null)
        .where('expiresAt', '>', now())
        .returningAll()
        .executeTakeFirst()
      return row && toApproval(row)
    },
    async after(phoneNumber, cursor, limit) {
      const rows = await database
        .selectFrom('approvals')
        .selectAll()
        .where('phoneNumber', '=', phoneNumber)
        .where('sequence', '>', cursor)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(toApproval)
    },
    async newest(limit, phoneNumber) {
      let query = database.selectFrom('approvals').selectAll().orderBy('sequence', 'desc').limit(limit)
      if (phoneNumber !== undefined) query = query.where('phoneNumber', '=', phoneNumber)
      return (await query.execute()).map(toApproval)
    },
  }
}
