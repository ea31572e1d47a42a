// The pages around a lost phone (facts ssa-sign-in §3): asking for the reset code, and entering it.

import type { Letter, PostalAddress } from '@gatehouse/contracts/upgrade-codes'
import {
  alert,
  buttonLink,
  checkbox,
  errorSummary,
  form,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, exit, type Page } from '../browser/frame.ts'
import { letterText, newLetterForm } from '../extra-security/letter-words.ts'
import { PATHS } from '../paths.ts'
import { type NumberProblem, numberError, numberField, sendingError } from '../security-code/number-field.ts'
import { lockedText, triesLeftText } from '../security-code/pages.ts'
import type { CodeProblem } from '../security-code/texts.ts'
import { waitingTime } from '../security-code/waiting-time.ts'

export const RESET_PATHS = {
  phone: `${PATHS.resetCode}/phone`,
  phoneCode: `${PATHS.resetCode}/security-code`,
  texts: `${PATHS.resetCode}/texts`,
  oldPhone: `${PATHS.resetCode}/old-phone`,
  letter: `${PATHS.resetCode}/letter`,
} as const

/** The address as only its owner recognises it: this page comes before the second factor. */
function maskedAddress({ street, city, state, zipCode }: PostalAddress): string {
  const masked = (text: string) => text.replace(/\S+/g, (word) => `${word[0]}***`)
  return `${masked(street)}, ${masked(city)}, ${state} ***${zipCode.slice(3, 5)}`
}

export interface LostPhoneProblems {
  terms?: boolean
  address?: boolean
  number?: NumberProblem | undefined
  /** Milliseconds: no letter may be mailed before. */
  tooMany?: number
}

export function lostPhonePage(
  around: Around,
  given: { address: PostalAddress; number?: string; problems?: LostPhoneProblems },
): Page {
  const { csrf } = around
  const { address, number = '', problems = {} } = given
  const title = 'Lost or changed phone number'
  const errors = {
    terms: problems.terms ? 'Agree to the terms to go on.' : '',
    address: problems.address ? 'Confirm that we can mail a letter to this address.' : '',
    number: numberError(problems.number),
  }
  const list = Object.entries(errors).filter(([, message]) => message !== '')
  const tooMany =
    problems.tooMany &&
    `We have mailed too many letters. You can request another one in ${waitingTime(problems.tooMany)}.`
  const box = (name: 'terms' | 'address', label: string) =>
    checkbox({ name, label, required: true, ...(errors[name] ? { error: errors[name] } : {}) })
  const main = html`!${errorSummary(list.map(([field, message]) => ({ field, message })))}!${tooMany ? alert({ kind: 'error', body: tooMany }) : ''}
<h1>!${title}</h1>
<p>If the cell phone number of your account is no longer valid and must be changed, we mail you instructions with a reset
code. They arrive in 5 to 10 business days. Enter the code the next time you sign in; until then nothing changes.</p>
!${form({
    action: PATHS.lostPhone,
    csrf,
    body: html`<h2>Terms of Service</h2>
<p>You may change the number of your own account only. Whoever pretends to be somebody else may be prosecuted.</p>
!${box('terms', 'I agree to the Terms of Service.')}
<h2>Your mailing address</h2>
<p>${maskedAddress(address)}</p>
<p>If this is no longer your address, call us instead: 1-800-772-1213 (TTY 1-800-325-0778).</p>
!${box('address', 'I get my mail at this address.')}
<h2>Your new cell phone</h2>
!${numberField('Enter your new Cell Phone Number:', number, errors.number)}
!${submitButton('Mail Reset Code Instructions')}`,
  })}
!${buttonLink('Previous', PATHS.securityCode, { variant: 'outline' })}!${exit(around)}`
  const isWrong = list.length > 0 || tooMany !== undefined
  return { title, main, error: isWrong, status: isWrong ? 422 : 200 }
}

/** After the instructions were requested. */
export function mailedPage(around: Around): Page {
  const title = 'We are mailing your instructions'
  const main = html`<h1>!${title}</h1>
<p>Your reset code arrives in 5 to 10 business days at the mailing address that we have. When you have the letter and your new
phone, sign in with your username and password: we ask for the code then.</p>
<p>Should you find your old phone, you can still sign in with it. That ends the reset.</p>
!${exit(around)}`
  return { title, main }
}

