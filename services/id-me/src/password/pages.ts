import { errorSummary, form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import type { Around, Page } from '../browser/frame.ts'
import type { AddressPage } from '../mail/pages.ts'
import { PATHS } from '../paths.ts'
import { newPasswordField } from './new-password.ts'

const words = {
  en: {
    title: 'Forgot password',
    intro: 'Enter the email address of your account. We send you a link for a new password.',
    submit: 'Continue',
    newTitle: 'Choose a new password',
    account: 'For the account of',
    change: 'Change password',
  },
  es: {
    title: 'Olvidé mi contraseña',
    intro: 'Escriba el correo electrónico de su cuenta. Le enviamos un enlace para una contraseña nueva.',
    submit: 'Continuar',
    newTitle: 'Elija una contraseña nueva',
    account: 'Para la cuenta de',
    change: 'Cambiar la contraseña',
  },
}

export function forgotPage(lang: Lang): AddressPage {
  const { title, intro, submit } = words[lang]
  return { title, intro, submit, action: PATHS.password }
}

export function resetPage(
  { lang, base, csrf }: Around,
  given: { token: string; email: string; shortest: number; error?: string },
): Page {
  const { token, email, shortest, error } = given
  const say = words[lang]
  const main = html`!${error ? errorSummary([{ field: 'password', message: error }], lang) : ''}<h1>${say.newTitle}</h1>
<p>${say.account} <strong>${email}</strong></p>
!${form({
    action: `${base}${PATHS.password}/link`,
    csrf,
    body: html`<input type="hidden" name="token" value="${token}">
!${newPasswordField(lang, shortest, error)}!${submitButton(say.change)}`,
  })}`
  return { title: say.newTitle, main, error: error !== undefined, status: error ? 422 : 200 }
}
