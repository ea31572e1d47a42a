// What a letter box gets: letters on paper. A letter is in its box from the instant of its delivery; until then, and after it
// was returned as undeliverable, nobody reads it.
import type { LetterBlock, LetterDelivery } from '@gatehouse/contracts/lab'
import type { PostalAddress } from '@gatehouse/contracts/upgrade-codes'

/** A letter as the lab keeps it. Instants are milliseconds of the suite's clock. */
export interface Letter {
  id: string
  /** Grows with each letter that is handed in. */
  sequence: number
  /** Given on delivery, growing too; a test goes on from it. `null` while the letter is in the mail. */
  cursor: number | null
  /** As `letterBoxOf` names it. */
  box: string
  from: string
  to: PostalAddress
  subject: string
  /** A calendar day. */
  printedOn: string
  blocks: LetterBlock[]
  code: string
  deliverAt: number
  handedInAt: number
  returnedAt: number | null
}

/** What a person reads in a letter; its PDF says the same. */
export type Contents = Pick<LetterDelivery, 'from' | 'to' | 'subject' | 'printedOn' | 'blocks' | 'code'>

export type State = 'in-the-mail' | 'delivered' | 'returned'

/** Whoever looks at `delivered` only never shows what nobody can read yet, or any more. */
export function stateOf({ cursor, returnedAt }: Pick<Letter, 'cursor' | 'returnedAt'>): State {
  if (returnedAt !== null) return 'returned'
  return cursor === null ? 'in-the-mail' : 'delivered'
}

/** When the letter came, or will come: not before it was handed in, whatever day it was meant for. */
export const arrivalOf = ({ deliverAt, handedInAt }: Pick<Letter, 'deliverAt' | 'handedInAt'>) =>
  Math.max(deliverAt, handedInAt)

/** Whether two letters read the same. */
export function isSame(one: Contents, other: Contents): boolean {
  const read = ({ from, to, subject, printedOn, blocks, code }: Contents) =>
    JSON.stringify([
      from,
      to.name,
      to.company,
      to.street,
      to.city,
      to.state,
      to.zipCode,
      subject,
      printedOn,
    ]) +
    JSON.stringify([code, blocks.map((block) => [block.kind, 'text' in block ? block.text : block.items])])
  return read(one) === read(other)
}

/** The lines of an address, as they stand on a letter. */
export function addressLines({ name, company, street, city, state, zipCode }: PostalAddress): string[] {
  return [name, ...(company === undefined ? [] : [company]), street, `${city}, ${state} ${zipCode}`]
}
