import { now } from '@gatehouse/clock/clock'
import type { Kysely, Selectable } from 'kysely'
import { type CounterTables, keepNewest, nextNumber } from '../sequence.ts'
import type { Message, MessageChange, NewMessage } from './messages.ts'

/** How many texts and calls are kept; the oldest go first. */
const KEPT = 10_000

export interface MessageStore {
  /** Resolves once the message is stored, `queued`. */
  add(message: NewMessage): Promise<Message>
  find(id: string): Promise<Message | undefined>
  /** Changes the message; gives it as it is then. */
  change(id: string, change: MessageChange): Promise<Message>
  /** The message has reached its phone: gives it the next cursor, once. Later calls only make the change. */
  arrive(id: string, change: MessageChange): Promise<Message>
  /** What reached `number` after `cursor`, oldest first. */
  arrivedAfter(number: string, cursor: number, limit: number): Promise<Message[]>
  /** The last that reached `number`, oldest first. */
  lastArrived(number: string, limit: number): Promise<Message[]>
  /** The newest of one number, or of all; newest first. */
  newest(limit: number, number?: string): Promise<Message[]>
  /** Every number that has a message. */
  numbers(): Promise<string[]>
  /** What was under way when the process ended. */
  unfinished(): Promise<Message[]>
}

interface MessageTable {
  id: string
  sequence: number
  cursor: number | null
  channel: string
  fromNumber: string
  toNumber: string
  body: string
  status: string
  errorCode: number | null
  createdAt: number
  updatedAt: number
  receivedAt: number | null
  endedAt: number | null
  application: string
  transcript: string
}

interface Tables extends CounterTables {
  messages: MessageTable
}

function toMessage(row: Selectable<MessageTable>): Message {
  const { fromNumber, toNumber, application, transcript, ...rest } = row
  return {
    ...rest,
    channel: row.channel as Message['channel'],
    from: fromNumber,
    to: toNumber,
    application: JSON.parse(application),
    transcript: JSON.parse(transcript),
  }
}

/** @param kept how many messages stay; the oldest go, a hundred at a time */
export function sqlMessageStore(anyDatabase: Kysely<never> | Kysely<unknown>, kept = KEPT): MessageStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  const tidy = keepNewest(database, 'messages', kept)

  const columns = ({ transcript, ...change }: MessageChange) => ({
    ...change,
    ...(transcript ? { transcript: JSON.stringify(transcript) } : {}),
    updatedAt: now(),
  })
  const update = (within: Kysely<Tables>, id: string, change: MessageChange) =>
    within.updateTable('messages').set(columns(change)).where('id', '=', id)
  const changed = async (id: string, change: MessageChange) =>
    toMessage(await update(database, id, change).returningAll().executeTakeFirstOrThrow())

  return {
    async add({ id, channel, from, to, body, application }) {
      const at = now()
      const row = await database.transaction().execute(async (transaction) =>
        transaction
          .insertInto('messages')
          .values({
            id,
            sequence: await nextNumber(transaction),
            cursor: null,
            channel,
            fromNumber: from,
            toNumber: to,
            body,
            status: 'queued',
            errorCode: null,
            createdAt: at,
            updatedAt: at,
            receivedAt: null,
            endedAt: null,
            application: JSON.stringify(application),
            transcript: '[]',
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
      )
      await tidy()
      return toMessage(row)
    },
    async find(id) {
      const row = await database.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toMessage(row)
    },
    change: changed,
    async arrive(id, change) {
      const row = await database.transaction().execute(async (transaction) =>
        update(transaction, id, change)
          .set({ cursor: await nextNumber(transaction), receivedAt: now() })
          .where('cursor', 'is', null)
          .returningAll()
          .executeTakeFirst(),
      )
      return row ? toMessage(row) : changed(id, change)
    },
    async arrivedAfter(number, cursor, limit) {
      const rows = await database
        .selectFrom('messages')
        .selectAll()
        .where('toNumber', '=', number)
        .where('cursor', '>', cursor)
        .orderBy('cursor')
        .limit(limit)
        .execute()
      return rows.map(toMessage)
    },
    async lastArrived(number, limit) {
      const rows = await database
        .selectFrom('messages')
        .selectAll()
        .where('toNumber', '=', number)
        .where('cursor', 'is not', null)
        .orderBy('cursor', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toMessage).reverse()
    },
    async newest(limit, number) {
      let query = database.selectFrom('messages').selectAll().orderBy('sequence', 'desc').limit(limit)
      if (number) query = query.where('toNumber', '=', number)
      return (await query.execute()).map(toMessage)
    },
    async numbers() {
      const rows = await database
        .selectFrom('messages')
        .select('toNumber')
        .distinct()
        .orderBy('toNumber')
        .execute()
      return rows.map((row) => row.toNumber)
    },
    async unfinished() {
      const rows = await database
        .selectFrom('messages')
        .selectAll()
        .where('status', 'in', ['queued', 'sent', 'ringing', 'in-progress'])
        .orderBy('sequence')
        .execute()
      return rows.map(toMessage)
    },
  }
}
