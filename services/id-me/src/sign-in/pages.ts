import {
  alert,
  buttonLink,
  errorSummary,
  type FieldError,
  form,
  submitButton,
  textField,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, backLink, type Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'

const words = {
  en: {
    title: 'Sign in',
    heading: 'Sign in to ID.me',
    asks: (name: string) => `${name} uses ID.me to sign you in.`,
    email: 'Email',
    password: 'Password',
    show: 'Show password',
    submit: 'Sign in',
    forgot: 'Forgot password',
    new: 'New to ID.me?',
    signUp: 'Create an ID.me account',
    blank: 'Please fill in this field.',
    wrong: 'The email or password is not right. Try again, or choose a new password.',
    suspended: 'This account is suspended, so nobody can sign in to it.',
    password_reset_required: 'To protect your account, choose a new password before you sign in again.',
    timeout: 'You were signed out because nothing happened here for a while. Sign in again to go on.',
    notices: {
      recovered: 'Your account is recovered. You can sign in again.',
      password_changed: 'Your password was changed. Sign in with the new one.',
      signed_out: 'You are signed out.',
    },
    againTitle: 'Confirm it is you',
    againIntro: 'Give your password again before you change your settings.',
    continue: 'Continue',
    cancel: 'Cancel',
  },
  es: {
    title: 'Iniciar sesión',
    heading: 'Inicie sesión en ID.me',
    asks: (name: string) => `${name} utiliza ID.me para que inicie sesión.`,
    email: 'Correo electrónico',
    password: 'Contraseña',
    show: 'Mostrar contraseña',
    submit: 'Iniciar sesión',
    forgot: 'Olvidé mi contraseña',
    new: '¿Es nuevo en ID.me?',
    signUp: 'Crear una cuenta de ID.me',
    blank: 'Por favor, rellene este campo.',
    wrong:
      'El correo electrónico o la contraseña no son correctos. Inténtelo de nuevo o elija otra contraseña.',
    suspended: 'Esta cuenta está suspendida, por lo que nadie puede iniciar sesión con ella.',
    password_reset_required:
      'Para proteger su cuenta, elija una contraseña nueva antes de volver a iniciar sesión.',
    timeout: 'Su sesión se cerró por inactividad. Vuelva a iniciarla para continuar.',
    notices: {
      recovered: 'Su cuenta está recuperada. Puede volver a iniciar sesión.',
      password_changed: 'Su contraseña cambió. Inicie sesión con la nueva.',
      signed_out: 'Su sesión está cerrada.',
    },
    againTitle: 'Confirme que es usted',
    againIntro: 'Escriba de nuevo su contraseña antes de cambiar su configuración.',
    continue: 'Continuar',
    cancel: 'Cancelar',
  },
}

/** `suspended` and `password_reset_required` although the password was right. */
export type SignInProblem = 'wrong' | 'suspended' | 'password_reset_required'

export interface SignInPage {
  /** The kind of a notice of the session, or `timeout`. */
  notice?: string | undefined
  problem?: SignInProblem
  email?: string
  /** Which fields were left empty. */
  missing?: ('email' | 'password')[]
}

export function signInPage(around: Around, { notice, problem, email, missing = [] }: SignInPage): Page {
  const { lang, base, csrf, destination } = around
  const say = words[lang]
  const errors: FieldError[] = missing.map((field) => ({ field, message: say.blank }))
  const named = missing.map((field) => ({ field, message: `${say[field]}: ${say.blank}` }))
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.message
  const resumed = destination
    ? html`<input type="hidden" name="continue" value="${destination.continueAt}">`
    : ''
  const main = html`!${problem ? alert({ kind: 'error', body: say[problem] }) : ''}!${errorSummary(named, lang)}!${noticeAlert(notice, around)}
<h1>${say.heading}</h1>
!${destination ? html`<p>${say.asks(destination.name)}</p>` : ''}
!${form({
    action: base + PATHS.signIn,
    csrf,
    body: html`!${resumed}
!${textField({ name: 'email', label: say.email, type: 'email', autocomplete: 'username', value: email, error: errorOf('email'), required: true })}
!${textField({ name: 'password', label: say.password, type: 'password', autocomplete: 'current-password', showPassword: say.show, error: errorOf('password'), required: true })}
!${submitButton(say.submit)}`,
  })}
<p><a href="${base}${PATHS.password}">${say.forgot}</a></p>
<p>${say.new} <a href="${base}${PATHS.signUp}">${say.signUp}</a></p>
!${backLink(around)}`
  const failed = problem !== undefined || missing.length > 0
  return { title: say.title, main, error: failed, status: statusOf(problem, failed) }
}

function statusOf(problem: SignInProblem | undefined, failed: boolean): number {
  if (problem && problem !== 'wrong') return 403
  return failed ? 422 : 200
}

function noticeAlert(notice: string | undefined, { lang }: Around): string {
  const say = words[lang]
  if (notice === 'timeout') return alert({ kind: 'warning', body: say.timeout })
  const known = Object.entries(say.notices).find(([kind]) => kind === notice)
  return known ? alert({ kind: 'success', body: known[1] }) : ''
}

/** The password of somebody who is signed in. */
export function againPage({ lang, base, csrf }: Around, problem?: 'wrong' | 'blank'): Page {
  const say = words[lang]
  const errors = problem ? [{ field: 'password', message: say[problem] }] : []
  const main = html`!${errorSummary(errors, lang)}<h1>${say.againTitle}</h1>
<p>${say.againIntro}</p>
!${form({
    action: base + PATHS.signInAgain,
    csrf,
    body: html`!${textField({ name: 'password', label: say.password, type: 'password', autocomplete: 'current-password', showPassword: say.show, error: errors[0]?.message, required: true })}
!${submitButton(say.continue)}`,
  })}
<p>!${buttonLink(say.cancel, base + PATHS.settings, { variant: 'outline' })}</p>`
  return { title: say.againTitle, main, error: errors.length > 0, status: errors.length > 0 ? 422 : 200 }
}
