import { randomUUID } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import type { Result } from './matching.ts'

/** One online request as it is kept. */
export interface Submission {
  ein: string
  bsoUserId: string
  /** The relying service through which it came. */
  clientId: string
  requestId: string
  /** Milliseconds. */
  at: number
  rows: { maskedSsn: string; result: Result }[]
}

/** What the submission enters against the limit of the misuse alert. */
export interface Entries {
  /** Times entered, by digest. */
  elements: ReadonlyMap<string, number>
  limit: number
  /** Entries at or before this instant no longer count. */
  since: number
}

export interface VerificationStore {
  /**
   * Keeps the submission and counts its entries, both or neither. Gives false, and keeps nothing, when that would
   * bring an element of this company and user above the limit; two concurrent calls never pass it together.
   */
  record(submission: Submission, entries: Entries): Promise<boolean>
  /** Forgets entries of anybody that were made at or before `since`. */
  forgetEntries(since: number): Promise<void>
}

interface Tables {
  /** Everything that was verified; later the ledger charges from it. */
  verifications: {
    submissionId: string
    row: number
    requestedAt: number
    ein: string
    bsoUserId: string
    clientId: string
    requestId: string
    maskedSsn: string
    result: string
  }
  /** One row for each company and user, which is what concurrent submissions wait for. */
  entrants: { ein: string; bsoUserId: string; lastEnteredAt: number }
  entries: { ein: string; bsoUserId: string; element: string; times: number; enteredAt: number }
}

export function sqlVerificationStore(anyDatabase: Kysely<never> | Kysely<unknown>): VerificationStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async record(submission, entries) {
      return database.transaction().execute(async (transaction) => {
        await waitForTurn(transaction, submission)
        if (await exceedsLimit(transaction, submission, entries)) return false
        await keepEntries(transaction, submission, entries)
        await keepVerifications(transaction, submission)
        return true
      })
    },
    async forgetEntries(since) {
      await database.deleteFrom('entries').where('enteredAt', '<=', since).execute()
    },
  }
}

/** Updating one row holds back every other submission of the same company and user until this one is decided. */
async function waitForTurn(
  transaction: Transaction<Tables>,
  { ein, bsoUserId, at }: Submission,
): Promise<void> {
  await transaction
    .insertInto('entrants')
    .values({ ein, bsoUserId, lastEnteredAt: at })
    .onConflict((conflict) => conflict.columns(['ein', 'bsoUserId']).doUpdateSet({ lastEnteredAt: at }))
    .execute()
}

async function exceedsLimit(
  transaction: Transaction<Tables>,
  { ein, bsoUserId }: Submission,
  { elements, limit, since }: Entries,
): Promise<boolean> {
  const earlier = await transaction
    .selectFrom('entries')
    .select((row) => ['element', row.fn.sum<number | string>('times').as('times')])
    .where('ein', '=', ein)
    .where('bsoUserId', '=', bsoUserId)
    .where('element', 'in', [...elements.keys()])
    .where('enteredAt', '>', since)
    .groupBy('element')
    .execute()
  const before = new Map(earlier.map(({ element, times }) => [element, Number(times)]))
  return [...elements].some(([element, times]) => (before.get(element) ?? 0) + times > limit)
}

async function keepEntries(
  transaction: Transaction<Tables>,
  { ein, bsoUserId, at }: Submission,
  { elements, since }: Entries,
): Promise<void> {
  await transaction
    .deleteFrom('entries')
    .where('ein', '=', ein)
    .where('bsoUserId', '=', bsoUserId)
    .where('enteredAt', '<=', since)
    .execute()
  await transaction
    .insertInto('entries')
    .values([...elements].map(([element, times]) => ({ ein, bsoUserId, element, times, enteredAt: at })))
    .execute()
}

async function keepVerifications(transaction: Transaction<Tables>, submission: Submission): Promise<void> {
  const { rows, at: requestedAt, ...who } = submission
  const submissionId = randomUUID()
  await transaction
    .insertInto('verifications')
    .values(rows.map((row, index) => ({ ...who, ...row, requestedAt, submissionId, row: index + 1 })))
    .execute()
}
