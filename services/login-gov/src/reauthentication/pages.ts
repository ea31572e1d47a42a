import { alert, form, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page, timeLeft } from '../browser/frame.ts'
import { REAUTHENTICATION } from './recent-authentication.ts'

const words = {
  en: {
    title: 'Confirm your password',
    heading: 'Enter your password again',
    why: 'This keeps your account safe. You will be asked for your authentication method after it.',
    unlocks: (name: string) => `Your verified information is locked. Your password opens it for ${name}.`,
    password: 'Password',
    show: 'Show password',
    submit: 'Continue',
    forgot: 'Forgot your password?',
    cancel: 'Cancel',
    wrong: 'The password you’ve entered is wrong.',
    blocked: (left: string) =>
      `You have exceeded the maximum sign in attempts. You must wait ${left} before trying again.`,
  },
  es: {
    title: 'Confirme su contraseña',
    heading: 'Vuelva a introducir su contraseña',
    why: 'Así protegemos su cuenta. Después se le pedirá su método de autenticación.',
    unlocks: (name: string) =>
      `Su información verificada está bloqueada. Su contraseña la abre para ${name}.`,
    password: 'Contraseña',
    show: 'Mostrar contraseña',
    submit: 'Continuar',
    forgot: '¿Olvidó su contraseña?',
    cancel: 'Cancelar',
    wrong: 'La contraseña que introdujo es incorrecta.',
    blocked: (left: string) =>
      `Ha superado el número máximo de intentos de inicio de sesión. Debe esperar ${left} antes de volver a intentarlo.`,
  },
}

export interface PasswordAgainPage {
  lang: Lang
  base: string
  csrf: string
  /** Where authenticating anew leads back to; absent where the password opens what a relying service waits for. */
  returnTo: string | undefined
  destination: Destination | undefined
  problem?: 'wrong' | { blockedFor: number }
}

export function passwordAgainPage({
  lang,
  base,
  csrf,
  returnTo,
  destination,
  problem,
}: PasswordAgainPage): Page {
  const say = words[lang]
  const wrong = problem === 'wrong' ? say.wrong : undefined
  const blocked = typeof problem === 'object' ? say.blocked(timeLeft(problem.blockedFor, lang)) : undefined
  const unlocks = returnTo === undefined && destination
  const continueField = returnTo ? html`<input type="hidden" name="continue" value="${returnTo}">` : ''
  const body = html`!${continueField}
!${textField({ name: 'user[password]', id: 'user_password', label: say.password, type: 'password', autocomplete: 'current-password', showPassword: say.show, error: wrong, required: true })}
!${submitButton(say.submit)}`
  const main = html`!${blocked ? alert({ kind: 'error', body: blocked }) : ''}<h1>${say.heading}</h1>
<p>${unlocks ? say.unlocks(unlocks.name) : say.why}</p>
!${form({ action: base + REAUTHENTICATION, csrf, body })}
<p><a href="${base}/users/password/new">${say.forgot}</a></p>
!${unlocks ? backLink(unlocks, base, lang) : html`<p><a href="${base}/account">${say.cancel}</a></p>`}`
  return { title: say.title, main, error: problem !== undefined, status: statusOf(problem) }
}

function statusOf(problem: PasswordAgainPage['problem']): number {
  if (!problem) return 200
  return problem === 'wrong' ? 422 : 429
}
