import type { Channel } from '@gatehouse/contracts/one-time-codes'
import type { Kysely } from 'kysely'
import type { ChallengeRow, DeliveryRow, Tables } from '../tables.ts'

/** What Twilio says about a text or a call on its way, by how far along it is; of the last ones, the first stays. */
const PROGRESS: Record<Channel, Record<string, number>> = {
  text: {
    accepted: 1,
    scheduled: 1,
    queued: 1,
    sending: 2,
    sent: 3,
    delivered: 9,
    undelivered: 9,
    failed: 9,
    canceled: 9,
  },
  call: {
    queued: 1,
    initiated: 2,
    ringing: 3,
    'in-progress': 4,
    completed: 9,
    busy: 9,
    'no-answer': 9,
    failed: 9,
    canceled: 9,
  },
}

export type NewDelivery = Pick<
  DeliveryRow,
  'deliveryId' | 'challengeId' | 'sendNumber' | 'channel' | 'maximumReadings' | 'expiresAt'
>

/** A code to be spoken now. */
export type Reading = Pick<ChallengeRow, 'challengeId' | 'length' | 'sender' | 'language'> &
  Pick<DeliveryRow, 'sendNumber'> & { repeatsLeft: number }

export interface DeliveryStore {
  /** Before the carrier is asked: its questions and reports may come before its answer. */
  add(delivery: NewDelivery): Promise<void>
  /** The carrier has answered with `status`. */
  answered(deliveryId: string, channel: Channel, status: string): Promise<void>
  /** Takes a report over unless its status is unknown or lies behind what is known already. */
  report(deliveryId: string, channel: Channel, status: string): Promise<void>
  /**
   * Counts one reading of the code of a call.
   *
   * @returns undefined when the code is not live any more, or was read as often as it may be
   */
  read(deliveryId: string, at: number): Promise<Reading | undefined>
  /** What is known of a call whose code may not be read (any more). */
  find(deliveryId: string): Promise<{ language: ChallengeRow['language']; isReadOut: boolean } | undefined>
  /** Removes deliveries whose code expired before `before`. */
  tidy(before: number): Promise<void>
}

export function sqlDeliveryStore(anyDatabase: Kysely<never> | Kysely<unknown>): DeliveryStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  async function report(deliveryId: string, channel: Channel, status: string) {
    const progress = PROGRESS[channel][status]
    if (progress === undefined) return
    await database
      .updateTable('deliveries')
      .set({ status, progress })
      .where('deliveryId', '=', deliveryId)
      .where('channel', '=', channel)
      .where('progress', '<', progress)
      .execute()
  }

  return {
    report,
    async add(delivery) {
      await database
        .insertInto('deliveries')
        .values({ ...delivery, status: 'requested', progress: 0, pending: 1, readings: 0 })
        .execute()
    },
    async answered(deliveryId, channel, status) {
      await report(deliveryId, channel, status)
      await database
        .updateTable('deliveries')
        .set({ pending: 0 })
        .where('deliveryId', '=', deliveryId)
        .execute()
    },
    async read(deliveryId, at) {
      const delivery = await database
        .updateTable('deliveries')
        .set((column) => ({ readings: column('readings', '+', 1) }))
        .where('deliveryId', '=', deliveryId)
        .where('channel', '=', 'call')
        .where('expiresAt', '>', at)
        .whereRef('readings', '<', 'maximumReadings')
        .where((where) =>
          where.or([
            where('pending', '=', 1),
            where.exists(
              where
                .selectFrom('liveCodes')
                .select('liveCodes.challengeId')
                .whereRef('liveCodes.deliveryId', '=', 'deliveries.deliveryId'),
            ),
          ]),
        )
        .returning(['challengeId', 'sendNumber', 'readings', 'maximumReadings'])
        .executeTakeFirst()
      if (!delivery) return undefined
      const challenge = await database
        .selectFrom('challenges')
        .select(['challengeId', 'length', 'sender', 'language'])
        .where('challengeId', '=', delivery.challengeId)
        .executeTakeFirst()
      const { sendNumber, readings, maximumReadings } = delivery
      return challenge && { ...challenge, sendNumber, repeatsLeft: maximumReadings - readings }
    },
    async find(deliveryId) {
      const row = await database
        .selectFrom('deliveries')
        .innerJoin('challenges', 'challenges.challengeId', 'deliveries.challengeId')
        .select(['challenges.language', 'deliveries.readings', 'deliveries.maximumReadings'])
        .where('deliveries.deliveryId', '=', deliveryId)
        .executeTakeFirst()
      return row && { language: row.language, isReadOut: row.readings >= row.maximumReadings }
    },
    async tidy(before) {
      await database.deleteFrom('deliveries').where('expiresAt', '<', before).execute()
    },
  }
}
