// The pages around a mail with a link: for the address, and what to do then.

import { errorSummary, form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, backLink, type Page } from '../browser/frame.ts'

const words = {
  en: {
    email: 'Email',
    malformed: 'Enter an email address.',
    sentTitle: 'Check your email',
    sent: (address: string) => `We sent an email to ${address}. Open the link in it to go on.`,
  },
  es: {
    email: 'Correo electrónico',
    malformed: 'Escriba una dirección de correo electrónico.',
    sentTitle: 'Revise su correo electrónico',
    sent: (address: string) => `Enviamos un correo a ${address}. Abra su enlace para continuar.`,
  },
}

/** What is particular to one page that asks for an address. */
export interface AddressPage {
  title: string
  intro: string
  submit: string
  /** Path without language prefix. */
  action: string
  /** Trusted HTML after the form. */
  more?: string
}

/** @param given what the person entered, where that was no address */
export function addressPage(around: Around, page: AddressPage, given?: string): Page {
  const { lang, base, csrf, destination } = around
  const say = words[lang]
  const error = given === undefined ? undefined : say.malformed
  const resumed = destination
    ? html`<input type="hidden" name="continue" value="${destination.continueAt}">`
    : ''
  const main = html`!${error ? errorSummary([{ field: 'email', message: error }], lang) : ''}<h1>${page.title}</h1>
<p>${page.intro}</p>
!${form({
    action: base + page.action,
    csrf,
    body: html`!${resumed}!${textField({
      name: 'email',
      label: say.email,
      type: 'email',
      autocomplete: 'email',
      required: true,
      ...(given === undefined ? {} : { value: given }),
      ...(error ? { error } : {}),
    })}
!${submitButton(page.submit)}`,
  })}
!${page.more ?? ''}
!${backLink(around)}`
  return { title: page.title, main, error: error !== undefined, status: error ? 422 : 200 }
}

export function sentPage(around: Omit<Around, 'csrf'>, address: string): Page {
  const say = words[around.lang]
  const main = html`<h1>${say.sentTitle}</h1>
<p>${say.sent(address)}</p>
!${backLink(around)}`
  return { title: say.sentTitle, main }
}
