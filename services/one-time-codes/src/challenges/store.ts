import type { Channel } from '@gatehouse/contracts/one-time-codes'
import { type Kysely, sql } from 'kysely'
import type { Subject } from '../lock-outs/store.ts'
import type { ChallengeRow, LiveCodeRow, Tables } from '../tables.ts'

/** A challenge whose newest code was taken by the carrier and neither spent nor replaced. It may have expired. */
export type OpenChallenge = ChallengeRow & {
  channel: Channel
  sendNumber: number
  expiresAt: number
  delivery: string
}

/** A new challenge takes the place of the owner's earlier one; a resend only moves its own challenge on. */
export type Acceptance = LiveCodeRow & { kind: 'challenge' | 'resend' }

export interface ChallengeStore {
  add(challenge: ChallengeRow): Promise<void>
  /** Removes a challenge whose first code was not taken by the carrier. */
  remove(challengeId: string): Promise<void>
  /** Any challenge of this caller, open or not. */
  find(caller: string, challengeId: string): Promise<ChallengeRow | undefined>
  findOpen(caller: string, challengeId: string): Promise<OpenChallenge | undefined>
  /**
   * Claims the next send if the cool-down is over at `at`. Of calls at once, one gets it.
   *
   * @returns the number of the send
   */
  claimResend(challengeId: string, at: number, resendAt: number): Promise<number | undefined>
  /**
   * Makes the code of a send the only live one of its caller, owner and purpose.
   *
   * @returns false when a newer request was faster, or a resend's challenge is no longer open
   */
  accept(code: Acceptance): Promise<boolean>
  /**
   * Takes the live code away if it is the one of this send and not expired at `at`, and with it the wrong tries that
   * count against `subject`. Of calls at once, at most one gets it.
   */
  spend(
    code: { challengeId: string; sendNumber: number; at: number },
    subject: Subject,
  ): Promise<{ channel: Channel } | undefined>
  /** Forgets codes and numbers of requests before `over`, and before `forgotten` that there was a request. */
  tidy(over: number, forgotten: number): Promise<void>
}

export function sqlChallengeStore(anyDatabase: Kysely<never> | Kysely<unknown>): ChallengeStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  const challengeOf = (caller: string, challengeId: string) =>
    database
      .selectFrom('challenges')
      .where('challenges.challengeId', '=', challengeId)
      .where('challenges.caller', '=', caller)

  return {
    async add(challenge) {
      await database.insertInto('challenges').values(challenge).execute()
    },
    async remove(challengeId) {
      await database.deleteFrom('challenges').where('challengeId', '=', challengeId).execute()
    },
    find: (caller, challengeId) => challengeOf(caller, challengeId).selectAll().executeTakeFirst(),
    findOpen: (caller, challengeId) =>
      challengeOf(caller, challengeId)
        .innerJoin('liveCodes', 'liveCodes.challengeId', 'challenges.challengeId')
        .innerJoin('deliveries', 'deliveries.deliveryId', 'liveCodes.deliveryId')
        .selectAll('challenges')
        .select([
          'liveCodes.channel',
          'liveCodes.sendNumber',
          'liveCodes.expiresAt',
          'deliveries.status as delivery',
        ])
        .executeTakeFirst(),
    async claimResend(challengeId, at, resendAt) {
      const row = await database
        .updateTable('challenges')
        .set((column) => ({ sends: column('sends', '+', 1), requestedAt: at, resendAt }))
        .where('challengeId', '=', challengeId)
        .where('resendAt', '<=', at)
        .returning('sends')
        .executeTakeFirst()
      return row?.sends
    },
    async accept({ kind, ...code }) {
      if (kind === 'challenge') {
        const row = await database
          .insertInto('liveCodes')
          .values(code)
          .onConflict((conflict) =>
            conflict
              .columns(['caller', 'owner', 'purpose'])
              .doUpdateSet(code)
              .where('liveCodes.requestedAt', '<=', code.requestedAt),
          )
          .returning('challengeId')
          .executeTakeFirst()
        return row !== undefined
      }
      const { sendNumber, deliveryId, channel, requestedAt, expiresAt } = code
      const row = await database
        .updateTable('liveCodes')
        .set({ sendNumber, deliveryId, channel, requestedAt, expiresAt })
        .where('challengeId', '=', code.challengeId)
        .where('sendNumber', '<', sendNumber)
        .returning('challengeId')
        .executeTakeFirst()
      return row !== undefined
    },
    spend: ({ challengeId, sendNumber, at }, { caller, subject }) =>
      database.transaction().execute(async (transaction) => {
        const spent = await transaction
          .deleteFrom('liveCodes')
          .where('challengeId', '=', challengeId)
          .where('sendNumber', '=', sendNumber)
          .where('expiresAt', '>', at)
          .returning('channel')
          .executeTakeFirst()
        if (!spent) return undefined
        await transaction
          .deleteFrom('wrongTries')
          .where('caller', '=', caller)
          .where('subject', '=', subject)
          .execute()
        // Nothing will be sent for it again, so the number need not be kept.
        await transaction
          .updateTable('challenges')
          .set({ sealedPhoneNumber: '' })
          .where('challengeId', '=', challengeId)
          .execute()
        return spent
      }),
    async tidy(over, forgotten) {
      await database.deleteFrom('liveCodes').where('requestedAt', '<', over).execute()
      await database.deleteFrom('challenges').where('requestedAt', '<', forgotten).execute()
      await database
        .updateTable('challenges')
        .set({ sealedPhoneNumber: '' })
        .where('requestedAt', '<', over)
        .where('sealedPhoneNumber', '<>', sql.lit(''))
        .execute()
    },
  }
}
