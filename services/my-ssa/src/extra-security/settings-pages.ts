// What somebody sees and changes of extra security on the own account.

import type { Letter } from '@gatehouse/contracts/upgrade-codes'
import { alert, buttonLink, errorSummary, form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, exit, type Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { type NumberProblem, numberError, numberField, sendingError } from '../security-code/number-field.ts'
import { lockedText } from '../security-code/pages.ts'
import { waitingTime } from '../security-code/waiting-time.ts'
import { letterText, newLetterForm } from './letter-words.ts'
import { maskedPhone } from './phone-numbers.ts'
import type { ExtraSecurityState } from './store.ts'

export const SETTINGS_PATHS = {
  add: `${PATHS.securitySettings}/add`,
  remove: `${PATHS.securitySettings}/remove`,
  phone: `${PATHS.securitySettings}/phone`,
  phoneCode: `${PATHS.securitySettings}/phone/security-code`,
  phoneTexts: `${PATHS.securitySettings}/phone/texts`,
} as const

const NOTICES: Record<string, string> = {
  letter_requested: 'We are mailing a letter with your upgrade code.',
  removed: 'Extra security is removed. Your username and password are enough to sign in.',
  phone_changed: 'Your cell phone number is changed.',
}

export interface SettingsPage {
  state: ExtraSecurityState
  phone: string | undefined
  /** Nothing where it cannot be told, or none may be mailed yet. */
  letter: Letter | undefined
  notice: string | undefined
  /** Milliseconds: no letter may be mailed before. */
  tooMany?: number
}

export function settingsPage(around: Around, given: SettingsPage): Page {
  const { csrf, destination } = around
  const { notice = '', tooMany } = given
  const title = 'Security Settings'
  const said = Object.hasOwn(NOTICES, notice) ? NOTICES[notice] : undefined
  const body =
    tooMany && `We have mailed too many letters. You can request another one in ${waitingTime(tooMany)}.`
  const main = html`!${said ? alert({ kind: 'success', body: said }) : ''}!${body ? alert({ kind: 'error', body }) : ''}
<h1>!${title}</h1>
!${destination ? html`<p>!${buttonLink(`Continue to ${destination.name}`, destination.continueAt)}</p>` : ''}
<h2>Extra security</h2>
!${{ off: offPart, requested: requestedPart, on: onPart }[given.state](around, given)}
<h2>Block electronic access</h2>
<p>You can <a href="${PATHS.blockElectronicAccess}">block electronic access</a> to your information at any time, for any
reason.</p>
!${form({ action: PATHS.signOut, csrf, label: 'Sign out', body: submitButton('Sign out', { variant: 'outline' }) })}
!${destination ? exit(around) : ''}`
  return { title, main, error: tooMany !== undefined, status: tooMany ? 422 : 200 }
}

function offPart({ csrf }: Around): string {
  return html`<p>Extra security is <strong>off</strong>. With it you enter a code from a text message each time you sign in.
We mail you a letter with an upgrade code first.</p>
!${form({ action: SETTINGS_PATHS.add, csrf, body: submitButton('Add extra security') })}`
}

function requestedPart(around: Around, { letter }: SettingsPage): string {
  return html`<p>Extra security is <strong>requested</strong>.
${letter ? letterText(letter) : 'Your letter is not mailed yet.'}</p>
<p>!${buttonLink('Enable or cancel extra security', PATHS.enable)}</p>
!${newLetterForm(around)}`
}

function onPart(_around: Around, { phone = '' }: SettingsPage): string {
  return html`<p>Extra security is <strong>on</strong>. We send a text message to ${maskedPhone(phone)} each time you sign
in.</p>
<ul class="usa-list">
<li><a href="${SETTINGS_PATHS.phone}">Change your cell phone number</a></li>
<li><a href="${SETTINGS_PATHS.remove}">Remove extra security</a></li>
</ul>`
}

export type PasswordProblem = { kind: 'blank' | 'wrong' } | { kind: 'blocked'; until: number }

function passwordError(problem: PasswordProblem | undefined): string {
  if (problem?.kind === 'blank') return 'Enter your password.'
  return problem?.kind === 'wrong' ? 'This password is wrong.' : ''
}

function passwordField(error: string): string {
  return textField({
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    showPassword: 'Show password',
    ...(error ? { error } : {}),
  })
}

function blockedAlert(problem: PasswordProblem | undefined): string {
  return problem?.kind === 'blocked' ? alert({ kind: 'error', body: lockedText(problem.until) }) : ''
}

export function removePage(around: Around, problem?: PasswordProblem): Page {
  const { csrf } = around
  const title = 'Remove extra security'
  const error = passwordError(problem)
  const main = html`!${error ? errorSummary([{ field: 'password', message: error }]) : ''}!${blockedAlert(problem)}
<h1>!${title}</h1>
<p>You will no longer need a cell phone to sign in. Should you want extra security again, you start over with a new letter
and its upgrade code.</p>
!${form({
    action: SETTINGS_PATHS.remove,
    csrf,
    body: html`!${passwordField(error)}
!${submitButton('Remove extra security')}`,
  })}
!${buttonLink('Previous', PATHS.securitySettings, { variant: 'outline' })}!${exit(around)}`
  return { title, main, error: problem !== undefined, status: problem ? 422 : 200 }
}

export function changePhonePage(
  around: Around,
  given: {
    phone: string
    number?: string
    password?: PasswordProblem | undefined
    problem?: NumberProblem | undefined
  },
): Page {
  const { csrf } = around
  const { phone, number = '', password, problem } = given
  const title = 'Change your cell phone number'
  const errors = { password: passwordError(password), number: numberError(problem) }
  const list = Object.entries(errors).filter(([, message]) => message !== '')
  const other = sendingError(problem)
  const main = html`!${errorSummary(list.map(([field, message]) => ({ field, message })))}!${blockedAlert(password)}!${other ? alert({ kind: 'error', body: other }) : ''}
<h1>!${title}</h1>
<p>We send your text messages to ${maskedPhone(phone)}.</p>
!${form({
    action: SETTINGS_PATHS.phone,
    csrf,
    body: html`!${passwordField(errors.password)}!${numberField('New Cell Phone Number:', number, errors.number)}
!${submitButton('Get Text Message')}`,
  })}
!${buttonLink('Previous', PATHS.securitySettings, { variant: 'outline' })}!${exit(around)}`
  const isWrong = password !== undefined || problem !== undefined
  return { title, main, error: isWrong, status: isWrong ? 422 : 200 }
}
