import { alert, buttonLink } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page } from '../browser/frame.ts'

const words = {
  en: {
    suspended: {
      title: 'Your account is suspended',
      body: 'Nobody can sign in with this account. Whoever administers this test system can reinstate it.',
    },
    password_reset_required: {
      title: 'Reset your password',
      body: 'We were told that somebody else may have used your account. Choose a new password before you sign in again.',
    },
    reset: 'Reset your password',
  },
  es: {
    suspended: {
      title: 'Su cuenta está suspendida',
      body: 'Nadie puede iniciar sesión con esta cuenta. Quien administra este sistema de prueba puede restablecerla.',
    },
    password_reset_required: {
      title: 'Restablezca su contraseña',
      body: 'Nos informaron de que otra persona pudo haber usado su cuenta. Elija una contraseña nueva antes de volver a iniciar sesión.',
    },
    reset: 'Restablecer la contraseña',
  },
}

export interface ClosedPage {
  lang: Lang
  base: string
  destination: Destination | undefined
  reason: 'suspended' | 'password_reset_required'
}

/** For somebody who gave the right password and gets no further. */
export function closedPage({ lang, base, destination, reason }: ClosedPage): Page {
  const say = words[lang]
  const { title, body } = say[reason]
  const reset =
    reason === 'password_reset_required'
      ? html`<p>!${buttonLink(say.reset, `${base}/users/password/new`)}</p>`
      : ''
  const main = html`<h1>${title}</h1>
!${alert({ kind: 'error', body })}
!${reset}
!${backLink(destination, base, lang)}`
  return { title, main, error: true, status: 403 }
}
