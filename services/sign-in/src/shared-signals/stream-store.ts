import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely, Selectable } from 'kysely'
import type { SharedSignalsTables, StreamStatus } from './tables.ts'

/** How a receiver wants to be told. */
export type Delivery =
  | { method: 'poll' }
  | {
      method: 'push'
      endpointUrl: string
      /** What is sent as `Authorization`: the receiver's own secret. */
      authorizationHeader?: string | undefined
    }

/** A receiver's stream. */
export interface Stream {
  streamId: string
  clientId: string
  status: StreamStatus
  statusReason: string | undefined
  description: string | undefined
  delivery: Delivery
  /** Without it the receiver takes whatever there is. */
  eventsRequested: string[] | undefined
}

export type StreamSettings = Pick<Stream, 'description' | 'delivery' | 'eventsRequested'>

const PURPOSE = 'ssf authorization header'

export function createStreamStore(
  database: Kysely<SharedSignalsTables>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
) {
  function streamOf(row: Selectable<SharedSignalsTables['ssfStreams']>): Stream {
    const { endpointUrl, sealedAuthorization } = row
    return {
      streamId: row.streamId,
      clientId: row.clientId,
      status: row.status,
      statusReason: row.statusReason ?? undefined,
      description: row.description ?? undefined,
      delivery:
        row.deliveryMethod === 'poll' || endpointUrl === null
          ? { method: 'poll' }
          : {
              method: 'push',
              endpointUrl,
              authorizationHeader:
                sealedAuthorization === null ? undefined : secrets.unseal(PURPOSE, sealedAuthorization),
            },
      eventsRequested: row.eventsRequested === null ? undefined : JSON.parse(row.eventsRequested),
    }
  }

  function columnsOf({ description, delivery, eventsRequested }: StreamSettings) {
    const push = delivery.method === 'push' ? delivery : undefined
    return {
      description: description ?? null,
      deliveryMethod: delivery.method,
      endpointUrl: push?.endpointUrl ?? null,
      sealedAuthorization:
        push?.authorizationHeader === undefined ? null : secrets.seal(PURPOSE, push.authorizationHeader),
      eventsRequested: eventsRequested === undefined ? null : JSON.stringify(eventsRequested),
    }
  }

  return {
    /** Of two at once for one receiver, one is kept. False: there is one already. */
    async add(streamId: string, clientId: string, settings: StreamSettings, at: number): Promise<boolean> {
      const added = await database
        .insertInto('ssfStreams')
        .values({
          streamId,
          clientId,
          status: 'enabled',
          statusReason: null,
          ...columnsOf(settings),
          createdAt: at,
          verifiedAt: null,
        })
        .onConflict((conflict) => conflict.column('clientId').doNothing())
        .returning('streamId')
        .executeTakeFirst()
      return added !== undefined
    },

    async of(clientId: string): Promise<Stream | undefined> {
      const row = await database
        .selectFrom('ssfStreams')
        .selectAll()
        .where('clientId', '=', clientId)
        .executeTakeFirst()
      return row && streamOf(row)
    },

    async find(streamId: string): Promise<Stream | undefined> {
      const row = await database
        .selectFrom('ssfStreams')
        .selectAll()
        .where('streamId', '=', streamId)
        .executeTakeFirst()
      return row && streamOf(row)
    },

    /** Those that something may be put into. */
    async listening(): Promise<Stream[]> {
      const rows = await database
        .selectFrom('ssfStreams')
        .selectAll()
        .where('status', '!=', 'disabled')
        .execute()
      return rows.map(streamOf)
    },

    async change(streamId: string, settings: StreamSettings): Promise<void> {
      await database
        .updateTable('ssfStreams')
        .set(columnsOf(settings))
        .where('streamId', '=', streamId)
        .execute()
    },

    /** A disabled stream holds nothing for later (SSF 1.0 §8.1.2.1). */
    async setStatus(streamId: string, status: StreamStatus, reason: string | undefined): Promise<void> {
      await database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('ssfStreams')
          .set({ status, statusReason: reason ?? null })
          .where('streamId', '=', streamId)
          .execute()
        if (status !== 'disabled') return
        await transaction
          .deleteFrom('ssfEvents')
          .where('streamId', '=', streamId)
          .where('state', '=', 'waiting')
          .execute()
      })
    },

    async remove(streamId: string): Promise<void> {
      await database.transaction().execute(async (transaction) => {
        for (const table of ['ssfStreams', 'ssfRemovedSubjects', 'ssfEvents'] as const)
          await transaction.deleteFrom(table).where('streamId', '=', streamId).execute()
      })
    },

    /** Whether a verification may be asked for: at most one in `interval` milliseconds. Of two at once, one. */
    async takeVerification(streamId: string, at: number, interval: number): Promise<boolean> {
      const taken = await database
        .updateTable('ssfStreams')
        .set({ verifiedAt: at })
        .where('streamId', '=', streamId)
        .where((row) => row.or([row('verifiedAt', 'is', null), row('verifiedAt', '<=', at - interval)]))
        .returning('streamId')
        .executeTakeFirst()
      return taken !== undefined
    },

    /** The receiver hears of this person no more. */
    async removeSubject(streamId: string, subject: string): Promise<void> {
      await database
        .insertInto('ssfRemovedSubjects')
        .values({ streamId, subject })
        .onConflict((conflict) => conflict.columns(['streamId', 'subject']).doNothing())
        .execute()
    },

    async addSubject(streamId: string, subject: string): Promise<void> {
      await database
        .deleteFrom('ssfRemovedSubjects')
        .where('streamId', '=', streamId)
        .where('subject', '=', subject)
        .execute()
    },

    async isRemoved(streamId: string, subject: string): Promise<boolean> {
      const row = await database
        .selectFrom('ssfRemovedSubjects')
        .select('subject')
        .where('streamId', '=', streamId)
        .where('subject', '=', subject)
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

export type StreamStore = ReturnType<typeof createStreamStore>
