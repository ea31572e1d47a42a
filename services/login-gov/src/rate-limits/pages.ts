import { alert } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink, type Page, timeLeft } from '../browser/frame.ts'

const words = {
  en: {
    title: 'Too many requests',
    why: (left: string) => `You tried too many times, please try again in ${left}.`,
  },
  es: {
    title: 'Demasiadas solicitudes',
    why: (left: string) => `Lo intentó demasiadas veces; vuelva a intentarlo en ${left}.`,
  },
}

export interface TooManyPage {
  lang: Lang
  base: string
  destination: Destination | undefined
  /** Milliseconds. */
  left: number
}

/** What somebody sees who did something too often, with status 429. */
export function tooManyPage({ lang, base, destination, left }: TooManyPage): Page {
  const say = words[lang]
  const main = html`<h1>${say.title}</h1>
!${alert({ kind: 'error', body: say.why(timeLeft(left, lang)) })}
!${backLink(destination, base, lang)}`
  return { title: say.title, main, error: true, status: 429 }
}
