import { form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { IdMeDestination } from '../browser/destination.ts'
import { type Around, backLink, type Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'

/** What a relying service gets, under the name of its claim. */
export interface SharedAttribute {
  name: keyof (typeof words)['en']['attributes']
}

const words = {
  en: {
    title: 'Share your information',
    allow: (name: string) => `Allow ${name} to see:`,
    agree: 'Allow',
    deny: 'Deny',
    attributes: {
      uuid: 'Your ID.me identifier',
      email: 'Email address',
      emails_confirmed: 'All confirmed email addresses',
      fname: 'First name',
      mname: 'Middle name',
      lname: 'Last name',
      birth_date: 'Date of birth',
      social: 'Social Security number',
      phone: 'Phone number',
      street: 'Street address',
      city: 'City',
      state: 'State',
      zip: 'Postal code',
      groups: 'The communities that you belong to',
    },
  },
  es: {
    title: 'Comparta su información',
    allow: (name: string) => `Permita que ${name} vea:`,
    agree: 'Permitir',
    deny: 'Rechazar',
    attributes: {
      uuid: 'Su identificador de ID.me',
      email: 'Correo electrónico',
      emails_confirmed: 'Todos los correos electrónicos confirmados',
      fname: 'Nombre',
      mname: 'Segundo nombre',
      lname: 'Apellido',
      birth_date: 'Fecha de nacimiento',
      social: 'Número de Seguro Social',
      phone: 'Número de teléfono',
      street: 'Calle y número',
      city: 'Ciudad',
      state: 'Estado',
      zip: 'Código postal',
      groups: 'Las comunidades a las que pertenece',
    },
  },
}

/** What a page shows: its post counts for that alone, whatever request another tab has put in its place. */
export function shownOn({ clientId, policy }: IdMeDestination, shared: SharedAttribute[]): string {
  return [clientId, policy, ...shared.map(({ name }) => name)].join(' ')
}

export function consentPage(
  { lang, base, csrf, destination }: Around & { destination: IdMeDestination },
  shared: SharedAttribute[],
): Page {
  const say = words[lang]
  const items = shared.map(({ name }) => html`<li>${say.attributes[name]}</li>`)
  const main = html`<h1>${say.title}</h1>
<p id="allow">${say.allow(destination.name)}</p>
<ul class="usa-list" aria-labelledby="allow">!${items}</ul>
!${form({
    action: base + PATHS.consent,
    csrf,
    body: html`<input type="hidden" name="shown" value="${shownOn(destination, shared)}">
!${submitButton(say.agree, { name: 'answer', value: 'allow' })}
!${submitButton(say.deny, { name: 'answer', value: 'deny', variant: 'outline' })}`,
  })}
!${backLink({ lang, base, destination })}`
  return { title: say.title, main }
}
