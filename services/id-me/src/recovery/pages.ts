import { alert, buttonLink, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Around, backLink, type Page, timeLeft } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'

/** What went wrong too often. */
export type LockReason = 'second_factor' | 'password'

const words = {
  en: {
    title: 'Your account is locked',
    why: {
      second_factor:
        'There were too many failed attempts to complete a sign in, or too many codes were asked for.',
      password: 'There were too many failed attempts to sign in with this address.',
    },
    mailed: {
      second_factor: 'To recover your account, open the link in the email that we sent to your address.',
      password:
        'If there is an account with this address, we sent an email to it. Open its link to recover your account.',
    },
    otherwise: (left: string) => `Otherwise you can try again in ${left}.`,
    again: 'Send the email again',
    confirmTitle: 'Recover your account',
    confirmIntro: 'Confirm that this is your address, and you can sign in again:',
    confirm: 'Confirm my email address',
    deadTitle: 'This link does not work any more',
    dead: 'It was used already, or it is too old.',
    signIn: 'Sign in',
  },
  es: {
    title: 'Su cuenta está bloqueada',
    why: {
      second_factor:
        'Hubo demasiados intentos fallidos de completar un inicio de sesión, o se solicitaron demasiados códigos.',
      password: 'Hubo demasiados intentos fallidos de iniciar sesión con esta dirección.',
    },
    mailed: {
      second_factor: 'Para recuperar su cuenta, abra el enlace del correo que enviamos a su dirección.',
      password:
        'Si hay una cuenta con esta dirección, le enviamos un correo. Abra su enlace para recuperar su cuenta.',
    },
    otherwise: (left: string) => `De lo contrario, puede volver a intentarlo en ${left}.`,
    again: 'Enviar el correo otra vez',
    confirmTitle: 'Recupere su cuenta',
    confirmIntro: 'Confirme que esta es su dirección y podrá volver a iniciar sesión:',
    confirm: 'Confirmar mi correo electrónico',
    deadTitle: 'Este enlace ya no sirve',
    dead: 'Ya se utilizó o es demasiado antiguo.',
    signIn: 'Iniciar sesión',
  },
}

/** @param left milliseconds until the account opens by itself */
export function lockedPage(around: Around, { reason, left }: { reason: LockReason; left: number }): Page {
  const { lang, base, csrf } = around
  const say = words[lang]
  const main = html`!${alert({ kind: 'error', body: say.why[reason] })}
<h1>${say.title}</h1>
<p>${say.mailed[reason]}</p>
<p>${say.otherwise(timeLeft(left, lang))}</p>
!${form({ action: base + PATHS.recovery, csrf, body: submitButton(say.again, { variant: 'outline' }) })}
!${backLink(around)}`
  return { title: say.title, main, error: true, status: 429 }
}

export function confirmPage({ lang, base, csrf }: Around, token: string, email: string): Page {
  const say = words[lang]
  const main = html`<h1>${say.confirmTitle}</h1>
<p>${say.confirmIntro}<br><strong>${email}</strong></p>
!${form({
    action: `${base}${PATHS.recovery}/link`,
    csrf,
    body: html`<input type="hidden" name="token" value="${token}">!${submitButton(say.confirm)}`,
  })}`
  return { title: say.confirmTitle, main }
}

/** For every link of a mail that leads nowhere. */
export function deadLinkPage({ lang, base }: Pick<Around, 'lang' | 'base'>): Page {
  const say = words[lang]
  const main = html`<h1>${say.deadTitle}</h1>
<p>${say.dead}</p>
<p>!${buttonLink(say.signIn, base + PATHS.signIn)}</p>`
  return { title: say.deadTitle, main, error: true, status: 410 }
}
