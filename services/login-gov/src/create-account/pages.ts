import {
  alert,
  buttonLink,
  checkbox,
  errorSummary,
  type FieldError,
  form,
  radioGroup,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page } from '../browser/frame.ts'
import { type NewPasswordProblem, newPasswordFields } from '../password/new-password.ts'
import { signInTabs } from '../password/pages.ts'
import { rulesList } from '../rules-of-use/pages.ts'

const words = {
  en: {
    title: 'Create an account',
    heading: 'Create an account for new users',
    asks: (name: string) => `${name} asks you to sign in with Login.gov.`,
    email: 'Email address',
    emailWrong: 'Enter an email address in the form name@example.com.',
    language: 'Email language preference',
    languageWrong: 'Choose a language.',
    rules: 'Rules of Use',
    accept: 'I read and accept the Rules of Use',
    acceptMissing: 'Please check this box to continue.',
    submit: 'Submit',
    sentTitle: 'Check your email',
    sent: (email: string) =>
      `We sent an email to ${email} with a link to confirm your email address. Follow the link to continue creating your account.`,
    sentAgain: 'We sent another email.',
    validity: 'The link works for 24 hours.',
    resend: 'Send another email',
    other: 'Use a different email address',
    passwordTitle: 'Create a password',
    confirmed: 'You have confirmed your email address.',
    for: (email: string) => `The password is for the account of ${email}.`,
    continue: 'Continue',
    expiredTitle: 'This link cannot be used',
    expired: 'It is too old, or was used already. Ask for a new one.',
    again: 'Enter your email address again',
  },
  es: {
    title: 'Crear una cuenta',
    heading: 'Cree una cuenta si es un usuario nuevo',
    asks: (name: string) => `${name} le pide que inicie sesión con Login.gov.`,
    email: 'Correo electrónico',
    emailWrong: 'Introduzca un correo electrónico como nombre@example.com.',
    language: 'Idioma de los correos electrónicos',
    languageWrong: 'Elija un idioma.',
    rules: 'Reglas de uso',
    accept: 'Leí y acepto las reglas de uso',
    acceptMissing: 'Marque esta casilla para continuar.',
    submit: 'Enviar',
    sentTitle: 'Consulte su correo electrónico',
    sent: (email: string) =>
      `Enviamos un mensaje a ${email} con un enlace para confirmar su correo electrónico. Siga el enlace para continuar creando su cuenta.`,
    sentAgain: 'Enviamos otro mensaje.',
    validity: 'El enlace vale 24 horas.',
    resend: 'Enviar otro mensaje',
    other: 'Usar otro correo electrónico',
    passwordTitle: 'Cree una contraseña',
    confirmed: 'Confirmó su correo electrónico.',
    for: (email: string) => `La contraseña es para la cuenta de ${email}.`,
    continue: 'Continuar',
    expiredTitle: 'Este enlace no se puede usar',
    expired: 'Es demasiado antiguo o ya se usó. Pida uno nuevo.',
    again: 'Vuelva a introducir su correo electrónico',
  },
}

/** The languages in which letters are written, in their own words. */
export const LANGUAGES: { value: Lang; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'es', label: 'Español' },
]

interface Around {
  lang: Lang
  base: string
  csrf: string
}

export interface EnterEmailPage extends Around {
  destination: Destination | undefined
  email?: string
  language?: string
  accepted?: boolean
  wrong?: ('user_email' | 'user_email_language' | 'user_terms_accepted')[]
}

export function enterEmailPage(given: EnterEmailPage): Page {
  const { lang, base, csrf, destination, email, language = lang, accepted = false, wrong = [] } = given
  const say = words[lang]
  const messages = {
    user_email: say.emailWrong,
    user_email_language: say.languageWrong,
    user_terms_accepted: say.acceptMissing,
  }
  const errors: FieldError[] = wrong.map((field) => ({ field, message: messages[field] }))
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.message
  const continueField = destination
    ? html`<input type="hidden" name="continue" value="${destination.continueAt}">`
    : ''
  const body = html`!${continueField}
!${textField({ name: 'user[email]', id: 'user_email', label: say.email, type: 'email', autocomplete: 'email', value: email, error: errorOf('user_email'), required: true })}
!${radioGroup({ name: 'user[email_language]', id: 'user_email_language', label: say.language, value: language, options: LANGUAGES, error: errorOf('user_email_language') })}
<h2>${say.rules}</h2>
!${rulesList(lang)}
!${checkbox({ name: 'user[terms_accepted]', id: 'user_terms_accepted', label: say.accept, value: '1', checked: accepted, error: errorOf('user_terms_accepted') })}
!${submitButton(say.submit)}`
  const main = html`!${errorSummary(errors, lang)}!${signInTabs('create', base, lang)}
<h1>${say.heading}</h1>
!${destination ? html`<p>${say.asks(destination.name)}</p>` : ''}
!${form({ action: `${base}/sign_up/enter_email`, csrf, body })}
!${backLink(destination, base, lang)}`
  return { title: say.title, main, error: errors.length > 0, status: errors.length > 0 ? 422 : 200 }
}

export interface VerifyEmailPage extends Around {
  email: string
  sentAgain: boolean
}

export function verifyEmailPage({ lang, base, csrf, email, sentAgain }: VerifyEmailPage): Page {
  const say = words[lang]
  const main = html`!${sentAgain ? alert({ kind: 'success', body: say.sentAgain }) : ''}<h1>${say.sentTitle}</h1>
<p>${say.sent(email)}</p>
<p>${say.validity}</p>
!${form({ action: `${base}/sign_up/verify_email`, csrf, label: say.resend, body: submitButton(say.resend, { variant: 'outline' }) })}
<p><a href="${base}/sign_up/enter_email">${say.other}</a></p>`
  return { title: say.sentTitle, main }
}

export interface EnterPasswordPage extends Around {
  email: string
  shortest: number
  problem?: NewPasswordProblem
}

export function enterPasswordPage(given: EnterPasswordPage): Page {
  const { lang, base, csrf, email, shortest, problem } = given
  const say = words[lang]
  const fields = newPasswordFields({
    lang,
    name: 'password_form[password]',
    submit: say.continue,
    shortest,
    problem,
  })
  // Password managers keep the password under the address.
  const username = html`<input type="hidden" name="username" autocomplete="username" value="${email}">`
  const main = html`!${fields.summary}!${problem ? '' : alert({ kind: 'success', body: say.confirmed })}
<h1>${say.passwordTitle}</h1>
<p>${say.for(email)}</p>
!${form({ action: `${base}/sign_up/enter_password`, csrf, body: html`!${username}!${fields.body}` })}`
  return { title: say.passwordTitle, main, error: problem !== undefined, status: problem ? 422 : 200 }
}

export function linkExpiredPage({ lang, base }: { lang: Lang; base: string }): Page {
  const say = words[lang]
  const main = html`<h1>${say.expiredTitle}</h1>
!${alert({ kind: 'error', body: say.expired })}
<p>!${buttonLink(say.again, `${base}/sign_up/enter_email`)}</p>`
  return { title: say.expiredTitle, main, error: true, status: 404 }
}
