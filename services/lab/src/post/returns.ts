// Returning a letter as undeliverable: upgrade-codes is told first, because that ends the code; then it leaves the box. Killed in
// between, the letter is still there to be returned once more.

import { CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import { Refusal, type Refusals } from '@gatehouse/http/refusal'
import type { Postman } from './postman.ts'
import type { LetterStore } from './store.ts'

export const postRefusals: Refusals = {
  letter_not_open: { status: 409, title: 'This letter cannot be returned any more' },
}

/**
 * @returns gives a letter back, once; again is answered like the first time
 * @throws Refusal `not_found`, or `letter_not_open` when its code is used, cancelled or replaced
 * @throws CallFailed when upgrade-codes does not answer; the letter stays where it is
 */
export function createReturns(calls: ServiceCalls, store: LetterStore, postman: Postman) {
  const letters = upgradeCodes(calls)
  return async function giveBack(id: string): Promise<void> {
    const letter = await store.find(id)
    if (!letter) throw new Refusal('not_found')
    if (letter.returnedAt !== null) return
    try {
      await letters.returned(id)
    } catch (error) {
      // Whoever started anew has forgotten the letter: there is no code left that could be ended.
      const isOver = error instanceof CallRefused && ['letter_not_open', 'not_found'].includes(error.code)
      throw isOver ? new Refusal('letter_not_open') : error
    }
    await postman.giveBack(id)
  }
}
