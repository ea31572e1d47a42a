// The two ways in which a page asks for a security key or a passkey: the browser's own, which needs a script, and the
// lab's, which does not. Either ends with a post of `response` (JSON, as WebAuthn has it) to the same address.

import { attributes } from '@gatehouse/pages/attributes'
import { csrfField, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'

export interface WebAuthnForms {
  /** `create` registers, `get` authenticates. */
  ceremony: 'create' | 'get'
  /** PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON. */
  options: object
  /** Path and query of this service that takes the answer. */
  action: string
  csrf: string
  /** Trusted HTML: further fields of the browser's form. The lab's has none: it sends the answer and nothing else. */
  fields?: string
  say: {
    /** On the button of the browser's form. */
    button: string
    /** When the person said no, or the browser had nothing to offer. */
    cancelled: string
    /** When the key is registered for this account already; for `create`. */
    registered: string
    /** For browsers that cannot, or may not run scripts. */
    missing: string
    /** On the button of the lab's form. */
    lab: string
  }
  lab: {
    /** The lab's address. */
    url: string
    /** This provider's, as a browser sees it. */
    publicUrl: string
    /** Path of this service for whoever changes their mind there. */
    cancel: string
    /** Addresses elsewhere to which the answer may lead on at once. */
    leadsTo: string[]
  }
}

/**
 * Both forms. The page that holds them must allow forms to be posted to the lab (`formAction`), and its layout adds the
 * script.
 */
export function webAuthnForms({
  ceremony,
  options,
  action,
  csrf,
  fields = '',
  say,
  lab,
}: WebAuthnForms): string {
  const json = JSON.stringify(options)
  const ownForm = attributes({
    class: 'usa-form usa-form--large',
    action,
    method: 'post',
    'data-webauthn': ceremony,
    'data-options': json,
  })
  const failure = attributes({
    class: 'usa-alert usa-alert--error',
    role: 'alert',
    tabindex: '-1',
    'data-webauthn-failure': 'yes',
    'data-cancelled': say.cancelled,
    'data-registered': say.registered,
  })
  const { origin } = new URL(lab.publicUrl)
  const asked = {
    options: json,
    origin,
    answerTo: origin + action,
    cancel: origin + lab.cancel,
    leadsTo: lab.leadsTo.join(' '),
  }
  const hidden = Object.entries(asked).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  const place = ceremony === 'create' ? 'registrations' : 'assertions'
  return html`<p data-webauthn-missing>${say.missing}</p>
<form!${ownForm} hidden novalidate>!${csrfField(csrf)}<input type="hidden" name="response" value="">
<div!${failure} hidden><div class="usa-alert__body"><p class="usa-alert__text"></p></div></div>
!${fields}!${submitButton(say.button)}</form>
!${form({
    action: `${lab.url}/security-keys/${place}`,
    csrf,
    label: say.lab,
    body: html`!${hidden}!${submitButton(say.lab, { variant: 'outline' })}`,
  })}`
}
