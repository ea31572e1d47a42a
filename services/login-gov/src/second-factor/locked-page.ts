import { alert } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { countdown, counted } from '../browser/countdown.ts'
import { backLink, type Page } from '../browser/frame.ts'

const words = {
  en: {
    title: 'Account temporarily locked',
    locked:
      'For your security, your account is locked for a while: you gave wrong second factors, or requested a one-time code too many times.',
    left: (left: string) => `Please try again in ${left}.`,
  },
  es: {
    title: 'Cuenta bloqueada temporalmente',
    locked:
      'Por su seguridad, su cuenta está bloqueada por un tiempo porque se introdujo mal un segundo factor, o se solicitó un código de un solo uso, demasiadas veces.',
    left: (left: string) => `Vuelva a intentarlo en ${left}.`,
  },
}

/** @param left milliseconds until the account is open again */
export function lockedPage({
  lang,
  base,
  destination,
  left,
}: {
  lang: Lang
  base: string
  destination: Destination | undefined
  left: number
}): Page {
  const say = words[lang]
  const main = html`<h1>${say.title}</h1>
!${alert({ kind: 'error', body: say.locked })}
!${countdown(left, [{ content: html`<p>!${counted(say.left, left, lang)}</p>` }])}
!${backLink(destination, base, lang)}`
  return { title: say.title, main, error: true, status: 429 }
}
