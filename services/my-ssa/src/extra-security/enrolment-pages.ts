// The screens of document 002 between the letter and "Congratulations!".

import type { Letter } from '@gatehouse/contracts/upgrade-codes'
import {
  alert,
  buttonLink,
  errorSummary,
  form,
  radioGroup,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, exit, type Page, screenName } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { type NumberProblem, numberError, numberField, sendingError } from '../security-code/number-field.ts'
import { lockedText, triesLeftText } from '../security-code/pages.ts'
import type { CodeProblem } from '../security-code/texts.ts'
import { waitingTime } from '../security-code/waiting-time.ts'
import { letterText, newLetterForm } from './letter-words.ts'
import { isOpen } from './letters.ts'

export const ENABLE_TITLE = 'Enable your Extra Security'

export type EnableNotice =
  | 'letter_requested'
  | 'letters_down'
  | 'needs_letter'
  /** `until` in milliseconds. */
  | { until: number }

/** @param given `letter` is nothing where it cannot be told, or none may be mailed yet */
export function enablePage(
  around: Around,
  given: { letter: Letter | undefined; problem?: 'choose'; notice?: EnableNotice | undefined },
): Page {
  const { csrf } = around
  const { letter, problem, notice } = given
  const error = problem ? 'Choose one of the three.' : undefined
  const main = html`!${error ? errorSummary([{ field: 'choice', message: error }]) : ''}!${noticeAlert(notice)}!${deadLetter(letter)}
<h1>!${ENABLE_TITLE}</h1>
<h2>Do you have your extra security letter and your phone?</h2>
<p>Do you have:</p>
<ul class="usa-list">
<li><strong>the letter containing your step-by-step instructions, and</strong></li>
<li><strong>a cell phone with text messaging?</strong></li>
</ul>
!${form({
    action: PATHS.enable,
    csrf,
    body: html`!${radioGroup({
      name: 'choice',
      label: 'Your choice',
      tiles: true,
      ...(error ? { error } : {}),
      options: [
        { value: 'enable', label: 'Yes, enable my extra security.' },
        {
          value: 'skip',
          label: 'No, skip this for now.',
          hint: 'We will ask you the next time you sign in.',
        },
        {
          value: 'cancel',
          label: 'I changed my mind, cancel my request for extra security.',
          hint: 'We will not ask again. To add it later you must request a new upgrade code.',
        },
      ],
    })}
<h2>Your privacy is important.</h2>
<p>For details about our use of your information, we encourage you to read our
<a href="${PATHS.privacyAct}">Privacy Act Statement</a>.</p>
!${submitButton('Next')}`,
  })}
!${exit(around)}
<h2>No letter?</h2>
<p>${letter ? letterText(letter) : 'Your letter is not mailed yet.'}</p>
!${newLetterForm(around)}`
  return { title: ENABLE_TITLE, main, error: error !== undefined, status: error ? 422 : 200 }
}

function noticeAlert(notice: EnableNotice | undefined): string {
  if (notice === undefined) return ''
  if (notice === 'letter_requested') {
    const body = 'We are mailing a new letter. The code of an earlier letter does not work any more.'
    return alert({ kind: 'success', body })
  }
  if (notice === 'letters_down') {
    return alert({
      kind: 'warning',
      body: 'We cannot look for your letter now. You can skip this and go on.',
    })
  }
  if (notice === 'needs_letter') {
    return alert({
      kind: 'error',
      body: 'You need the letter first. Until it comes, you can skip this and go on.',
    })
  }
  const body = `We have mailed too many letters. You can request another one in ${waitingTime(notice.until)}.`
  return alert({ kind: 'error', body })
}

function deadLetter(letter: Letter | undefined): string {
  // A used one is the newest only while what it was used for is being finished.
  if (!letter || isOpen(letter) || letter.state === 'used') return ''
  return alert({ kind: 'warning', body: `${letterText(letter)} Please request a new letter.` })
}

export function addPhonePage(
  around: Around,
  { number = '', problem }: { number?: string; problem?: NumberProblem | undefined } = {},
): Page {
  const { csrf } = around
  const title = 'Enable Extra Security - Add Phone'
  const error = numberError(problem)
  const other = sendingError(problem)
  const main = html`!${error ? errorSummary([{ field: 'number', message: error }]) : ''}!${other ? alert({ kind: 'error', body: other }) : ''}
!${screenName(title)}<h1>Please add your cell phone</h1>
<p>To enable your extra security features, you need a cell phone that is able to receive text messages.</p>
!${form({
    action: PATHS.addPhone,
    csrf,
    body: html`!${numberField('Enter your Cell Phone Number:', number, error)}
<p>We’ll send a text message to this phone each time you sign in. (Your text message rates still apply.)</p>
!${submitButton('Get Text Message')}`,
  })}
<details class="margin-y-2"><summary>What if I lose or change my phone number?</summary>
<p>While you have your phone you can change the number in your security settings. Should you lose it, choose this
question where we ask for the security code: we mail a reset code to your address, and with it another phone takes the
place of the lost one.</p></details>
!${buttonLink('Previous', PATHS.enable, { variant: 'outline' })}!${exit(around)}`
  return { title, main, error: problem !== undefined, status: problem ? 422 : 200 }
}

