// The language of a page: by path prefix, else the `locale` parameter, else what the browser prefers (fact sheet 1, 2.1).

import type { App } from '@gatehouse/http/service'
import type { Language } from '@gatehouse/provider/browser/visits'

/** Pages for people are there without a prefix and under each of these. */
export const LOCALES = ['en', 'es', 'fr', 'zh'] as const
export type Locale = (typeof LOCALES)[number]

/**
 * @param url path and query of the request
 * @param acceptLanguage the header, if any
 */
export function languageOf(url: string, acceptLanguage: string | undefined): Language {
  const [path = '', query = ''] = splitAt(url, '?')
  const asked = localeOf(path.split('/', 2)[1]) ?? localeOf(new URLSearchParams(query).get('locale'))
  const locale = asked ?? preferred(acceptLanguage ?? '') ?? 'en'
  return {
    locale,
    lang: locale === 'es' ? 'es' : 'en',
    base: asked || locale !== 'en' ? `/${locale}` : '',
  }
}

/** Whether the address itself says the language. */
function isNamedIn(url: string): boolean {
  const [path = '', query = ''] = splitAt(url, '?')
  return (localeOf(path.split('/', 2)[1]) ?? localeOf(new URLSearchParams(query).get('locale'))) !== undefined
}

/** The same page in another language. */
export function inLocale(url: string, locale: Locale): string {
  const [path = '', query = ''] = splitAt(url, '?')
  const parameters = new URLSearchParams(query)
  parameters.delete('locale')
  const [, first, ...rest] = path.split('/')
  const bare = localeOf(first) ? `/${rest.join('/')}` : path
  const more = parameters.toString()
  return `/${locale}${bare === '/' ? '' : bare}${more && `?${more}`}`
}

function localeOf(text: string | null | undefined): Locale | undefined {
  return LOCALES.find((locale) => locale === text)
}

/** RFC 9110 §12.5.4, as far as four languages need it. */
function preferred(header: string): Locale | undefined {
  const ranges = header.split(',').map((range) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
    return { locale: localeOf(tag.toLowerCase().split('-', 1)[0]), weight: Number(weight) || 0 }
  })
  const wanted = ranges.filter(({ locale, weight }) => locale && weight > 0)
  return wanted.sort((one, other) => other.weight - one.weight)[0]?.locale
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** A form may name the language too, where the address does not (fact sheet 2.1). */
export function addFormLanguage(app: App): void {
  app.addHook('preValidation', async (request) => {
    const { body } = request
    if (typeof body !== 'object' || body === null || !Object.hasOwn(body, 'locale')) return
    const fields = body as Record<string, unknown>
    const named = typeof fields.locale === 'string' ? localeOf(fields.locale) : undefined
    // Schemas know the fields of their own form only.
    delete fields.locale
    if (named && !isNamedIn(request.url)) request.visit.language = languageOf(`/${named}`, undefined)
  })
}
