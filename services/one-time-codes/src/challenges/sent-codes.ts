// What was sent to whom, for administrators. Challenges stay for it after their codes are long over, without the number.

import type { Channel, SentCode } from '@gatehouse/contracts/one-time-codes'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Whose codes: an owner's at a calling service, or those to numbers with these last four digits. */
export type Whose = { caller: string; owner: string } | { phoneNumberEnding: string }

/** The last of the page before. */
export type Place = [requestedAt: number, challengeId: string]

export interface SentCodes {
  /** Newest request first. */
  list(whose: Whose, atMost: number, after?: Place): Promise<SentCode[]>
}

export function sqlSentCodes(anyDatabase: Kysely<never> | Kysely<unknown>): SentCodes {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async list(whose, atMost, after) {
      const [requestedAt, challengeId] = after ?? [0, '']
      let query = database
        .selectFrom('challenges')
        .leftJoin('deliveries', (join) =>
          join
            .onRef('deliveries.challengeId', '=', 'challenges.challengeId')
            .onRef('deliveries.sendNumber', '=', 'challenges.sends'),
        )
        .select([
          'challenges.challengeId',
          'challenges.caller',
          'challenges.owner',
          'challenges.purpose',
          'challenges.phoneNumberEnding',
          'challenges.requestedAt',
          'challenges.sends',
          'deliveries.channel',
          'deliveries.status',
        ])
      if ('owner' in whose) {
        query = query
          .where('challenges.caller', '=', whose.caller)
          .where('challenges.owner', '=', whose.owner)
      } else {
        query = query.where('challenges.phoneNumberEnding', '=', whose.phoneNumberEnding)
      }
      if (after) {
        query = query.where((where) =>
          where.or([
            where('challenges.requestedAt', '<', requestedAt),
            where('challenges.requestedAt', '=', requestedAt).and('challenges.challengeId', '<', challengeId),
          ]),
        )
      }
      const rows = await query
        .orderBy('challenges.requestedAt', 'desc')
        .orderBy('challenges.challengeId', 'desc')
        .limit(atMost)
        .execute()
      return rows.map(({ channel, status, ...row }) => ({
        ...row,
        ...(channel === null ? {} : { channel: channel as Channel }),
        ...(status === null ? {} : { delivery: status }),
      }))
    },
  }
}
