import { alert, errorSummary, type FieldError, form, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page, timeLeft } from '../browser/frame.ts'

const words = {
  en: {
    title: 'Sign in',
    heading: 'Sign in for existing users',
    asks: (name: string) => `${name} asks you to sign in with Login.gov.`,
    again: (name: string) => `${name} needs you to sign in again, even if you signed in a short while ago.`,
    email: 'Email address',
    password: 'Password',
    show: 'Show password',
    submit: 'Submit',
    blank: 'Please fill in this field.',
    wrong: 'The email or password you’ve entered is wrong. Try resetting your password.',
    blocked: (left: string) =>
      `You have exceeded the maximum sign in attempts. You must wait ${left} before trying again.`,
    timeout: 'You were signed out because nothing happened here for a while. Sign in again to go on.',
    otherBrowser: 'Your login credentials were used in another browser.',
  },
  es: {
    title: 'Iniciar sesión',
    heading: 'Inicio de sesión para usuarios con cuenta',
    asks: (name: string) => `${name} le pide que inicie sesión con Login.gov.`,
    again: (name: string) => `${name} necesita que vuelva a iniciar sesión, aunque lo haya hecho hace poco.`,
    email: 'Correo electrónico',
    password: 'Contraseña',
    show: 'Mostrar contraseña',
    submit: 'Enviar',
    blank: 'Por favor, rellene este campo.',
    wrong: 'El correo electrónico o la contraseña son incorrectos. Pruebe a restablecer su contraseña.',
    blocked: (left: string) =>
      `Ha superado el número máximo de intentos de inicio de sesión. Debe esperar ${left} antes de volver a intentarlo.`,
    timeout: 'Su sesión se cerró por inactividad. Vuelva a iniciarla para continuar.',
    otherBrowser: 'Sus credenciales se utilizaron en otro navegador.',
  },
}

export type SignInNotice = 'timeout' | 'otherBrowser' | 'again'
export type SignInProblem = 'wrong' | 'blank' | { blockedFor: number }

export interface SignInPage {
  lang: Lang
  base: string
  csrf: string
  destination: Destination | undefined
  notice?: SignInNotice
  problem?: SignInProblem
  email?: string
  /** Which fields were left empty. */
  missing?: ('user_email' | 'user_password')[]
}

export function signInPage({
  lang,
  base,
  csrf,
  destination,
  notice,
  problem,
  email,
  missing = [],
}: SignInPage): Page {
  const say = words[lang]
  const errors: FieldError[] = missing.map((field) => ({ field, message: say.blank }))
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.message
  const main = html`
!${problemAlert(problem, lang)}!${errorSummary(errors, lang)}!${noticeAlert(notice, destination, lang)}
<h1>${say.heading}</h1>
!${destination ? html`<p>${say.asks(destination.name)}</p>` : ''}
!${form({
    action: `${base}/`,
    csrf,
    body: html`
!${destination ? html`<input type="hidden" name="continue" value="${destination.continueAt}">` : ''}
!${textField({ name: 'user[email]', id: 'user_email', label: say.email, type: 'email', autocomplete: 'username', value: email, error: errorOf('user_email'), required: true })}
!${textField({ name: 'user[password]', id: 'user_password', label: say.password, type: 'password', autocomplete: 'current-password', showPassword: say.show, error: errorOf('user_password'), required: true })}
!${submitButton(say.submit)}`,
  })}
!${backLink(destination, base, lang)}`
  return { title: say.title, main, error: problem !== undefined }
}

function problemAlert(problem: SignInProblem | undefined, lang: Lang): string {
  const say = words[lang]
  if (problem === undefined || problem === 'blank') return ''
  return alert({
    kind: 'error',
    body: problem === 'wrong' ? say.wrong : say.blocked(timeLeft(problem.blockedFor, lang)),
  })
}

function noticeAlert(
  notice: SignInNotice | undefined,
  destination: Destination | undefined,
  lang: Lang,
): string {
  const say = words[lang]
  if (!notice) return ''
  if (notice === 'again') return destination ? alert({ kind: 'info', body: say.again(destination.name) }) : ''
  return alert({ kind: 'warning', body: say[notice] })
}
