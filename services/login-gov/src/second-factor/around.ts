import { checkbox, form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { backLink } from '../browser/frame.ts'

const words = {
  en: {
    other: 'Choose another authentication method',
    cancel: 'Sign in with another account',
    stop: 'Cancel',
    remember: 'Remember this browser',
    triesLeft: (count: number) =>
      count === 1 ? 'You have 1 attempt remaining' : `You have ${count} attempts remaining`,
    lockNext: 'After that, your account is locked for a while.',
  },
  es: {
    other: 'Elegir otro método de autenticación',
    cancel: 'Iniciar sesión con otra cuenta',
    stop: 'Cancelar',
    remember: 'Recordar este navegador',
    triesLeft: (count: number) => (count === 1 ? 'Le queda 1 intento' : `Le quedan ${count} intentos`),
    lockNext: 'Después, su cuenta se bloqueará por un tiempo.',
  },
}

/** What every page of a second factor is told. */
export interface Around {
  lang: Lang
  base: string
  csrf: string
  destination: Destination | undefined
  offersRemembering: boolean
  /** Somebody who is signed in already proves it again. */
  isSignedIn: boolean
  /** From so many tries left on the person is told. */
  warnAt: number
}

/** Ticked beforehand for requests below AAL2 (fact sheet 6.1 step 5); nothing where it would have no effect. */
export function rememberBox({ lang, destination, offersRemembering }: Around): string {
  if (!offersRemembering) return ''
  const checked = (destination?.requires?.aal ?? 1) < 2
  return checkbox({ name: 'remember_device', label: words[lang].remember, value: 'true', checked })
}

export function otherMethodsLink({ lang, base }: Pick<Around, 'lang' | 'base'>): string {
  return html`<p><a href="${base}/login/two_factor/options">${words[lang].other}</a></p>`
}

/** Under a line of their own, so that nobody takes them for a part of the step. */
export function waysOut({ lang, base, csrf, destination, isSignedIn }: Around): string {
  const { cancel, stop } = words[lang]
  const button = submitButton(cancel, { variant: 'unstyled' })
  const out = isSignedIn
    ? html`<p><a href="${base}/account">${stop}</a></p>`
    : form({ action: `${base}/logout`, csrf, label: cancel, body: button })
  return html`<div class="border-top-1px border-base-lighter margin-top-4 padding-top-1">
!${out}
!${backLink(destination, base, lang)}
</div>`
}

/** Heading and text of the warning before the account is locked; nothing while there are more tries (fact sheet 6.3). */
export function lastTries(
  triesLeft: number | undefined,
  { lang, warnAt }: Pick<Around, 'lang' | 'warnAt'>,
): { heading: string; body: string } | undefined {
  if (triesLeft === undefined || triesLeft > warnAt) return undefined
  return { heading: words[lang].triesLeft(triesLeft), body: words[lang].lockNext }
}
