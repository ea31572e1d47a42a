import { alert, buttonLink, errorSummary, form, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page } from '../browser/frame.ts'
import { type NewPasswordProblem, newPasswordFields } from '../password/new-password.ts'

const words = {
  en: {
    title: 'Forgot your password?',
    intro: 'Enter your email address. We will send you a link to choose another password.',
    email: 'Email address',
    emailWrong: 'Enter an email address in the form name@example.com.',
    submit: 'Continue',
    cancel: 'Cancel',
    sentTitle: 'Check your email',
    sent: (email: string) =>
      `We sent an email to ${email} with instructions. If it does not come, check that the address is right.`,
    sentAgain: 'We sent another email.',
    validity: 'The link in it works for 30 minutes.',
    resend: 'Send another email',
    changeTitle: 'Change your password',
    change: 'Change password',
    expiredTitle: 'This link cannot be used',
    expired: 'It is too old, was used already, or a newer one was sent. Ask for a new one.',
    again: 'Reset your password',
  },
  es: {
    title: '¿Olvidó su contraseña?',
    intro: 'Introduzca su correo electrónico. Le enviaremos un enlace para elegir otra contraseña.',
    email: 'Correo electrónico',
    emailWrong: 'Introduzca un correo electrónico como nombre@example.com.',
    submit: 'Continuar',
    cancel: 'Cancelar',
    sentTitle: 'Consulte su correo electrónico',
    sent: (email: string) =>
      `Enviamos un mensaje a ${email} con instrucciones. Si no llega, compruebe que el correo es correcto.`,
    sentAgain: 'Enviamos otro mensaje.',
    validity: 'El enlace vale 30 minutos.',
    resend: 'Enviar otro mensaje',
    changeTitle: 'Cambie su contraseña',
    change: 'Cambiar la contraseña',
    expiredTitle: 'Este enlace no se puede usar',
    expired: 'Es demasiado antiguo, ya se usó o se envió uno más nuevo. Pida otro.',
    again: 'Restablecer la contraseña',
  },
}

interface Around {
  lang: Lang
  base: string
  csrf: string
}

export interface ForgotPage extends Around {
  destination: Destination | undefined
  email?: string
  isWrong?: boolean
}

export function forgotPage({ lang, base, csrf, destination, email, isWrong = false }: ForgotPage): Page {
  const say = words[lang]
  const id = 'password_reset_email_form_email'
  const error = isWrong ? say.emailWrong : undefined
  const continueField = destination
    ? html`<input type="hidden" name="continue" value="${destination.continueAt}">`
    : ''
  const body = html`!${continueField}
!${textField({ name: 'password_reset_email_form[email]', id, label: say.email, type: 'email', autocomplete: 'username', value: email, error, required: true })}
!${submitButton(say.submit)}`
  const main = html`!${errorSummary(error ? [{ field: id, message: error }] : [], lang)}<h1>${say.title}</h1>
<p>${say.intro}</p>
!${form({ action: `${base}/users/password`, csrf, body })}
<p><a href="${base}/">${say.cancel}</a></p>
!${backLink(destination, base, lang)}`
  return { title: say.title, main, error: isWrong, status: isWrong ? 422 : 200 }
}

export interface SentPage extends Around {
  email: string
  sentAgain: boolean
}

export function sentPage({ lang, base, csrf, email, sentAgain }: SentPage): Page {
  const say = words[lang]
  const main = html`!${sentAgain ? alert({ kind: 'success', body: say.sentAgain }) : ''}<h1>${say.sentTitle}</h1>
<p>${say.sent(email)}</p>
<p>${say.validity}</p>
!${form({ action: `${base}/forgot_password`, csrf, label: say.resend, body: submitButton(say.resend, { variant: 'outline' }) })}
<p><a href="${base}/">${say.cancel}</a></p>`
  return { title: say.sentTitle, main }
}

export interface ChangePage extends Around {
  shortest: number
  problem?: NewPasswordProblem
}

export function changePage({ lang, base, csrf, shortest, problem }: ChangePage): Page {
  const say = words[lang]
  const name = 'reset_password_form[password]'
  const fields = newPasswordFields({ lang, name, submit: say.change, shortest, problem })
  const main = html`!${fields.summary}<h1>${say.changeTitle}</h1>
!${form({ action: `${base}/users/password/edit`, csrf, body: fields.body })}`
  return { title: say.changeTitle, main, error: problem !== undefined, status: problem ? 422 : 200 }
}

export function resetExpiredPage({ lang, base }: { lang: Lang; base: string }): Page {
  const say = words[lang]
  const main = html`<h1>${say.expiredTitle}</h1>
!${alert({ kind: 'error', body: say.expired })}
<p>!${buttonLink(say.again, `${base}/users/password/new`)}</p>`
  return { title: say.expiredTitle, main, error: true, status: 404 }
}
