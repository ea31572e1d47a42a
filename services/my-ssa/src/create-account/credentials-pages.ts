// Username, password and the question about extra security; and the end.

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
import { type Around, exit, type Page } from '../browser/frame.ts'
import type { Problem } from '../identity/details.ts'
import { fieldErrors } from '../identity/fields.ts'
import { newPasswordField } from '../passwords/new-password.ts'
import { PATHS } from '../paths.ts'
import { STEPS } from './steps.ts'

export interface CredentialsPage {
  shortest: number
  username?: string
  extraSecurity?: string
  problems?: Problem[]
}

export function credentialsPage(around: Around, given: CredentialsPage): Page {
  const { shortest, username = '', extraSecurity = '', problems = [] } = given
  const title = 'Create a username and password'
  const ruleOf = (name: string) => problems.find(({ field }) => field === name)?.rule
  const errorOf = (name: string) => {
    const error = ruleOf(name)
    return error ? { error } : {}
  }
  const main = html`!${errorSummary(fieldErrors(problems))}<h1>${title}</h1>
<p>Your e-mail address is confirmed.</p>
!${form({
    action: STEPS.credentials,
    csrf: around.csrf,
    body: html`!${textField({
      name: 'username',
      label: 'Username',
      hint: '8 to 20 letters and numbers. Upper and lower case make no difference.',
      autocomplete: 'username',
      required: true,
      value: username,
      ...errorOf('username'),
    })}
!${newPasswordField('Password', shortest, ruleOf('password'))}
!${radioGroup({
      name: 'extraSecurity',
      label: 'Would you like to add extra security to your account?',
      hint: 'We would mail you a letter with an upgrade code. From then on we would send a text message to your cell phone each time you sign in.',
      options: [
        { value: 'yes', label: 'Yes, mail me a letter.' },
        { value: 'no', label: 'No, not now.' },
      ],
      value: extraSecurity,
      required: true,
      ...errorOf('extraSecurity'),
    })}
!${submitButton('Create my account')}`,
  })}
<p>!${around.destination ? exit(around) : buttonLink('Exit', PATHS.signIn, { variant: 'outline' })}</p>`
  const failed = problems.length > 0
  return { title, main, error: failed, status: failed ? 422 : 200 }
}

/** @param isLetterComing whether a letter with an upgrade code was asked for */
export function donePage(
  around: Around,
  { username, isLetterComing }: { username: string; isLetterComing: boolean },
): Page {
  const title = 'Your account was created'
  const next = around.destination?.continueAt ?? PATHS.securitySettings
  const main = html`!${alert({ kind: 'success', body: 'You have successfully created your account.' })}
<h1>${title}</h1>
<p>From now on you sign in with your username, <strong>${username}</strong>, and your password.</p>
!${isLetterComing ? html`<p>We are mailing you a letter with your upgrade code. When you have it, sign in and add your extra security.</p>` : ''}
<p>!${buttonLink('Next', next)}</p>
!${exit(around)}`
  return { title, main }
}
