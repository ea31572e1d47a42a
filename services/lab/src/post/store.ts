import { now } from '@gatehouse/clock/clock'
import { type LetterBlock, type LetterDelivery, letterBoxOf } from '@gatehouse/contracts/lab'
import type { PostalAddress } from '@gatehouse/contracts/upgrade-codes'
import type { Migrations } from '@gatehouse/storage/database'
import { type Kysely, type Selectable, sql } from 'kysely'
import { type CounterTables, keepNewest, nextNumber } from '../sequence.ts'
import { isSame, type Letter } from './letters.ts'

/** How many letters are kept in all boxes together, each with its PDF; the oldest go first. */
const KEPT = 2_000

/** One address that got letters, or will get some. */
export interface LetterBox {
  box: string
  letters: number
}

export interface LetterStore {
  /**
   * Resolves once the letter is stored. One with the same id is replaced: if it reads the same it stays where it is, or else it
   * comes anew.
   */
  handIn(id: string, letter: LetterDelivery): Promise<Letter>
  /**
   * Puts into their boxes the letters whose time has come at `at`, in the order of their delivery, and gives them back. Of two
   * calls at once one gets a letter.
   */
  deliver(at: number): Promise<Letter[]>
  /** When the next letter is to be delivered, in milliseconds. */
  nextDelivery(): Promise<number | undefined>
  /** The letters in the box that came after `cursor`, in the order in which they came. */
  after(box: string, cursor: number, limit: number): Promise<Letter[]>
  /** The last letters in the box, in the order in which they came. */
  last(box: string, limit: number): Promise<Letter[]>
  /** The newest of one box, or of all, newest first: those in the mail and those that were returned too. */
  newest(limit: number, box?: string): Promise<Letter[]>
  find(id: string): Promise<Letter | undefined>
  /** The PDF of a letter that is in its box. */
  pdf(id: string): Promise<Buffer | undefined>
  /** The letter leaves its box, or never gets there. Gives it back if it is not returned already. */
  giveBack(id: string): Promise<Letter | undefined>
  /** Those of letters, the one with the newest first. */
  boxes(limit: number): Promise<LetterBox[]>
}

interface LetterTable {
  id: string
  sequence: number
  cursor: number | null
  box: string
  sender: string
  recipient: string
  subject: string
  printedOn: string
  blocks: string
  code: string
  deliverAt: number
  handedInAt: number
  returnedAt: number | null
  pdf: string
}

interface Tables extends CounterTables {
  letters: LetterTable
}

/** All but the PDF, which is most of a row. */
const READ = [
  'id',
  'sequence',
  'cursor',
  'box',
  'sender',
  'recipient',
  'subject',
  'printedOn',
  'blocks',
  'code',
  'deliverAt',
  'handedInAt',
  'returnedAt',
] as const

function toLetter(row: Omit<Selectable<LetterTable>, 'pdf'>): Letter {
  const { sender, recipient, blocks, ...rest } = row
  return {
    ...rest,
    from: sender,
    to: JSON.parse(recipient) as PostalAddress,
    blocks: JSON.parse(blocks) as LetterBlock[],
  }
}

