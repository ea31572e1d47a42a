// Times that a script counts down on the page (fact sheet 6.3). Without scripts a page goes on saying what was so when it
// was made.

import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { timeLeft } from './time-left.ts'

export const COUNTDOWN_SCRIPT = '/assets/login-gov/countdown.js'

/** A part of the page that is there at its time only. */
export interface TimedPart {
  /** Milliseconds before the end; there at once unless given. */
  from?: number
  /** Milliseconds before the end; stays unless given. */
  until?: number
  /** Trusted HTML. */
  content: string
}

/** @param left milliseconds from now to the end */
export function countdown(left: number, parts: TimedPart[]): string {
  const timed = parts.map(
    ({ from = Number.POSITIVE_INFINITY, until = Number.NEGATIVE_INFINITY, content }) => {
      const hidden = left > from || left <= until ? ' hidden' : ''
      return html`<div data-shown-from="${from}" data-shown-until="${until}"!${hidden}>!${content}</div>`
    },
  )
  return html`<div data-countdown="${left}">!${timed}</div>`
}

/** A sentence as trusted HTML, with a time in it that counts down without being read out at every second. */
export function counted(sentence: (left: string) => string, left: number, lang: Lang): string {
  const [before, after] = sentence('\0').split('\0')
  return html`${before}<span role="timer" data-time-left>${timeLeft(left, lang)}</span>${after}`
}
