import type { LetterKind } from '@gatehouse/contracts/upgrade-codes'
import type { StoredState } from './letters/states.ts'

/** A letter. Its code is nowhere: `codeDigest` says of a code that somebody types whether it is the one. */
export interface LetterRow {
  letterId: string
  caller: string
  owner: string
  kind: LetterKind
  /** The how-manieth letter of its holder: they sort by it. */
  number: number
  subject: string | null
  /** Empty once nothing can be sent for this letter any more. */
  sealedRecipient: string
  state: StoredState
  codeDigest: string | null
  /** Until it is mailed: not printed, or printed anew, before this instant. */
  dueAt: number
  requestedAt: number
  printedAt: number | null
  mailedAt: number | null
  deliverAt: number | null
  /** The last day, YYYY-MM-DD in Eastern Time, as it is printed. */
  expiresOn: string | null
  /** The end of that day: from this instant on the code is refused. */
  expiresAt: number | null
  usedAt: number | null
  usedReference: string | null
  cancelledAt: number | null
  returnedAt: number | null
  resentAt: number | null
}

/** Who holds letters: an owner at a calling service, for one kind. */
export interface Holder {
  caller: string
  owner: string
  kind: LetterKind
}

/** What outlives a holder's single letters. Whoever changes a holder's letters together locks this row first. */
export interface HolderRow extends Holder {
  /** How many letters were asked for so far. */
  letters: number
  /** Wrong tries that count now. */
  tries: number
  /** 0 while not locked out. */
  lockedUntil: number
}

export interface Tables {
  letters: LetterRow
  holders: HolderRow
}
