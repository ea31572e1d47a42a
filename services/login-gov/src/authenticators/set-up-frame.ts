import { buttonLink } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Destination } from '@gatehouse/provider/browser/destination'
import { html } from 'ghtml'
import { METHODS_PAGE } from '../account/frame.ts'
import { backLink, type Page } from '../browser/frame.ts'

const words = {
  en: { other: 'Choose another option', cancel: 'Cancel' },
  es: { other: 'Elegir otra opción', cancel: 'Cancelar' },
}

/** What every page here is told. */
export interface SetUpFrame {
  lang: Lang
  base: string
  csrf: string
  destination: Destination | undefined
  /** False for somebody who sets up the first second factor. */
  isSignedIn: boolean
  user?: NonNullable<Page['user']>
}

/** Out of a set-up: to the other options, or back to the account. */
export function setUpLinks({ lang, base, destination, isSignedIn }: SetUpFrame): string {
  const isFromAccount = isSignedIn && !destination
  const [text, path] = isFromAccount
    ? [words[lang].cancel, METHODS_PAGE]
    : [words[lang].other, '/authentication_methods_setup']
  return html`<p>!${buttonLink(text, base + path, { variant: 'unstyled' })}</p>!${backLink(destination, base, lang)}`
}
