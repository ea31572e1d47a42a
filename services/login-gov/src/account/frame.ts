// What the pages of the account have around them: the ways between them, and who is signed in.

import type { Lang } from '@gatehouse/pages/site'
import type { Page } from '../browser/frame.ts'

export const ACCOUNT = '/account'
/** Where authentication methods are listed, added and removed. */
export const METHODS_PAGE = '/account/two_factor_authentication'
export const CONNECTED = '/account/connected_accounts'

const words: Record<Lang, Record<string, string>> = {
  en: {
    [ACCOUNT]: 'Your account',
    [METHODS_PAGE]: 'Your authentication methods',
    [CONNECTED]: 'Your connected accounts',
  },
  es: {
    [ACCOUNT]: 'Su cuenta',
    [METHODS_PAGE]: 'Sus métodos de autenticación',
    [CONNECTED]: 'Sus cuentas conectadas',
  },
}

export interface AccountAround {
  lang: Lang
  base: string
  csrf: string
  /** With which the person signed in. */
  email: string
}

/**
 * A page of the account.
 *
 * @param current the page's path without language prefix, if it is one of those that the others lead to
 */
export function accountPage(
  { lang, base, csrf, email }: AccountAround,
  page: Omit<Page, 'user' | 'nav'>,
  current?: string,
): Page {
  const nav = [ACCOUNT, METHODS_PAGE, CONNECTED].map((path) => ({
    href: base + path,
    text: words[lang][path] ?? '',
    current: path === current,
  }))
  return { ...page, nav, user: { name: email, signOut: { action: `${base}/logout`, csrf } } }
}
