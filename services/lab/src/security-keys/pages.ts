import {
  alert,
  csrfField,
  errorSummary,
  form,
  radioGroup,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { labPage, timeTag } from '../site.ts'
import type { Choice } from './security-keys.ts'
import type { Credential, SecurityKey } from './store.ts'

const PLACE = '/security-keys'

function credentialRow({ rpId, userName, createdAt, counter, discoverable }: Credential): string {
  return html`<tr><th scope="row">${rpId}</th><td>${userName}${discoverable ? ' (passkey)' : ''}</td><td>!${timeTag(createdAt)}</td><td>${counter}</td></tr>`
}

const SHOWN = 20

function keyItem({ id, name, credentials }: SecurityKey, csrf: string): string {
  const rows = credentials.slice(0, SHOWN).map(credentialRow)
  const more = credentials.length - rows.length
  const table = html`<div class="usa-table-container--scrollable" tabindex="0"><table class="usa-table usa-table--borderless usa-table--compact">
<caption class="usa-sr-only">What is registered with ${name}</caption>
<thead><tr><th scope="col">Site</th><th scope="col">Account</th><th scope="col">Registered</th><th scope="col">Signatures</th></tr></thead>
<tbody>!${rows}</tbody></table></div>!${more > 0 ? html`<p class="lab-quiet">And ${more} older.</p>` : ''}`
  return html`<article class="lab-message"><h2 class="lab-card__title">${name}</h2>
!${rows.length > 0 ? table : '<p>Nothing is registered with this key.</p>'}
!${form({
    action: `${PLACE}/${id}/removal`,
    csrf,
    label: `Remove ${name}`,
    body: submitButton(`Remove ${name}`, { variant: 'unstyled' }),
  })}</article>`
}

/** All keys and what is registered with them. `error` is about the name of a new one. */
export function securityKeysPage(page: {
  keys: SecurityKey[]
  csrf: string
  name?: string
  error?: string
}): string {
  const { keys, csrf, name, error } = page
  return labPage({
    title: 'Security keys',
    place: PLACE,
    error: error !== undefined,
    main: html`!${errorSummary(error === undefined ? [] : [{ field: 'name', message: error }])}<h1>Security keys</h1>
<p>Register and use them where a sign-in page says that the key is in the lab. The first is made when it is needed.</p>
!${keys.map((key) => keyItem(key, csrf))}
<h2>New key</h2>
!${form({
      action: PLACE,
      csrf,
      autocomplete: 'off',
      label: 'New key',
      body: html`!${textField({ name: 'name', label: 'Name', required: false, value: name, error, maxlength: 60 })}
!${submitButton('Make the key', { variant: 'outline' })}`,
    })}`,
  })
}

export interface TouchPage {
  kind: 'registrations' | 'assertions'
  /** The provider's. */
  origin: string
  userName?: string
  choices: Choice[]
  /** What is posted with the touch. */
  fields: Record<string, string>
  /** Where Cancel leads. */
  cancel: string
  csrf: string
  chosen?: string
  error?: string
}

const TROUBLE: Record<string, string> = {
  already_registered: 'registered for this account already',
  no_credential: 'nothing is registered for this',
  key_full: 'no room for more',
}

/** Where the person is asked to touch a key. */
export function touchPage(page: TouchPage): string {
  const { kind, origin, userName, choices, fields, cancel, csrf, error } = page
  const isRegistration = kind === 'registrations'
  const { host } = new URL(origin)
  const request = isRegistration
    ? html`<strong>${host}</strong> asks to register a security key for <strong>${userName}</strong>.`
    : html`<strong>${host}</strong> asks for the security key of your account.`
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  const [only] = choices
  const choice =
    choices.length === 1 && only
      ? html`<input type="hidden" name="choice" value="${only.value}"><p>${only.label}</p>`
      : radioGroup({
          name: 'choice',
          label: 'Which key',
          value: page.chosen ?? choices.find(({ trouble }) => !trouble)?.value,
          error,
          options: choices.map(({ value, label, trouble }) => ({
            value,
            label,
            ...(trouble ? { hint: TROUBLE[trouble] } : {}),
          })),
        })
  const wayBack = html`<p><a href="${cancel}">Cancel</a></p>`
  // With one key there is no field to lead to.
  const trouble =
    error === undefined
      ? ''
      : choices.length > 1
        ? errorSummary([{ field: 'choice', message: error }])
        : alert({ kind: 'error', body: error })
  const touch = form({
    action: `${PLACE}/${kind}/touches`,
    csrf,
    body: html`!${hidden}!${choice}!${submitButton('Touch')}`,
  })
  return labPage({
    title: 'Touch your security key',
    place: PLACE,
    error: error !== undefined,
    main: html`!${trouble}<h1>Touch your security key</h1>
<p>!${request}</p>
!${choices.length > 0 ? touch : '<p>There is no security key here yet: register one first.</p>'}
!${wayBack}`,
  })
}

/** Carries the key's answer to the provider; a script sends it on, and so does the button. */
export function answerPage(page: {
  origin: string
  answerTo: string
  relay: string
  response: string
}): string {
  const { origin, answerTo, relay, response } = page
  return labPage({
    title: 'Your security key answered',
    place: PLACE,
    scripts: ['continue.js'],
    main: html`<h1>Your security key answered</h1>
<p>Go on to <strong>${new URL(origin).host}</strong> with its answer.</p>
<form class="usa-form usa-form--large" action="${answerTo}" method="post" data-continue>
!${relay === '' ? '' : csrfField(relay)}<input type="hidden" name="response" value="${response}">
!${submitButton('Continue')}</form>`,
  })
}
