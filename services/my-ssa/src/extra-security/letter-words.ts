// A letter's state in words, and the button for another one.

import type { Letter } from '@gatehouse/contracts/upgrade-codes'
import { form, submitButton } from '@gatehouse/pages/forms'
import type { Around } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'

/** Where another letter is asked for. */
export const NEW_LETTER_AT = `${PATHS.enable}/letter`

/** Dates are calendar dates where Social Security is; instants are shown as they are there. */
const ZONE = 'America/New_York'

const longDate = (date: Date, timeZone: string) =>
  new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone }).format(date)

/** @param day YYYY-MM-DD */
function dayText(day: string): string {
  return longDate(new Date(`${day}T00:00:00Z`), 'UTC')
}

export function letterText({ state, at, expiresOn }: Letter): string {
  const since = at.mailed ?? at.printed
  const mailed = since === undefined ? '' : ` on ${longDate(new Date(since), ZONE)}`
  const until = expiresOn ? ` Its code expires on ${dayText(expiresOn)}.` : ''
  switch (state) {
    case 'requested':
    case 'printed':
      return 'Your letter is requested, and will be in the mail soon.'
    case 'mailed':
    case 'delivered':
      return `We mailed your letter${mailed}.${until}`
    case 'expired':
      return `The code of your letter expired${expiresOn ? ` on ${dayText(expiresOn)}` : ''}.`
    case 'returned':
      return 'Your letter came back to us as undeliverable.'
    case 'used':
      return 'The code of your letter was used.'
    case 'cancelled':
    case 'resent':
      return 'The code of your letter is no longer good.'
  }
}

/** For whoever has no letter, or no good one. */
export function newLetterForm({ csrf }: Around, action: string = NEW_LETTER_AT): string {
  const label = 'Request a new letter'
  return form({ action, csrf, label, body: submitButton(label, { variant: 'unstyled' }) })
}
