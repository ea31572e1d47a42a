import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { helpLine } from '../sign-in/help.ts'

/** The same for every person, known or not. */
export function tooManyTriesPage(): Page {
  const title = 'There were too many tries'
  const main = html`<h1>${title}</h1>
<p>For your protection we do not look at these details again today. Try again tomorrow, or call us.</p>
!${helpLine()}
<p><a href="${PATHS.signIn}">Back to Sign In or Create an Account</a></p>`
  return { title, main, error: true, status: 429 }
}
