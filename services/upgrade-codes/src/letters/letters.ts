// Letters: a secret on paper for one owner. This owns which letter counts and how many there may be; `mailing` prints them
// and hands them over, `redemptions` takes the codes back. What must always hold: of an owner's letters of a kind one code
// counts at most, that of the newest; and no row gives a code away.

import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { now } from '@gatehouse/clock/clock'
import type { Letter, LetterKind, LetterRequest } from '@gatehouse/contracts/upgrade-codes'
import { Refusal } from '@gatehouse/http/refusal'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Mailing } from '../mailing/mailing.ts'
import type { Policies } from '../policies.ts'
import { retryAfter } from '../retry-after.ts'
import type { Holder, LetterRow } from '../tables.ts'
import type { Trail } from '../trail.ts'
import { stateAt, stepsAt } from './states.ts'
import type { Added, LetterStore, Place } from './store.ts'

interface Dependencies {
  store: LetterStore
  mailing: Pick<Mailing, 'mail'>
  policies: Policies
  secrets: Secrets
  trail: Trail
}

export type Letters = ReturnType<typeof createLetters>

/** Letters in a list. */
const LISTED = 50
/** Milliseconds of real time that a request waits for the mail. A slower mail takes the letter after the answer. */
const PATIENCE = 2_000

export function createLetters({ store, mailing, policies, secrets, trail }: Dependencies) {
  async function accepted(added: Added, holder: Holder): Promise<LetterRow> {
    if ('letter' in added) return added.letter
    await trail.refused(holder, 'too_many_letters')
    const retryAt = added.tooMany
    throw new Refusal('too_many_letters', undefined, { retryAt }, retryAfter(retryAt))
  }

  /** The letter is stored: whatever becomes of it now, it will be mailed. */
  async function mailed(letter: LetterRow): Promise<Letter> {
    const enough = new AbortController()
    await Promise.race([
      mailing.mail(letter),
      wait(PATIENCE, undefined, { ref: false, signal: enough.signal }).catch(() => {}),
    ])
    enough.abort()
    return view((await store.find(letter.letterId)) ?? letter)
  }

  return {
    /**
     * Requests a letter. It ends the code of an earlier one of this owner and kind.
     *
     * @throws Refusal `too_many_letters`
     */
    async request(caller: string, asked: LetterRequest): Promise<Letter> {
      const { owner, kind, recipient, subject = null } = asked
      const holder = { caller, owner, kind }
      const letterId = randomBytes(16).toString('base64url')
      const sealedRecipient = secrets.seal('recipient', JSON.stringify(recipient))
      const added = await store.add(
        { ...holder, letterId, subject, sealedRecipient },
        policies(caller, kind),
        now(),
      )
      const letter = await accepted(added, holder)
      await trail.requested({ ...holder, letterId })
      return mailed(letter)
    },

    /**
     * Requests another letter to the same address.
     *
     * @throws Refusal `not_found` also for another service's letter, `letter_not_open`, `too_many_letters`
     */
    async resend(caller: string, earlier: string): Promise<Letter> {
      const known = await store.find(earlier)
      if (known?.caller !== caller) throw new Refusal('not_found')
      const holder = { caller, owner: known.owner, kind: known.kind }
      const letterId = randomBytes(16).toString('base64url')
      const limitOf = ({ kind }: Holder) => policies(caller, kind)
      const added = await store.addAgain(caller, earlier, letterId, limitOf, now())
      if (added === undefined) throw new Refusal('not_found')
      if (added === 'not open') {
        await trail.refused(holder, 'letter_not_open')
        throw new Refusal('letter_not_open')
      }
      const letter = await accepted(added, holder)
      await trail.resent(holder, letterId, earlier)
      return mailed(letter)
    },

    /** Newest first. */
    async list(caller: string, owner: string, kind: LetterKind): Promise<Letter[]> {
      return (await store.list({ caller, owner, kind }, LISTED)).map(view)
    },

    /** Of every kind, newest first, behind `after`. */
    ofOwner: (holder: Pick<Holder, 'caller' | 'owner'>, atMost: number, after?: Place) =>
      store.ofOwner(holder, atMost, after),

    /** Ends the code of the letter that is open, if any. */
    async cancel(caller: string, owner: string, kind: LetterKind): Promise<void> {
      const holder = { caller, owner, kind }
      const letterId = await store.cancel(holder, now())
      if (letterId !== undefined) await trail.cancelled(holder, letterId)
    },

    /**
     * The mail brings a letter back. Doing it again changes nothing.
     *
     * @param by who carries the letters; it may return those of every service
     * @throws Refusal `not_found`, `letter_not_open`
     */
    async comeBack(by: string, letterId: string): Promise<Letter> {
      const returned = await store.comeBack(letterId, now())
      if (returned) {
        await trail.returned(returned, by)
        return view(returned)
      }
      const letter = await store.find(letterId)
      if (!letter) throw new Refusal('not_found')
      if (letter.state !== 'returned') throw new Refusal('letter_not_open')
      return view(letter)
    },
  }
}

/** A letter without its secret and its address. */
export function view(row: LetterRow): Letter {
  const at = now()
  const { letterId, kind, expiresOn } = row
  return {
    letterId,
    kind,
    state: stateAt(row, at),
    ...(expiresOn === null ? {} : { expiresOn }),
    at: stepsAt(row, at),
  }
}
