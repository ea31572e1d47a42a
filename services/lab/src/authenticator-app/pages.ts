import { errorSummary, type FieldError, form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { nationalFormat } from '../phone-numbers.ts'
import { labPage } from '../site.ts'
import type { ShownAccount } from './authenticator-app.ts'

interface Section {
  /** E.164 */
  number: string
  accounts: ShownAccount[]
  csrf: string
  errors?: FieldError[]
  /** What was entered beside the key; the key itself is never shown again. */
  issuer?: string
  account?: string
}

const pathOf = (number: string) => `/phones/${number}/authenticator-app`

function accountItem(
  { number, csrf }: Section,
  { id, issuer, account, code, secondsLeft }: ShownAccount,
): string {
  const name = [issuer, account].filter(Boolean).join(', ') || 'An account without a name'
  return html`<li class="lab-message" data-seconds="${secondsLeft}"><p class="lab-message__who"><strong>${name}</strong></p>
<p class="lab-digits"><span class="usa-sr-only">Code </span><strong>${code}</strong>
<button class="lab-copy" type="button" data-copy="${code}" aria-label="Copy the code ${code}">Copy</button></p>
<p class="lab-quiet">Counts for another <span data-seconds-left>${secondsLeft}</span> s</p>
!${form({
    action: `${pathOf(number)}/${id}/removal`,
    csrf,
    label: `Remove ${name}`,
    body: submitButton('Remove', { variant: 'unstyled' }),
  })}</li>`
}

/** The part of a phone's page with the accounts and their codes, and the form that adds one. */
export function authenticatorAppSection(section: Section): string {
  const { number, accounts, csrf, errors = [], issuer, account } = section
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.message
  return html`<h2 id="authenticator-app">Authenticator app</h2>
<ul class="lab-plain lab-codes" data-authenticator-app>!${accounts.map((shown) => accountItem(section, shown))}</ul>
!${accounts.length === 0 ? '<p>No accounts yet on this phone.</p>' : ''}
<details class="lab-details"!${errors.length > 0 ? ' open' : ''}><summary>Add an account</summary>
!${form({
    action: pathOf(number),
    csrf,
    autocomplete: 'off',
    label: 'Add an account to the authenticator app',
    body: html`!${textField({
      name: 'setupKey',
      label: 'Setup key or otpauth address',
      hint: 'What the site shows beside its QR code',
      error: errorOf('setupKey'),
      autocomplete: 'off',
      maxlength: 2_000,
      width: '2xl',
    })}
!${textField({ name: 'issuer', label: 'Site', required: false, value: issuer, error: errorOf('issuer'), maxlength: 120 })}
!${textField({ name: 'account', label: 'Account', required: false, value: account, error: errorOf('account'), maxlength: 120 })}
!${submitButton('Add account', { variant: 'outline' })}`,
  })}</details>`
}

/** The app by itself. */
export function authenticatorAppPage(section: Section): string {
  const { number, errors = [] } = section
  return labPage({
    title: `Authenticator app of ${nationalFormat(number)}`,
    place: '/phones',
    error: errors.length > 0,
    scripts: ['copy.js', 'authenticator-app.js'],
    main: html`!${errorSummary(errors)}<p class="lab-back"><a href="/phones/${number}">Everything on this phone</a></p>
<h1>${nationalFormat(number)}</h1>
!${authenticatorAppSection(section)}`,
  })
}
