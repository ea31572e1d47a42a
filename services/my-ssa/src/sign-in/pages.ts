import {
  alert,
  buttonLink,
  errorSummary,
  type FieldError,
  form,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, exit, type Page } from '../browser/frame.ts'
import { ACCESS_BLOCKED } from '../electronic-access/electronic-access.ts'
import { lengthOfTime } from '../mail/length-of-time.ts'
import { PATHS } from '../paths.ts'
import { helpLine } from './help.ts'

/** All but `wrong` although the password was right. */
export type SignInProblem = 'wrong' | 'suspended' | 'blocked' | 'password_reset_required'

export interface SignInPage {
  /** The kind of a notice of the session, or `timeout`. */
  notice?: string | undefined
  problem?: SignInProblem
  /** Milliseconds until the username may be tried again. */
  tryAgainIn?: number
  username?: string
  /** Which fields were left empty. */
  missing?: ('username' | 'password')[]
}

const PROBLEMS: Record<SignInProblem, string> = {
  wrong:
    'The username or password that you entered is not right. Try again, or choose Forgot Username or Forgot Password.',
  suspended: 'This account is suspended. Call us at 1-800-772-1213 (TTY 1-800-325-0778).',
  blocked:
    'Electronic access to your information is blocked, as it was asked for. To have it unblocked, call us at 1-800-772-1213 (TTY 1-800-325-0778).',
  password_reset_required: 'To protect your account, choose Forgot Password and a new password first.',
}

const NOTICES: Record<string, { kind: 'success' | 'warning'; body: string }> = {
  signed_out: { kind: 'success', body: 'You are signed out.' },
  password_changed: { kind: 'success', body: 'Your password was changed. Sign in with the new one.' },
  timeout: {
    kind: 'warning',
    body: 'You were signed out because nothing happened here for a while. Sign in again to go on.',
  },
  [ACCESS_BLOCKED]: {
    kind: 'warning',
    body: 'You were signed out because electronic access to your information is blocked now.',
  },
}

const MISSING = { username: 'Enter your username.', password: 'Enter your password.' } as const

export function signInPage(around: Around, given: SignInPage): Page {
  const { notice, missing = [] } = given
  const errors: FieldError[] = missing.map((field) => ({ field, message: MISSING[field] }))
  const failure = failureOf(given)
  const known = notice === undefined ? undefined : NOTICES[notice]
  const main = html`!${failure ? alert({ kind: 'error', body: failure }) : ''}!${errorSummary(errors)}!${known ? alert(known) : ''}
<div class="text-right margin-top-2">OMB No. 0960-0789<br><a href="${PATHS.paperworkReduction}">Paperwork Reduction Act</a></div>
<h1>Sign In or Create an Account</h1>
!${around.destination ? html`<p>${around.destination.name} uses <em>my</em> Social Security to sign you in.</p>` : ''}
<div class="grid-row grid-gap-lg">
<section class="tablet:grid-col-6" aria-labelledby="new-users">!${newUsers()}</section>
<section class="tablet:grid-col-6" aria-labelledby="existing-users">!${existingUsers(around, given, errors)}</section>
</div>
!${concerns()}
!${helpLine()}
<p>Your privacy is important. For details about our use of your information, we encourage you to read our
<a href="${PATHS.privacyAct}">Privacy Act Statement</a>.</p>
!${around.destination ? exit(around) : ''}`
  return {
    title: 'Sign In or Create an Account',
    main,
    width: 'wide',
    error: failure !== undefined || errors.length > 0,
    status: statusOf(given),
  }
}

function failureOf({ problem, tryAgainIn }: SignInPage): string | undefined {
  if (tryAgainIn === undefined) return problem && PROBLEMS[problem]
  return `There were too many wrong tries with this username. Try again in ${lengthOfTime(tryAgainIn)}, or choose Forgot Password and a new password.`
}

function statusOf({ problem, tryAgainIn, missing = [] }: SignInPage): number {
  if (tryAgainIn !== undefined) return 429
  if (problem && problem !== 'wrong') return 403
  return problem || missing.length > 0 ? 422 : 200
}

function newUsers(): string {
  return html`<h2 id="new-users">New Users</h2>
<p>You must be able to verify some information about yourself and:</p>
!${requirements()}
<p>You can create an account only to gain access to your own personal information. You cannot use this online service to
access the records of a person:</p>
!${excludedRoles()}
<p>Unauthorized use of this service may subject you to criminal or civil penalties, or both.</p>
<p>!${buttonLink('Create An Account', PATHS.createAccount)}</p>
<p><a href="${PATHS.learnMore}">Learn More</a></p>`
}

/** What somebody needs who wants an account. */
export function requirements(): string {
  return html`<ul class="usa-list">
<li>Have a valid E-mail address,</li>
<li>Have a Social Security number,</li>
<li>Have a U.S. mailing address, and</li>
<li>Be at least 18 years of age.</li>
</ul>`
}

/** Whose records nobody gets at with an account of their own. */
export function excludedRoles(): string {
  return html`<ul class="usa-list">
<li>With whom you have a business relationship;</li>
<li>For whom you are a representative payee; or</li>
<li>For whom you are an appointed representative.</li>
</ul>`
}

function existingUsers(
  { csrf, destination }: Around,
  { username }: SignInPage,
  errors: FieldError[],
): string {
  const errorOf = (name: string) => {
    const message = errors.find(({ field }) => field === name)?.message
    return message ? { error: message } : {}
  }
  const resumed = destination
    ? html`<input type="hidden" name="continue" value="${destination.continueAt}">`
    : ''
  const fields = html`!${resumed}!${textField({
    name: 'username',
    label: 'Username',
    autocomplete: 'username',
    required: true,
    value: username ?? '',
    ...errorOf('username'),
  })}
<p class="margin-top-05"><a href="${PATHS.forgotUsername}">Forgot Username</a></p>
!${textField({
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: 'current-password',
    showPassword: 'Show password',
    required: true,
    ...errorOf('password'),
  })}
<p class="margin-top-05"><a href="${PATHS.forgotPassword}">Forgot Password</a></p>
!${submitButton('Sign In')}`
  return html`<h2 id="existing-users">Existing Users</h2>
!${form({ action: PATHS.signIn, csrf, body: fields })}`
}

function concerns(): string {
  return html`<p>Are you now, or have you ever been a victim of domestic violence? Identity theft? Do you have other concerns?</p>
<p>You can <a href="${PATHS.blockElectronicAccess}">block electronic access</a> to your information at any time, for any
reason.</p>`
}
