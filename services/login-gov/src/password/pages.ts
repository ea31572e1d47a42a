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
    create: 'Create an account',
    choice: 'Sign in or create an account',
    forgot: 'Forgot your password?',
    employee: 'Sign in with your government employee ID',
    blank: 'Please fill in this field.',
    wrong: 'The email or password you’ve entered is wrong. Try resetting your password.',
    blocked: (left: string) =>
      `You have exceeded the maximum sign in attempts. You must wait ${left} before trying again.`,
    timeout: 'You were signed out because nothing happened here for a while. Sign in again to go on.',
    otherBrowser: 'Your login credentials were used in another browser.',
    passwordChanged: 'Your password was changed. Sign in with the new one.',
    emailConfirmed: 'The email address was added to your account. Sign in to go on.',
    accountDeleted: 'Your account was deleted. You can create a new one.',
    resetCancelled: 'The request to delete your account was cancelled. Sign in to go on.',
    suspended: 'Your account is suspended.',
    resetRequired: 'Your password has to be reset before you can sign in again.',
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
    create: 'Crear una cuenta',
    choice: 'Inicie sesión o cree una cuenta',
    forgot: '¿Olvidó su contraseña?',
    employee: 'Iniciar sesión con su identificación de empleado público',
    blank: 'Por favor, rellene este campo.',
    wrong: 'El correo electrónico o la contraseña son incorrectos. Pruebe a restablecer su contraseña.',
    blocked: (left: string) =>
      `Ha superado el número máximo de intentos de inicio de sesión. Debe esperar ${left} antes de volver a intentarlo.`,
    timeout: 'Su sesión se cerró por inactividad. Vuelva a iniciarla para continuar.',
    otherBrowser: 'Sus credenciales se utilizaron en otro navegador.',
    passwordChanged: 'Su contraseña se cambió. Inicie sesión con la nueva.',
    emailConfirmed: 'El correo electrónico se agregó a su cuenta. Inicie sesión para continuar.',
    accountDeleted: 'Su cuenta se eliminó. Puede crear una nueva.',
    resetCancelled: 'La solicitud de eliminar su cuenta se canceló. Inicie sesión para continuar.',
    suspended: 'Su cuenta está suspendida.',
    resetRequired: 'Debe restablecer su contraseña antes de volver a iniciar sesión.',
  },
}

/** What happened before, by the key of its words. */
export type SignInNotice =
  | 'timeout'
  | 'otherBrowser'
  | 'again'
  | 'passwordChanged'
  | 'emailConfirmed'
  | 'accountDeleted'
  | 'resetCancelled'
  | 'suspended'
  | 'resetRequired'
/** Good news; the other ones are warnings. */
const GOOD: readonly SignInNotice[] = [
  'passwordChanged',
  'emailConfirmed',
  'accountDeleted',
  'resetCancelled',
]
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
!${signInTabs('sign-in', base, lang)}
<h1>${say.heading}</h1>
!${destination ? html`<p>${say.asks(destination.name)}</p>` : ''}
!${form({
    action: `${base}/`,
    csrf,
    body: html`
!${destination ? html`<input type="hidden" name="continue" value="${destination.continueAt}">` : ''}
<input type="hidden" name="platform_authenticator_available" value="">
!${textField({ name: 'user[email]', id: 'user_email', label: say.email, type: 'email', autocomplete: 'username', value: email, error: errorOf('user_email'), required: true })}
!${textField({ name: 'user[password]', id: 'user_password', label: say.password, type: 'password', autocomplete: 'current-password', showPassword: say.show, error: errorOf('user_password'), required: true })}
!${submitButton(say.submit)}`,
  })}
<p><a href="${base}/users/password/new">${say.forgot}</a></p>
<p><a href="${base}/login/piv_cac">${say.employee}</a></p>
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
  return alert({ kind: GOOD.includes(notice) ? 'success' : 'warning', body: say[notice] })
}

/** The two ways in, at the head of both pages. */
export function signInTabs(current: 'sign-in' | 'create', base: string, lang: Lang): string {
  const say = words[lang]
  const tab = (text: string, href: string, isCurrent: boolean) =>
    isCurrent
      ? html`<li class="usa-button-group__item"><a class="usa-button" href="${href}" aria-current="page">${text}</a></li>`
      : html`<li class="usa-button-group__item"><a class="usa-button usa-button--outline" href="${href}">${text}</a></li>`
  return html`<nav aria-label="${say.choice}" class="margin-y-3"><ul class="usa-button-group usa-button-group--segmented">
!${tab(say.title, `${base}/`, current === 'sign-in')}
!${tab(say.create, `${base}/sign_up/enter_email`, current === 'create')}
</ul></nav>`
}
