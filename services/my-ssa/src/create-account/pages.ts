// "Create An Account", page by page.

import { buttonLink, checkbox, errorSummary, form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, exit, type Page } from '../browser/frame.ts'
import type { AddressForm } from '../identity/address.ts'
import type { DetailsForm, Problem } from '../identity/details.ts'
import { addressFields, detailsFields, fieldErrors } from '../identity/fields.ts'
import { PATHS } from '../paths.ts'
import { helpLine } from '../sign-in/help.ts'
import { excludedRoles, requirements } from '../sign-in/pages.ts'
import { STEPS } from './steps.ts'

const TITLE = 'Create An Account'

/** Leads out of the pages before the account is there. */
function wayOut(around: Around): string {
  return html`<p>!${around.destination ? exit(around) : buttonLink('Exit', PATHS.signIn, { variant: 'outline' })}</p>`
}

const failed = (problems: readonly Problem[]) => ({
  error: problems.length > 0,
  status: problems.length > 0 ? 422 : 200,
})

export function acknowledgementPage(around: Around, problems: Problem[] = []): Page {
  const error = problems[0]?.rule
  const main = html`!${errorSummary(fieldErrors(problems))}<h1>${TITLE}</h1>
<p>You must be able to verify some information about yourself and:</p>
!${requirements()}
<p>You can create an account only to gain access to your own personal information. You cannot use this online service to
access the records of a person:</p>
!${excludedRoles()}
<p>Unauthorized use of this service may subject you to criminal or civil penalties, or both. So may giving false
information.</p>
!${form({
    action: STEPS.acknowledgement,
    csrf: around.csrf,
    body: html`!${checkbox({
      name: 'acknowledged',
      label: 'I create this account for myself, and I understand that there are penalties for misuse.',
      required: true,
      ...(error ? { error } : {}),
    })}
!${submitButton('Next')}`,
  })}
<p>For details about our use of your information, read our <a href="${PATHS.privacyAct}">Privacy Act Statement</a>.</p>
!${wayOut(around)}`
  return { title: TITLE, main, ...failed(problems) }
}

/** @param values what was entered; the SSN is not shown again */
export function aboutYouPage(
  around: Around,
  values: DetailsForm & AddressForm & { email?: string } = {},
  problems: Problem[] = [],
): Page {
  const title = 'Tell us about yourself'
  const emailError = problems.find(({ field }) => field === 'email')?.rule
  const main = html`!${errorSummary(fieldErrors(problems))}<h1>${title}</h1>
<p>We compare this with what we have on record. Write your name as it is on your Social Security card.</p>
!${form({
    action: STEPS.aboutYou,
    csrf: around.csrf,
    autocomplete: 'off',
    body: html`!${detailsFields(values, problems)}
<h2>U.S. mailing address</h2>
!${addressFields(values, problems)}
<h2>E-mail address</h2>
!${textField({
      name: 'email',
      label: 'E-mail address',
      hint: 'We send a link to it. Use one that the lab’s mail tray shows.',
      type: 'email',
      autocomplete: 'email',
      required: true,
      value: values.email ?? '',
      ...(emailError ? { error: emailError } : {}),
    })}
!${submitButton('Next')}`,
  })}
!${wayOut(around)}`
  return { title, main, ...failed(problems) }
}

/** For details that do not fit, and for a person who is blocked: nobody learns which it is. */
export function notVerifiedPage(around: Around): Page {
  const title = 'We cannot create an account for you online'
  const main = html`<h1>${title}</h1>
<p>We could not verify your identity with the information that you entered. If you made a mistake, correct it. Otherwise
call us, or visit your local Social Security office.</p>
<p>!${buttonLink('Correct my information', STEPS.aboutYou)}</p>
!${helpLine()}
!${wayOut(around)}`
  return { title, main, error: true, status: 422 }
}

export function hasAccountPage(around: Around): Page {
  const title = 'You already have an account'
  const main = html`<h1>${title}</h1>
<p>There is a <em>my</em> Social Security account for you, and nobody has two. Sign in to it.</p>
<p>!${buttonLink('Sign In', PATHS.signIn)}</p>
<p><a href="${PATHS.forgotUsername}">Forgot Username</a></p>
<p><a href="${PATHS.forgotPassword}">Forgot Password</a></p>
<p>If you did not create it, <a href="${PATHS.blockElectronicAccess}">block electronic access</a> and call us.</p>
!${helpLine()}
!${wayOut(around)}`
  return { title, main, error: true, status: 409 }
}

export function checkEmailPage(around: Around, email: string): Page {
  const title = 'Check your e-mail'
  const main = html`<h1>${title}</h1>
<p>We sent an e-mail to <strong>${email}</strong>. Open the link in it to go on.</p>
!${form({
    action: STEPS.email,
    csrf: around.csrf,
    body: submitButton('Send the e-mail again', { variant: 'outline' }),
  })}
<p>Is the address wrong? <a href="${STEPS.aboutYou}">Correct my information</a></p>
!${wayOut(around)}`
  return { title, main }
}

export function confirmEmailPage(around: Around, token: string, email: string): Page {
  const title = 'Confirm your e-mail address'
  const main = html`<h1>${title}</h1>
<p>Is this your address? <strong>${email}</strong></p>
!${form({
    action: STEPS.confirmation,
    csrf: around.csrf,
    body: html`<input type="hidden" name="token" value="${token}">!${submitButton('Confirm my e-mail address')}`,
  })}
<p>If you did not ask for an account, leave this page.</p>`
  return { title, main }
}

/** Of an application that is over, or that goes on in another browser. */
export function startAgainPage(around: Around): Page {
  const title = 'Start again'
  const main = html`<h1>${title}</h1>
<p>This link or page does not work any more: it was used already, it is too old, or you went on in another browser.</p>
<p>!${buttonLink(TITLE, PATHS.createAccount)}</p>
!${wayOut(around)}`
  return { title, main, error: true, status: 410 }
}
