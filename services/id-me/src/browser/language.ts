// The language of a page: by path prefix, else what the browser prefers.

import type { Language } from '@gatehouse/provider/browser/visits'

/** Pages for people are there without a prefix and under each of these. */
export const LOCALES = ['en', 'es'] as const
type Locale = (typeof LOCALES)[number]

/**
 * @param url path and query of the request
 * @param acceptLanguage the header, if any
 */
export function languageOf(url: string, acceptLanguage: string | undefined): Language {
  const asked = localeOf(url.split('?', 1)[0]?.split('/', 2)[1])
  const locale = asked ?? preferred(acceptLanguage ?? '') ?? 'en'
  return { locale, lang: locale, base: asked ? `/${asked}` : '' }
}

/** The same page in another language. */
export function inLocale(url: string, locale: Locale): string {
  const [path = '', ...query] = url.split('?')
  const [, first, ...rest] = path.split('/')
  const bare = localeOf(first) ? `/${rest.join('/')}` : path
  return [`/${locale}${bare === '/' ? '' : bare}`, ...query].join('?')
}

function localeOf(text: string | undefined): Locale | undefined {
  return LOCALES.find((locale) => locale === text)
}

/** RFC 9110 §12.5.4, as far as two languages need it. */
function preferred(header: string): Locale | undefined {
  const wanted = header
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
      return { locale: localeOf(tag.toLowerCase().split('-', 1)[0]), weight: Number(weight) || 0 }
    })
    .filter(({ locale, weight }) => locale && weight > 0)
  return wanted.sort((one, other) => other.weight - one.weight)[0]?.locale
}
