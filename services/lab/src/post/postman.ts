// Brings letters to their boxes when the suite's clock says so. What must always hold: nobody who looks into a box finds a
// letter before its time, or misses one whose time has come.

import { now } from '@gatehouse/clock/clock'
import type { LetterDelivery } from '@gatehouse/contracts/lab'
import type { News } from '../news.ts'
import { type Letter, stateOf } from './letters.ts'
import type { LetterStore } from './store.ts'

/** How often the postman looks at the clock while a letter is in the mail. Milliseconds; a look reads no database. */
const BETWEEN_LOOKS = 100

export interface Postman {
  /** Resolves once the letter is stored, and in its box if its time has come. */
  handIn(id: string, letter: LetterDelivery): Promise<void>
  /** To be awaited before a box is opened. */
  look(): Promise<void>
  /** The letter leaves its box, or never gets there; nothing if it was returned before. */
  giveBack(id: string): Promise<void>
  /** Resolves when no round is under way any more. */
  close(): Promise<void>
}

/** Makes a first round at once: letters may have been in the mail while the lab was down. */
export async function createPostman(dependencies: {
  store: LetterStore
  news: News
  onTrouble: (error: unknown) => void
}): Promise<Postman> {
  const { store, news, onTrouble } = dependencies
  let next: number | undefined
  let last: Promise<unknown> = Promise.resolve()
  const isDue = () => next !== undefined && now() >= next

  /** One round after the other, so that what the last of them finds to be next is so. */
  function round(): Promise<void> {
    const turn = last.then(async () => {
      for (const letter of await store.deliver(now())) tell(letter)
      next = await store.nextDelivery()
    })
    last = turn.catch(() => {})
    return turn
  }

  const tell = (letter: Letter) =>
    news.announce({ id: letter.id, channel: 'letter', to: letter.box, status: stateOf(letter) })

  await round()
  // No timer until the next delivery: the clock may be moved at any time, from anywhere in this process.
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking || !isDue()) return
    isLooking = true
    void round()
      .catch(onTrouble)
      .finally(() => {
        isLooking = false
      })
  }, BETWEEN_LOOKS)
  timer.unref()

  return {
    async handIn(id, letter) {
      tell(await store.handIn(id, letter))
      await round()
    },
    async look() {
      if (isDue()) await round()
    },
    async giveBack(id) {
      const letter = await store.giveBack(id)
      if (letter) tell(letter)
    },
    async close() {
      clearInterval(timer)
      await last
    },
  }
}
