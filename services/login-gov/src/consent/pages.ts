import { errorSummary, form, radioGroup, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page } from '../browser/frame.ts'

/** What a relying service gets, by the name under which consent is kept, as the person reads it. */
export interface SharedAttribute {
  name: keyof (typeof words)['en']['attributes']
  value: string
}

const words = {
  en: {
    title: 'Share your information',
    heading: (name: string) => `Connect your account to ${name}`,
    intro: (name: string) =>
      `We will share this information with ${name} so that it can connect your account:`,
    agree: 'Agree and continue',
    attributes: {
      email: 'Email address',
      all_emails: 'All email addresses on your account',
      name: 'Full name',
      address: 'Address',
      birthdate: 'Date of birth',
      phone: 'Phone number',
      social_security_number: 'Social Security number',
      verified_at: 'Date of identity verification',
      x509: 'Government employee ID',
    },
    already: 'You are already signed in with the following email:',
    alreadyTitle: 'Already signed in',
    chooseTitle: 'Choose email to share',
    chooseHeading: (name: string) => `Choose which email address ${name} gets`,
    chooseLabel: 'Email address',
    chooseWrong: 'Choose one of your email addresses.',
    change: 'Change email address to share',
    addEmail: 'Add another email address',
    save: 'Save and continue',
    cancel: 'Cancel',
    continue: 'Continue',
    switch: 'Switch emails',
  },
  es: {
    title: 'Comparta su información',
    heading: (name: string) => `Conecte su cuenta con ${name}`,
    intro: (name: string) => `Compartiremos esta información con ${name} para que pueda conectar su cuenta:`,
    agree: 'Aceptar y continuar',
    attributes: {
      email: 'Correo electrónico',
      all_emails: 'Todos los correos electrónicos de su cuenta',
      name: 'Nombre completo',
      address: 'Dirección',
      birthdate: 'Fecha de nacimiento',
      phone: 'Número de teléfono',
      social_security_number: 'Número de Seguro Social',
      verified_at: 'Fecha de verificación de su identidad',
      x509: 'Identificación de empleado público',
    },
    already: 'Ya inició sesión con este correo electrónico:',
    alreadyTitle: 'Ya inició sesión',
    chooseTitle: 'Elija el correo electrónico que se comparte',
    chooseHeading: (name: string) => `Elija qué correo electrónico recibe ${name}`,
    chooseLabel: 'Correo electrónico',
    chooseWrong: 'Elija uno de sus correos electrónicos.',
    change: 'Cambiar el correo electrónico que se comparte',
    addEmail: 'Agregar otro correo electrónico',
    save: 'Guardar y continuar',
    cancel: 'Cancelar',
    continue: 'Continuar',
    switch: 'Cambiar de correo electrónico',
  },
}

interface Around {
  lang: Lang
  base: string
  csrf: string
  destination: Destination
}

/** What a consent page shows: its post counts for that alone, whatever request another tab has put in its place. */
export function shownOn({ clientId }: Destination, shared: SharedAttribute[]): string {
  return [clientId, ...shared.map(({ name }) => name)].join(' ')
}

export function consentPage({
  lang,
  base,
  csrf,
  destination,
  shared,
}: Around & { shared: SharedAttribute[] }): Page {
  const say = words[lang]
  const body = html`<input type="hidden" name="shown" value="${shownOn(destination, shared)}">
!${submitButton(say.agree)}`
  const items = shared.map(({ name, value }) => {
    const lines = value.split('\n').map((line, index) => html`!${index > 0 ? '<br>' : ''}${line}`)
    return html`<dt><strong>${say.attributes[name]}</strong></dt><dd class="margin-left-0 margin-bottom-2">!${lines}</dd>`
  })
  const hasEmail = shared.some(({ name }) => name === 'email')
  const change = hasEmail ? html`<p><a href="${base}/sign_up/select_email">${say.change}</a></p>` : ''
  const main = html`<h1>${say.heading(destination.name)}</h1>
<p>${say.intro(destination.name)}</p>
<dl>!${items}</dl>
!${change}
!${form({ action: `${base}/sign_up/completed`, csrf, body })}
!${backLink(destination, base, lang)}`
  return { title: say.title, main }
}

export function confirmationPage({ lang, base, csrf, destination, email }: Around & { email: string }): Page {
  const say = words[lang]
  const main = html`<h1>${say.alreadyTitle}</h1>
<p>${say.already}<br><strong>${email}</strong></p>
!${form({ action: `${base}/user_authorization_confirmation`, csrf, label: say.continue, body: submitButton(say.continue) })}
!${form({
    action: `${base}/user_authorization_confirmation/reset`,
    csrf,
    label: say.switch,
    body: submitButton(say.switch, { variant: 'unstyled' }),
  })}
!${backLink(destination, base, lang)}`
  return { title: say.alreadyTitle, main }
}

export interface SelectEmailPage {
  lang: Lang
  base: string
  csrf: string
  /** Of the relying service. */
  name: string
  emails: string[]
  chosen: string
  /** Paths without language prefix: of the form, and of the page to go back to. */
  action: string
  back: string
  isWrong?: boolean
}

/** Which of somebody's addresses a relying service gets. */
export function selectEmailPage(given: SelectEmailPage): Page {
  const { lang, base, csrf, name, emails, chosen, action, back, isWrong = false } = given
  const say = words[lang]
  const id = 'select_email_form_selected_email'
  const error = isWrong ? say.chooseWrong : undefined
  const options = emails.map((email) => ({ value: email, label: email }))
  const field = radioGroup({
    name: 'select_email_form[selected_email]',
    id,
    label: say.chooseLabel,
    options,
    value: chosen,
    error,
  })
  const main = html`!${errorSummary(error ? [{ field: id, message: error }] : [], lang)}<h1>${say.chooseHeading(name)}</h1>
!${form({ action: base + action, csrf, body: html`!${field}!${submitButton(say.save)}` })}
<p><a href="${base}/add/email">${say.addEmail}</a></p>
<p><a href="${base}${back}">${say.cancel}</a></p>`
  return { title: say.chooseTitle, main, error: isWrong, status: isWrong ? 422 : 200 }
}
