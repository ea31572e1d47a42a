import type { Terms } from '@gatehouse/contracts/terms'
import { checkbox, errorSummary, form, submitButton } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { html } from 'ghtml'
import { site } from '../site.ts'

/** Terms of Service with the checkbox, Next and Exit (seed 000). */
export function termsPage(options: {
  uid: string
  csrf: string
  terms: Terms
  error: string | undefined
}): string {
  const { uid, csrf, terms, error } = options
  const conditions = terms.conditions.map(
    ({ text, details }) =>
      html`<li>${text}!${details ? html`<ul>!${details.map((detail) => html`<li>${detail}</li>`).join('')}</ul>` : ''}</li>`,
  )
  return layout({
    site,
    title: 'Terms of Service',
    width: 'narrow',
    error: error !== undefined,
    main: html`!${errorSummary(error ? [{ field: 'agree', message: error }] : [])}<h1>Terms of Service</h1>
!${terms.introduction.map((paragraph) => html`<p>${paragraph}</p>`).join('')}
<ul class="usa-list">!${conditions.join('')}</ul>
!${form({
      action: `/interaction/${uid}/terms`,
      csrf,
      width: 'wide',
      body: html`<input type="hidden" name="version" value="${terms.version}">
<input type="hidden" name="textHash" value="${terms.textHash}">
!${checkbox({ name: 'agree', label: terms.agreement, ...(error ? { error } : {}) })}
!${submitButton('Next')} !${submitButton('Exit', { name: 'exit', value: 'yes', variant: 'outline' })}`,
    })}
<p class="font-sans-3xs text-base-dark">OMB No. 0960-0789</p>`,
  })
}
