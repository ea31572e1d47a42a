import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Kysely, Selectable } from 'kysely'
import { type CounterTables, keepNewest, nextNumber } from '../sequence.ts'
import { type Mail, type NewMail, trayOf } from './mails.ts'

/** How many mails are kept in all trays together; the oldest go first. */
const KEPT = 10_000

/** One address that got mail. */
export interface Tray {
  address: string
  mails: number
  /** Milliseconds. */
  newestAt: number
}

export interface MailStore {
  /** Resolves once the mail is stored. */
  add(mail: NewMail): Promise<Mail>
  /** What came to the tray after `cursor`, oldest first. */
  after(address: string, cursor: number, limit: number): Promise<Mail[]>
  /** The newest of one tray, or of all; newest first. */
  newest(limit: number, address?: string): Promise<Mail[]>
  /** Those that have mail, the one with the newest first. */
  trays(limit: number): Promise<Tray[]>
}

interface MailTable {
  id: string
  sequence: number
  address: string
  sender: string
  recipient: string
  subject: string
  body: string
  receivedAt: number
}

interface Tables extends CounterTables {
  mails: MailTable
}

function toMail({ sender, recipient, body, ...rest }: Selectable<MailTable>): Mail {
  return { ...rest, from: sender, to: recipient, text: body }
}

/** @param kept how many mails stay; the oldest go, a hundred at a time */
export function sqlMailStore(anyDatabase: Kysely<never> | Kysely<unknown>, kept = KEPT): MailStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  const tidy = keepNewest(database, 'mails', kept)
  return {
    async add({ from, to, subject, text }) {
      const row = await database.transaction().execute(async (transaction) =>
        transaction
          .insertInto('mails')
          .values({
            id: randomUUID(),
            sequence: await nextNumber(transaction),
            address: trayOf(to),
            sender: from,
            recipient: to,
            subject,
            body: text,
            receivedAt: now(),
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
      )
      await tidy()
      return toMail(row)
    },
    async after(address, cursor, limit) {
      const rows = await database
        .selectFrom('mails')
        .selectAll()
        .where('address', '=', address)
        .where('sequence', '>', cursor)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(toMail)
    },
    async newest(limit, address) {
      let query = database.selectFrom('mails').selectAll().orderBy('sequence', 'desc').limit(limit)
      if (address !== undefined) query = query.where('address', '=', address)
      return (await query.execute()).map(toMail)
    },
    trays: (limit) =>
      database
        .selectFrom('mails')
        .select(({ fn }) => [
          'address',
          fn.countAll<number>().as('mails'),
          fn.max('receivedAt').as('newestAt'),
        ])
        .groupBy('address')
        .orderBy(({ fn }) => fn.max('sequence'), 'desc')
        .limit(limit)
        .execute(),
  }
}
