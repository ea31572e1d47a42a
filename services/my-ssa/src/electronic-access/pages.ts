import { buttonLink, errorSummary, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Around, Page } from '../browser/frame.ts'
import type { DetailsForm, Problem } from '../identity/details.ts'
import { detailsFields, fieldErrors } from '../identity/fields.ts'
import { PATHS } from '../paths.ts'
import { helpLine } from '../sign-in/help.ts'

const TITLE = 'Block Electronic Access'

const explanation = html`<p>You can block electronic access to your information at any time, for any reason, such as domestic
violence or identity theft.</p>
<p>From then on nobody, including you, can see or change your information online, and nobody can create an account for
you. Whoever is signed in to your account is signed out. You cannot take the block away online: you have to call us.</p>`

/** For somebody who is not signed in. The answer to it never tells whether the details were right. */
export function blockPage({ csrf }: Around, values: DetailsForm = {}, problems: Problem[] = []): Page {
  const failed = problems.length > 0
  const main = html`!${errorSummary(fieldErrors(problems))}<h1>${TITLE}</h1>
!${explanation}
!${form({
    action: PATHS.blockElectronicAccess,
    csrf,
    autocomplete: 'off',
    body: html`!${detailsFields(values, problems)}!${submitButton('Block electronic access')}`,
  })}
<p>!${buttonLink('Exit', PATHS.signIn, { variant: 'outline' })}</p>`
  return { title: TITLE, main, error: failed, status: failed ? 422 : 200 }
}

/** For somebody who is signed in: one confirmation. */
export function confirmBlockPage({ csrf }: Around): Page {
  const main = html`<h1>${TITLE}</h1>
!${explanation}
!${form({
    action: `${PATHS.blockElectronicAccess}/confirmation`,
    csrf,
    body: submitButton('Yes, block electronic access', { variant: 'secondary' }),
  })}
<p>!${buttonLink('No, go back', PATHS.securitySettings, { variant: 'outline' })}</p>`
  return { title: TITLE, main }
}

export function receivedPage(): Page {
  const title = 'We received your request'
  const main = html`<h1>${title}</h1>
<p>If what you entered matches our records, electronic access to your information is blocked from now on. If there is an
account, we tell its e-mail address. To be sure, or to have the block taken away, call us.</p>
!${helpLine()}
<p><a href="${PATHS.signIn}">Back to Sign In or Create an Account</a></p>`
  return { title, main }
}
