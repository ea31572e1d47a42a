// The page for the code of a text, wherever one is sent: at each sign-in, for a phone that is being added, and for one
// that takes the place of another.

import { now } from '@gatehouse/clock/clock'
import { alert, buttonLink, errorSummary, form, submitButton, textField } from '@gatehouse/pages/forms'
import type { Notice } from '@gatehouse/provider/sessions/store'
import { html } from 'ghtml'
import { type Around, exit, type Page, screenName } from '../browser/frame.ts'
import type { CodeProblem, SendProblem } from './texts.ts'
import { waitingTime } from './waiting-time.ts'

export interface CodePage {
  title: string
  /** As it is to be shown, whole or masked. */
  phone: string
  /** A text is out; without one there is only the button that sends it. */
  isWaiting: boolean
  /** Where the code goes, and where another text is asked for. */
  paths: { code: string; texts: string }
  /** Where another number can be entered; not at sign-in. */
  correctAt?: string
  previousAt?: string
  /** Where it goes on for whoever lost the phone; only at sign-in. */
  lostAt?: string
  problem: CodeProblem | SendProblem | undefined
  notice: Notice | undefined
  /** Trusted HTML at the end. */
  more?: string
}

export function codePage(around: Around, given: CodePage): Page {
  const { csrf } = around
  const { title, phone, isWaiting, paths, problem } = given
  const field = fieldError(problem)
  const main = html`!${field ? errorSummary([{ field: 'code', message: field }]) : ''}!${alerts(given)}
!${screenName(title)}<h1>!${isWaiting ? 'Please enter your security code' : 'We need to send you a security code'}</h1>
!${isWaiting ? entry(around, given, field) : ''}
!${
    isWaiting
      ? troubles(around, given)
      : form({
          action: paths.texts,
          csrf,
          body: html`<p>We will send a text message to: <strong>${phone}</strong></p>
!${submitButton('Get Text Message')}`,
        })
  }
!${given.lostAt ? html`<p><a href="${given.lostAt}">What if I lose or change my phone number?</a></p>` : ''}
!${given.more ?? ''}
!${given.previousAt ? buttonLink('Previous', given.previousAt, { variant: 'outline' }) : ''}!${exit(around)}`
  return { title, main, error: problem !== undefined, status: problem ? 422 : 200 }
}

function entry({ csrf }: Around, { phone, paths }: CodePage, error: string | undefined): string {
  return html`<p>We sent a text message to: <strong>${phone}</strong></p>
<p>Please allow up to 2 minutes for the text message to arrive. The security code will expire 10 minutes from the time
of your request.</p>
!${form({
    action: paths.code,
    csrf,
    autocomplete: 'off',
    body: html`!${textField({
      name: 'code',
      label: 'Enter the security code you just received:',
      hint: '8 digits',
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      width: 'md',
      required: true,
      ...(error ? { error } : {}),
    })}
!${submitButton('Submit Security Code')}`,
  })}`
}

function troubles({ csrf }: Around, { correctAt, paths }: CodePage): string {
  const number = correctAt
    ? html`<h3>Make sure that your cell phone number is correct.</h3>
<p>If not, please go back and <a href="${correctAt}">correct your number</a>.</p>`
    : ''
  return html`<section aria-labelledby="trouble">
<h2 id="trouble">Having trouble?</h2>
!${number}
<h3>Check your reception and text messaging (SMS)</h3>
<p>You may need to move to a place where your phone has reception. Please check that it can receive text messages.</p>
<h3>Still having trouble?</h3>
<p>We can send another text message. Only the code of the newest one works.</p>
!${form({
    action: paths.texts,
    csrf,
    label: 'Send a new text message',
    body: submitButton('Send a new text message', { variant: 'unstyled' }),
  })}
</section>`
}

function fieldError(problem: CodePage['problem']): string | undefined {
  if (problem?.kind === 'blank') return 'Enter the security code.'
  if (problem?.kind !== 'refused') return undefined
  return `This security code is wrong, or it is no longer good. ${triesLeftText(problem.triesLeft)}`.trim()
}

/** How many tries are left, where that is told. */
export function triesLeftText(triesLeft: number | undefined): string {
  if (triesLeft === undefined) return ''
  return triesLeft === 1 ? 'You have 1 try left.' : `You have ${triesLeft} tries left.`
}

export function lockedText(until: number): string {
  return `There were too many tries. You can try again in ${waitingTime(until)}.`
}

export const NOT_DELIVERED = 'We could not send the text message. Please try again.'

function alerts({ problem, notice }: CodePage): string {
  if (problem?.kind === 'locked') return alert({ kind: 'error', body: lockedText(problem.until) })
  if (problem?.kind === 'not_delivered') return alert({ kind: 'error', body: NOT_DELIVERED })
  if (problem?.kind === 'number_refused') {
    return alert({ kind: 'error', body: 'This phone cannot receive our text messages.' })
  }
  if (problem) return ''
  if (notice?.kind === 'resent') return alert({ kind: 'success', body: 'We sent a new text message.' })
  if (notice?.kind !== 'too_soon' || (notice.until ?? 0) <= now()) return ''
  const body = `A text message is on its way. You can ask for another one in ${waitingTime(notice.until ?? 0)}.`
  return alert({ kind: 'warning', body })
}