/** @param given `phone` as it is to be shown */
/** What is wrong with what was typed beside the code, to show that the confirmed phone is the person's own. */
export type NumberAgain = { number: string; problem: 'malformed' | 'another' }

/** @param given.phone masked; `isResumed`: it was confirmed in another sign-in, so the person types its number again */
export function upgradePage(
  around: Around,
  given: {
    letter: Letter
    phone: string
    isResumed: boolean
    problem?: CodeProblem | undefined
    again?: NumberAgain | undefined
  },
): Page {
  const { csrf } = around
  const { letter, phone, isResumed, problem, again } = given
  const error = upgradeError(problem, letter)
  const wrongNumber = again ? NUMBER_AGAIN[again.problem] : ''
  const errors = [
    ...(wrongNumber ? [{ field: 'number', message: wrongNumber }] : []),
    ...(error ? [{ field: 'code', message: error }] : []),
  ]
  const locked = problem?.kind === 'locked' ? lockedText(problem.until) : undefined
  const thanks = isResumed ? 'Welcome back!' : 'Thank you for your security code!'
  const main = html`!${errors.length > 0 ? errorSummary(errors) : ''}!${locked ? alert({ kind: 'error', body: locked }) : ''}
<h1>Enable Extra Security</h1>
<p>!${thanks} Please enter the upgrade code from your letter to enable your account's extra security features.</p>
!${form({
    action: PATHS.upgradeCode,
    csrf,
    autocomplete: 'off',
    body: html`!${isResumed ? numberField('Enter your Cell Phone Number again:', again?.number ?? '', wrongNumber) : ''}!${textField(
      {
        name: 'code',
        label: 'Enter the Upgrade Code:',
        hint: '7 digits',
        inputmode: 'numeric',
        autocomplete: 'off',
        width: 'md',
        required: true,
        ...(error ? { error } : {}),
      },
    )}
!${submitButton('Submit Upgrade Code')}`,
  })}
!${exit(around)}
<p>We will send the text messages to ${phone}. Not your phone? <a href="${PATHS.addPhone}">Add another one</a>.</p>
<h2>No upgrade code?</h2>
<p>${letterText(letter)}</p>
!${newLetterForm(around)}`
  const isWrong = problem !== undefined || again !== undefined
  return { title: ENABLE_TITLE, main, error: isWrong, status: isWrong ? 422 : 200 }
}

const NUMBER_AGAIN = {
  malformed: 'Enter the 10-digit number of your cell phone, area code first.',
  another: 'This is not the number that was confirmed. If that one is not yours, add another one.',
}

function upgradeError(problem: CodeProblem | undefined, letter: Letter): string | undefined {
  if (problem?.kind === 'blank') return 'Enter the upgrade code.'
  if (problem?.kind !== 'refused') return undefined
  // The person's own letter: that it has expired is no secret.
  if (letter.state === 'expired') return `${letterText(letter)} Please request a new letter.`
  return `This upgrade code is wrong, or it is no longer good. ${triesLeftText(problem.triesLeft)}`.trim()
}

export function congratulationsPage(around: Around, next: string): Page {
  const main = html`<h1>Congratulations!</h1>
!${alert({ kind: 'success', body: 'You have successfully added your extra security features.' })}
<p>You will now sign in to use our online services by entering:</p>
<ul class="usa-list">
<li>Your username</li>
<li>Your password</li>
<li>A unique text message sent to your cell phone</li>
</ul>
<p>!${buttonLink('Next', next)}</p>
!${exit(around)}`
  return { title: 'Congratulations!', main }
}

/** A relying service asks for extra security, and nothing of it is there yet. */
export function neededPage(
  around: Around,
  given: { isRequested: boolean; problem?: 'choose'; tooMany?: number },
): Page {
  const { csrf, destination } = around
  const { isRequested, problem, tooMany } = given
  const error = problem ? 'Choose one of the two.' : undefined
  const name = destination?.name ?? 'The service'
  const title = 'Extra security is needed'
  const body = 'We are mailing a letter with your upgrade code. Sign in again when it has come.'
  const options = [
    { value: 'request', label: 'Yes, mail me the letter with my upgrade code.' },
    { value: 'skip', label: 'No, go on without extra security.', hint: `${name} may refuse you.` },
  ]
  const main = html`!${error ? errorSummary([{ field: 'choice', message: error }]) : ''}!${isRequested ? alert({ kind: 'success', body }) : ''}!${tooMany ? noticeAlert({ until: tooMany }) : ''}
<h1>!${title}</h1>
<p>${name} asks for a sign-in with extra security: your username, your password, and a text message to your cell phone.
Your account does not have it yet.</p>
!${form({
    action: PATHS.needed,
    csrf,
    body: html`!${radioGroup({
      name: 'choice',
      label: 'Do you want to add extra security?',
      tiles: true,
      ...(error ? { error } : {}),
      options: isRequested ? options.slice(1) : options,
    })}
!${submitButton('Next')}`,
  })}
!${exit(around)}`
  return { title, main, error: problem !== undefined, status: problem ? 422 : 200 }
}
