// Printing letters and handing them to the mail. A letter's secret is made here when it is printed and is forgotten once
// the mail has it. What must always hold: a letter that was requested gets mailed, also when the mail is away for a while
// or this process is killed at any moment; it is then printed anew with another code, because nobody knows the first.

import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import type { LetterDelivery, Post } from '@gatehouse/contracts/lab'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyBaseLogger } from 'fastify'
import { createCode, type DigestOf } from '../letters/codes.ts'
import { daysAfter, easternDate, endOfEasternDay } from '../letters/eastern-date.ts'
import type { Policies } from '../policies.ts'
import type { LetterRow } from '../tables.ts'
import type { Trail } from '../trail.ts'
import type { DueLetter, MailingStore } from './store.ts'
import type { Wording } from './wording.ts'

interface Dependencies {
  store: MailingStore
  post: Post
  policies: Policies
  secrets: Secrets
  digestOf: DigestOf
  wording: Wording
  trail: Trail
  log: FastifyBaseLogger
}

export type Mailing = ReturnType<typeof createMailing>

/** Milliseconds for printing and handing over; only then may another process print the letter. A call takes 5 s at most. */
const PRINTING = 15_000
/** Milliseconds until the mail is asked again. */
const AGAIN = 5_000
/** A letter that the mail refuses will hardly be taken the next time. */
const AFTER_REFUSAL = 60_000
/** Letters in one look. */
const BATCH = 20
const DAY = 24 * 3_600_000

type Outcome = 'mailed' | 'not due' | 'refused' | 'no mail'

export function createMailing(dependencies: Dependencies) {
  const { store, post, policies, secrets, digestOf, wording, trail, log } = dependencies
  // What this process is printing: the clock of a test may jump over `PRINTING` meanwhile.
  const underway = new Map<string, Promise<Outcome>>()
  let looking: Promise<void> | undefined
  let isClosing = false

  async function printAndMail(letter: DueLetter): Promise<Outcome> {
    const { letterId, caller, kind } = letter
    const policy = policies(caller, kind)
    const code = createCode(kind, policy.length)
    const codeDigest = digestOf(letter, code)
    const printedAt = now()
    const expiresOn = daysAfter(easternDate(printedAt), policy.validDays)
    const printed = await store.print(letterId, {
      codeDigest,
      printedAt,
      expiresOn,
      expiresAt: endOfEasternDay(expiresOn),
      deliverAt: printedAt + policy.deliveryDays * DAY,
      dueAt: printedAt + PRINTING,
    })
    if (!printed) return 'not due'
    try {
      await post.deliver(letterId, await delivery(printed, code))
    } catch (error) {
      const isRefused = error instanceof CallRefused
      await store.notTaken(letterId, codeDigest, now() + (isRefused ? AFTER_REFUSAL : AGAIN))
      // Only what is known to hold nothing of the letter.
      const why = isRefused || error instanceof CallFailed ? error.message : (error as Error)?.name
      log.warn({ letterId, kind, why }, 'the mail did not take a letter')
      return isRefused ? 'refused' : 'no mail'
    }
    if (await store.mailed(letterId, codeDigest, now())) await trail.mailed(letter)
    return 'mailed'
  }

  async function delivery(letter: LetterRow, code: string): Promise<LetterDelivery> {
    // Loads the PDF library: not needed before the first letter.
    const { letterPdf } = await import('./pdf.ts')
    const { from, subject, blocks } = wording(letter, code)
    const to = JSON.parse(secrets.unseal('recipient', letter.sealedRecipient))
    const printedOn = easternDate(letter.printedAt!)
    const paper = { from, to, subject, printedOn, blocks }
    const pdf = await letterPdf(paper, letter.printedAt!)
    return { ...paper, code, pdf: pdf.toString('base64'), deliverAt: letter.deliverAt! }
  }

  /** Prints and mails one letter. Never throws. */
  function attempt(letter: DueLetter): Promise<Outcome> {
    const running = underway.get(letter.letterId)
    if (running) return running
    const begun = printAndMail(letter)
      .catch((error: unknown): Outcome => {
        log.error({ letterId: letter.letterId, why: (error as Error)?.name }, 'a letter could not be printed')
        return 'refused'
      })
      .finally(() => underway.delete(letter.letterId))
    underway.set(letter.letterId, begun)
    return begun
  }

  async function look(): Promise<void> {
    for (const letter of await store.due(now(), BATCH)) {
      if (isClosing) return
      // One letter finds out whether the mail is there; those behind it wait for the next look.
      if ((await attempt(letter)) === 'no mail') return
    }
  }

  /** Mails what is due. While a look is under way there is no second one. */
  function mailDue(): Promise<void> {
    if (isClosing) return looking ?? Promise.resolve()
    looking ??= look()
      .catch((error: unknown) =>
        log.error({ why: (error as Error)?.name }, 'the letters that are due cannot be read'),
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }

  return {
    mailDue,
    /** Mails a letter that was just requested; with it goes what was waiting for the mail. Never throws. */
    async mail(letter: DueLetter): Promise<void> {
      if (isClosing) return
      if ((await attempt(letter)) === 'mailed') void mailDue()
    },
    /** Lets go what is in hand; nothing new begins. */
    async close(): Promise<void> {
      isClosing = true
      await looking
      await Promise.all(underway.values())
    },
  }
}