/** @param kept how many letters stay; the oldest go, a hundred at a time */
export function sqlLetterStore(anyDatabase: Kysely<never> | Kysely<unknown>, kept = KEPT): LetterStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  const tidy = keepNewest(database, 'letters', kept)
  const waiting = () =>
    database.selectFrom('letters').where('cursor', 'is', null).where('returnedAt', 'is', null)
  const inBox = (box: string) =>
    database
      .selectFrom('letters')
      .select(READ)
      .where('box', '=', box)
      .where('cursor', 'is not', null)
      .where('returnedAt', 'is', null)
  return {
    async handIn(id, letter) {
      const stored = await database.transaction().execute(async (transaction) => {
        // The number comes first: it makes whoever hands in the same letter at the same time wait.
        const sequence = await nextNumber(transaction)
        const found = await transaction
          .selectFrom('letters')
          .select(READ)
          .where('id', '=', id)
          .executeTakeFirst()
        const before = found && toLetter(found)
        if (before && isSame(before, letter)) {
          if (before.cursor !== null || before.returnedAt !== null) return before
          await transaction
            .updateTable('letters')
            .set({ deliverAt: letter.deliverAt, pdf: letter.pdf })
            .where('id', '=', id)
            .execute()
          return { ...before, deliverAt: letter.deliverAt }
        }
        const row = {
          sequence,
          cursor: null,
          box: letterBoxOf(letter.to),
          sender: letter.from,
          recipient: JSON.stringify(letter.to),
          subject: letter.subject,
          printedOn: letter.printedOn,
          blocks: JSON.stringify(letter.blocks),
          code: letter.code,
          deliverAt: letter.deliverAt,
          handedInAt: now(),
          returnedAt: null,
        }
        await transaction
          .insertInto('letters')
          .values({ id, ...row, pdf: letter.pdf })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...row, pdf: letter.pdf }))
          .execute()
        return toLetter({ id, ...row })
      })
      await tidy()
      return stored
    },
    async deliver(at) {
      const due = await waiting().select('id').where('deliverAt', '<=', at).limit(1).executeTakeFirst()
      if (!due) return []
      return database.transaction().execute(async (transaction) => {
        let cursor = await nextNumber(transaction)
        const rows = await transaction
          .selectFrom('letters')
          .select(READ)
          .where('cursor', 'is', null)
          .where('returnedAt', 'is', null)
          .where('deliverAt', '<=', at)
          .orderBy('deliverAt')
          .orderBy('sequence')
          .execute()
        const delivered: Letter[] = []
        for (const row of rows) {
          await transaction.updateTable('letters').set({ cursor }).where('id', '=', row.id).execute()
          delivered.push(toLetter({ ...row, cursor }))
          cursor = await nextNumber(transaction)
        }
        return delivered
      })
    },
    async nextDelivery() {
      const row = await waiting()
        .select(({ fn }) => fn.min('deliverAt').as('at'))
        .executeTakeFirst()
      return row?.at ?? undefined
    },
    async after(box, cursor, limit) {
      const rows = await inBox(box).where('cursor', '>', cursor).orderBy('cursor').limit(limit).execute()
      return rows.map(toLetter)
    },
    async last(box, limit) {
      const rows = await inBox(box).orderBy('cursor', 'desc').limit(limit).execute()
      return rows.map(toLetter).reverse()
    },
    async newest(limit, box) {
      let query = database
        .selectFrom('letters')
        .select(READ)
        .orderBy(({ fn }) => fn.coalesce('cursor', 'sequence'), 'desc')
        .limit(limit)
      if (box !== undefined) query = query.where('box', '=', box)
      return (await query.execute()).map(toLetter)
    },
    async find(id) {
      const row = await database.selectFrom('letters').select(READ).where('id', '=', id).executeTakeFirst()
      return row && toLetter(row)
    },
    async pdf(id) {
      const row = await database
        .selectFrom('letters')
        .select('pdf')
        .where('id', '=', id)
        .where('cursor', 'is not', null)
        .where('returnedAt', 'is', null)
        .executeTakeFirst()
      return row && Buffer.from(row.pdf, 'base64')
    },
    async giveBack(id) {
      const row = await database
        .updateTable('letters')
        .set({ returnedAt: now() })
        .where('id', '=', id)
        .where('returnedAt', 'is', null)
        .returning(READ)
        .executeTakeFirst()
      return row && toLetter(row)
    },
    boxes: (limit) =>
      database
        .selectFrom('letters')
        .select(({ fn }) => ['box', fn.countAll<number>().as('letters')])
        .groupBy('box')
        .orderBy(({ fn }) => fn.max(fn.coalesce('cursor', 'sequence')), 'desc')
        .limit(limit)
        .execute(),
  }
}

export const letterMigrations: Migrations = {
  '0012_letters': {
    async up(database) {
      await database.schema
        .createTable('letters')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sequence', 'bigint', (column) => column.notNull().unique())
        .addColumn('cursor', 'bigint', (column) => column.unique())
        .addColumn('box', 'text', (column) => column.notNull())
        .addColumn('sender', 'text', (column) => column.notNull())
        .addColumn('recipient', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('printed_on', 'text', (column) => column.notNull())
        .addColumn('blocks', 'text', (column) => column.notNull())
        .addColumn('code', 'text', (column) => column.notNull())
        .addColumn('deliver_at', 'bigint', (column) => column.notNull())
        .addColumn('handed_in_at', 'bigint', (column) => column.notNull())
        .addColumn('returned_at', 'bigint')
        .addColumn('pdf', 'text', (column) => column.notNull())
        .execute()
      await database.schema.createIndex('letters_box').on('letters').columns(['box', 'cursor']).execute()
      // What is in the mail: few, looked for often.
      await database.schema
        .createIndex('letters_in_the_mail')
        .on('letters')
        .columns(['deliver_at'])
        .where(sql.ref('cursor'), 'is', null)
        .execute()
    },
  },
}
