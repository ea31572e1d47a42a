import type { Kysely } from 'kysely'

/** A security event that a relying service reported. */
export interface ReceivedEvent {
  /** The client's own id for it. */
  jti: string
  clientId: string
  accountId: string
  eventType: string
  /** Milliseconds, as the client says, if it does. */
  occurredAt: number | undefined
  receivedAt: number
}

/** What relying services have reported. An id counts once for each client and person (fact sheet 7.2). */
export interface ReceivedEvents {
  has(event: Pick<ReceivedEvent, 'jti' | 'clientId' | 'accountId'>): Promise<boolean>
  /** Of two with the same id at once, one is told false. */
  add(event: ReceivedEvent): Promise<boolean>
}

interface Tables {
  securityEventsReceived: Omit<ReceivedEvent, 'occurredAt'> & { occurredAt: number | null }
}

export function sqlReceivedEvents(anyDatabase: Kysely<never> | Kysely<unknown>): ReceivedEvents {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async has({ jti, clientId, accountId }) {
      const row = await database
        .selectFrom('securityEventsReceived')
        .select('jti')
        .where('jti', '=', jti)
        .where('clientId', '=', clientId)
        .where('accountId', '=', accountId)
        .executeTakeFirst()
      return row !== undefined
    },
    async add({ occurredAt, ...event }) {
      const added = await database
        .insertInto('securityEventsReceived')
        .values({ ...event, occurredAt: occurredAt ?? null })
        .onConflict((conflict) => conflict.columns(['clientId', 'accountId', 'jti']).doNothing())
        .executeTakeFirst()
      return (added.numInsertedOrUpdatedRows ?? 0n) > 0n
    },
  }
}
