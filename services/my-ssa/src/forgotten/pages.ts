// Forgot Username and Forgot Password. No answer tells whether there is an account.

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
import type { Around, Page } from '../browser/frame.ts'
import type { DetailsForm, Problem } from '../identity/details.ts'
import { detailsFields, fieldErrors } from '../identity/fields.ts'
import { lengthOfTime } from '../mail/length-of-time.ts'
import { newPasswordField } from '../passwords/new-password.ts'
import { PATHS } from '../paths.ts'
import { helpLine } from '../sign-in/help.ts'

const back = html`<p>!${buttonLink('Exit', PATHS.signIn, { variant: 'outline' })}</p>`

const failing = (problems: readonly Problem[]) => ({
  error: problems.length > 0,
  status: problems.length > 0 ? 422 : 200,
})

const errorOf = (problems: readonly Problem[], name: string) => {
  const rule = problems.find(({ field }) => field === name)?.rule
  return rule ? { error: rule } : {}
}

export function forgotUsernamePage(
  { csrf }: Around,
  values: DetailsForm = {},
  problems: Problem[] = [],
): Page {
  const title = 'Forgot Username'
  const main = html`!${errorSummary(fieldErrors(problems))}<h1>${title}</h1>
<p>Tell us who you are. If there is an account for you, we send your username to its e-mail address.</p>
!${form({
    action: PATHS.forgotUsername,
    csrf,
    autocomplete: 'off',
    body: html`!${detailsFields(values, problems)}!${submitButton('Send my username')}`,
  })}
!${back}`
  return { title, main, ...failing(problems) }
}

export function usernameSentPage(): Page {
  const title = 'Check your e-mail'
  const main = html`<h1>${title}</h1>
<p>If what you entered matches an account, its username is on the way to its e-mail address. If nothing comes within a few
minutes, try again, or call us.</p>
!${helpLine()}
<p><a href="${PATHS.signIn}">Back to Sign In or Create an Account</a></p>`
  return { title, main }
}

export interface ForgotPasswordPage {
  username?: string
  how?: string
  problems?: Problem[]
}

export function forgotPasswordPage(
  { csrf }: Around,
  { username = '', how = 'email', problems = [] }: ForgotPasswordPage = {},
): Page {
  const title = 'Forgot Password'
  const main = html`!${errorSummary(fieldErrors(problems))}<h1>${title}</h1>
<p>A new password does not change your extra security: if you have it, you need your cell phone as before.</p>
!${form({
    action: PATHS.forgotPassword,
    csrf,
    body: html`!${textField({
      name: 'username',
      label: 'Username',
      autocomplete: 'username',
      required: true,
      value: username,
      ...errorOf(problems, 'username'),
    })}
!${radioGroup({
      name: 'how',
      label: 'How would you like to choose a new password?',
      required: true,
      value: how,
      options: [
        { value: 'email', label: 'E-mail me a link.' },
        {
          value: 'letter',
          label: 'Mail me a temporary password.',
          hint: 'It comes by letter to your mailing address.',
        },
      ],
      ...errorOf(problems, 'how'),
    })}
!${submitButton('Next')}`,
  })}
<p><a href="${PATHS.forgotUsername}">Forgot Username</a></p>
<p><a href="${PATHS.resetPassword}">I have my letter with a temporary password</a></p>
!${back}`
  return { title, main, ...failing(problems) }
}

/** @param linkMs how long a link works, in milliseconds */
export function passwordRequestedPage(how: 'email' | 'letter', linkMs: number): Page {
  const isLetter = how === 'letter'
  const title = isLetter ? 'Wait for our letter' : 'Check your e-mail'
  const main = html`<h1>${title}</h1>
!${
    isLetter
      ? html`<p>If there is an account with this username, we are mailing a temporary password to its mailing address. It does
not sign you in: choose a new password with it.</p>
<p><a href="${PATHS.resetPassword}">I have my letter with a temporary password</a></p>`
      : html`<p>If there is an account with this username, we have sent an e-mail to its address. Open the link in it within
${lengthOfTime(linkMs)}. If nothing comes within a few minutes, try again.</p>`
  }
<p><a href="${PATHS.signIn}">Back to Sign In or Create an Account</a></p>`
  return { title, main }
}

/** Behind the link of an e-mail. */
export function newPasswordPage(
  { csrf }: Around,
  { token, shortest, problems = [] }: { token: string; shortest: number; problems?: Problem[] },
): Page {
  const title = 'Choose a new password'
  const main = html`!${errorSummary(fieldErrors(problems))}<h1>${title}</h1>
!${form({
    action: `${PATHS.forgotPassword}/link`,
    csrf,
    body: html`<input type="hidden" name="token" value="${token}">
!${newPasswordField('New password', shortest, problems[0]?.rule)}!${submitButton('Change my password')}`,
  })}
!${back}`
  return { title, main, ...failing(problems) }
}

export function deadLinkPage(): Page {
  const title = 'This link does not work any more'
  const main = html`<h1>${title}</h1>
<p>It was used already, it is too old, or a newer one was sent.</p>
<p>!${buttonLink('Forgot Password', PATHS.forgotPassword)}</p>
!${back}`
  return { title, main, error: true, status: 410 }
}

export interface TemporaryPasswordPage {
  shortest: number
  username?: string
  problems?: Problem[]
  /** Username and temporary password do not go together, for whatever reason. */
  isRefused?: boolean
  /** Milliseconds until temporary passwords may be tried again. */
  tryAgainIn?: number
}

/** For whoever has the letter. */
export function temporaryPasswordPage({ csrf }: Around, given: TemporaryPasswordPage): Page {
  const { shortest, username = '', problems = [], isRefused = false, tryAgainIn } = given
  const title = 'Use your temporary password'
  const failure =
    tryAgainIn !== undefined
      ? `There were too many wrong tries with this username. Try again in ${lengthOfTime(tryAgainIn)}.`
      : isRefused
        ? 'The username or the temporary password is not right, or the temporary password is too old or was used.'
        : undefined
  const main = html`!${failure ? alert({ kind: 'error', body: failure }) : ''}!${errorSummary(fieldErrors(problems))}<h1>${title}</h1>
<p>Enter the temporary password from our letter, and choose a new password at once.</p>
!${form({
    action: PATHS.resetPassword,
    csrf,
    body: html`!${textField({
      name: 'username',
      label: 'Username',
      autocomplete: 'username',
      required: true,
      value: username,
      ...errorOf(problems, 'username'),
    })}
!${textField({
      name: 'temporaryPassword',
      label: 'Temporary password',
      type: 'password',
      autocomplete: 'off',
      showPassword: 'Show temporary password',
      required: true,
      ...errorOf(problems, 'temporaryPassword'),
    })}
!${newPasswordField('New password', shortest, problems.find(({ field }) => field === 'password')?.rule)}
!${submitButton('Change my password')}`,
  })}
<p><a href="${PATHS.forgotPassword}">I have no letter</a></p>
!${back}`
  const status = tryAgainIn !== undefined ? 429 : failure || problems.length > 0 ? 422 : 200
  return { title, main, error: status !== 200, status }
}
