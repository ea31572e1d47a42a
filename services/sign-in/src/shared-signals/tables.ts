import type { Kysely } from 'kysely'

export type StreamStatus = 'enabled' | 'paused' | 'disabled'

/** `waiting` until the receiver took it, said that it cannot, or was tried for the last time. */
export type EventState = 'waiting' | 'accepted' | 'refused' | 'given-up'

/** Instants are milliseconds. */
export interface SharedSignalsTables {
  ssfStreams: {
    streamId: string
    clientId: string
    status: StreamStatus
    statusReason: string | null
    description: string | null
    deliveryMethod: 'push' | 'poll'
    endpointUrl: string | null
    sealedAuthorization: string | null
    /** JSON; null where the receiver takes whatever there is. */
    eventsRequested: string | null
    createdAt: number
    verifiedAt: number | null
  }
  ssfRemovedSubjects: { streamId: string; subject: string }
  ssfEvents: {
    eventId: string
    streamId: string
    /** Of two with the same cause in one stream one is kept. */
    cause: string
    revocationId: string | null
    eventType: string
    /** What the token says; gone once it was taken or given up. */
    sealedClaims: string | null
    madeAt: number
    /** Decides the order of what was made in one instant. */
    place: number
    state: EventState
    dueAt: number
    attempts: number
    /** The receiver's `err`, or what went wrong. */
    error: string | null
    endedAt: number | null
  }
  providerEvents: {
    idp: string
    jti: string
    eventType: string
    subject: string | null
    /** As the token says, in seconds. */
    issuedAt: number
    receivedAt: number
    /** From when on the token is no longer accepted anyway. */
    expiresAt: number
    state: 'received' | 'done'
    dueAt: number
    attempts: number
    /** The revocation that came of it. */
    revocationId: string | null
  }
}

export async function createSharedSignalsTables(database: Kysely<unknown>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('ssf_streams')
    .addColumn('stream_id', 'text', (column) => column.primaryKey())
    .addColumn('client_id', 'text', (column) => column.notNull().unique())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('status_reason', 'text')
    .addColumn('description', 'text')
    .addColumn('delivery_method', 'text', (column) => column.notNull())
    .addColumn('endpoint_url', 'text')
    .addColumn('sealed_authorization', 'text')
    .addColumn('events_requested', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('verified_at', 'bigint')
    .execute()
  await schema
    .createTable('ssf_removed_subjects')
    .addColumn('stream_id', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('ssf_removed_subjects_primary', ['stream_id', 'subject'])
    .execute()
  await schema
    .createTable('ssf_events')
    .addColumn('event_id', 'text', (column) => column.primaryKey())
    .addColumn('stream_id', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('revocation_id', 'text')
    .addColumn('event_type', 'text', (column) => column.notNull())
    .addColumn('sealed_claims', 'text')
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('error', 'text')
    .addColumn('ended_at', 'bigint')
    .addUniqueConstraint('ssf_events_cause', ['stream_id', 'cause'])
    .execute()
  await schema
    .createTable('provider_events')
    .addColumn('idp', 'text', (column) => column.notNull())
    .addColumn('jti', 'text', (column) => column.notNull())
    .addColumn('event_type', 'text', (column) => column.notNull())
    .addColumn('subject', 'text')
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('revocation_id', 'text')
    .addPrimaryKeyConstraint('provider_events_primary', ['idp', 'jti', 'event_type'])
    .execute()
  for (const [table, name, columns] of [
    ['ssf_events', 'waiting', ['stream_id', 'state', 'made_at', 'place']],
    ['ssf_events', 'due', ['state', 'due_at']],
    ['ssf_events', 'revocation', ['revocation_id', 'stream_id']],
    ['provider_events', 'due', ['state', 'due_at']],
    ['provider_events', 'subject', ['idp', 'subject', 'event_type']],
  ] as const) {
    await schema
      .createIndex(`${table}_${name}`)
      .on(table)
      .columns([...columns])
      .execute()
  }
}
