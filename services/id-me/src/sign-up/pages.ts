import { errorSummary, form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { type Around, backLink, type Page } from '../browser/frame.ts'
import type { AddressPage } from '../mail/pages.ts'
import { newPasswordField } from '../password/new-password.ts'
import { PATHS } from '../paths.ts'

const words = {
  en: {
    title: 'Create an ID.me account',
    intro: 'We confirm your address first. Use one that the lab’s mail tray shows.',
    submit: 'Create account',
    have: 'Already have an account?',
    signIn: 'Sign in',
    email: 'Your address is confirmed:',
    continue: 'Continue',
  },
  es: {
    title: 'Cree una cuenta de ID.me',
    intro: 'Primero confirmamos su dirección. Use una que muestre la bandeja de correo del laboratorio.',
    submit: 'Crear cuenta',
    have: '¿Ya tiene una cuenta?',
    signIn: 'Iniciar sesión',
    email: 'Su dirección está confirmada:',
    continue: 'Continuar',
  },
}

export function signUpPage(lang: Lang, base: string): AddressPage {
  const { title, intro, submit, have, signIn } = words[lang]
  const more = html`<p>${have} <a href="${base}${PATHS.signIn}">${signIn}</a></p>`
  return { title, intro, submit, action: PATHS.signUp, more }
}

export function newAccountPage(
  around: Around,
  given: { token: string; email: string; shortest: number; error?: string },
): Page {
  const { lang, base, csrf } = around
  const { token, email, shortest, error } = given
  const say = words[lang]
  const main = html`!${error ? errorSummary([{ field: 'password', message: error }], lang) : ''}<h1>${say.title}</h1>
<p>${say.email} <strong>${email}</strong></p>
!${form({
    action: `${base}${PATHS.signUp}/link`,
    csrf,
    body: html`<input type="hidden" name="token" value="${token}">
!${newPasswordField(lang, shortest, error)}!${submitButton(say.continue)}`,
  })}
!${backLink(around)}`
  return { title: say.title, main, error: error !== undefined, status: error ? 422 : 200 }
}