function oldPhoneForm({ csrf }: Around): string {
  const label = 'I have my old phone after all'
  return form({
    action: RESET_PATHS.oldPhone,
    csrf,
    label,
    body: submitButton(label, { variant: 'unstyled' }),
  })
}

/** The first page of a sign-in while a reset is under way. */
export function newPhonePage(
  around: Around,
  given: {
    letter: Letter | undefined
    /** Masked: the phone that the letter was asked for with. */
    phone: string
    number: string
    problem?: NumberProblem | undefined
  },
): Page {
  const { csrf } = around
  const { letter, phone, number, problem } = given
  const title = 'Reset your phone number'
  const error = numberError(problem)
  const other = sendingError(problem)
  const main = html`!${error ? errorSummary([{ field: 'number', message: error }]) : ''}!${other ? alert({ kind: 'error', body: other }) : ''}
<h1>!${title}</h1>
<p>You have asked for a reset code. ${letter ? letterText(letter) : ''}</p>
<p>When you have the letter, we first send a text message to your new cell phone. You gave us ${phone}; enter the whole number,
or another one.</p>
!${form({
    action: RESET_PATHS.phone,
    csrf,
    body: html`!${numberField('Your new Cell Phone Number:', number, error)}
!${submitButton('Get Text Message')}`,
  })}
!${oldPhoneForm(around)}!${newLetterForm(around, RESET_PATHS.letter)}!${exit(around)}`
  return { title, main, error: problem !== undefined, status: problem ? 422 : 200 }
}

export function resetCodePage(
  around: Around,
  given: { letter: Letter | undefined; phone: string; problem?: CodeProblem | undefined },
): Page {
  const { csrf } = around
  const { letter, phone, problem } = given
  const title = 'Enter your reset code'
  const error = resetError(problem)
  const locked = problem?.kind === 'locked' ? lockedText(problem.until) : ''
  const main = html`!${error ? errorSummary([{ field: 'code', message: error }]) : ''}!${locked ? alert({ kind: 'error', body: locked }) : ''}
<h1>!${title}</h1>
<p>Thank you for your security code! Please enter the reset code from your letter. Then ${phone} takes the place of your old
phone.</p>
!${form({
    action: PATHS.resetCode,
    csrf,
    autocomplete: 'off',
    body: html`!${textField({
      name: 'code',
      label: 'Enter the Reset Code:',
      hint: '8 digits',
      inputmode: 'numeric',
      autocomplete: 'off',
      width: 'md',
      required: true,
      ...(error ? { error } : {}),
    })}
!${submitButton('Submit Reset Code')}`,
  })}
<p>${letter ? letterText(letter) : ''}</p>
!${oldPhoneForm(around)}!${newLetterForm(around, RESET_PATHS.letter)}!${exit(around)}`
  return { title, main, error: problem !== undefined, status: problem ? 422 : 200 }
}

function resetError(problem: CodeProblem | undefined): string | undefined {
  if (problem?.kind === 'blank') return 'Enter the reset code.'
  if (problem?.kind !== 'refused') return undefined
  return `This reset code is wrong, or it is no longer good. ${triesLeftText(problem.triesLeft)}`.trim()
}

/** A new letter was asked for while a reset is under way. */
export function letterRequestedPage(around: Around, tooMany: number | undefined): Page {
  const title = tooMany === undefined ? 'We are mailing a new letter' : 'No new letter'
  const body =
    tooMany === undefined
      ? 'The code of an earlier letter does not work any more.'
      : `We have mailed too many letters. You can request another one in ${waitingTime(tooMany)}.`
  const main = html`<h1>!${title}</h1>
!${alert({ kind: tooMany === undefined ? 'success' : 'error', body })}
<p>!${buttonLink('Next', PATHS.resetCode)}</p>
!${exit(around)}`
  return {
    title,
    main,
    error: tooMany !== undefined,
    status: tooMany === undefined ? 200 : 422,
  }
}
