// A browser without a screen and without JavaScript: cookies, redirects, forms, and the headers by which servers tell
// a form of their own from one of another site.

import { CookieJar } from 'tough-cookie'
import { Agent, request } from 'undici'
import { type Entries, filledIn } from './form-entry.ts'
import { type Form, type Page, readPage, StuckAt } from './page.ts'

export interface HeadlessBrowser {
  /** The page shown now. */
  readonly page: Page
  open(url: string): Promise<Page>
  /** Follows the link whose text contains this. */
  follow(linkText: string): Promise<Page>
  /**
   * Fills in a form of the page and sends it.
   *
   * @param button its text; left out, the first one
   * @throws StuckAt when the page does not offer such a field, choice or button
   */
  submit(form: Form, entries?: Entries, button?: string): Promise<Page>
  /** The `Cookie` header that this browser would send there. */
  cookies(url: string): Promise<string>
  close(): Promise<void>
}

interface Navigation {
  method: 'GET' | 'POST'
  url: URL
  body?: string
  /** The page that the navigation begins on. */
  from: URL | undefined
}

const MOST_REDIRECTS = 20
/** Milliseconds for one answer. */
const DEADLINE = 20_000

/**
 * Opens a browser with no cookies.
 *
 * @param options.stopAt addresses that begin with this are not fetched: the page is `stopped` there
 */
export function openBrowser(options: { stopAt?: string } = {}): HeadlessBrowser {
  const jar = new CookieJar()
  const agent = new Agent({ keepAliveTimeout: 1_000 })
  let page = readPage('about:blank', 0, '')
  let referrerPolicy = ''

  async function send({ method, url, body, from }: Navigation, redirected: URL[]) {
    const cookie = await jar.getCookieString(url.href)
    const response = await request(url, {
      dispatcher: agent,
      method,
      headers: {
        accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
        'accept-language': 'en',
        'sec-fetch-dest': 'document',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-site': siteRelation(from, [...redirected, url]),
        ...(cookie ? { cookie } : {}),
        ...originHeaders(method, from, [...redirected, url], referrerPolicy),
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(DEADLINE),
    })
    for (const line of [response.headers['set-cookie'] ?? []].flat()) {
      await jar.setCookie(line, url.href, { ignoreError: true })
    }
    return response
  }

  async function go(first: Navigation): Promise<Page> {
    const redirected: URL[] = []
    let navigation = first
    for (;;) {
      const { url } = navigation
      if (options.stopAt !== undefined && url.href.startsWith(options.stopAt)) {
        page = readPage(url.href, 0, '', true)
        return page
      }
      const response = await send(navigation, redirected)
      const { location } = response.headers
      if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string') {
        referrerPolicy = String(response.headers['referrer-policy'] ?? '')
        page = readPage(url.href, response.statusCode, await response.body.text())
        return page
      }
      await response.body.dump()
      redirected.push(url)
      if (redirected.length > MOST_REDIRECTS) throw new StuckAt(page, 'Too many redirects')
      navigation = redirect(navigation, new URL(location, url), response.statusCode)
    }
  }

  const here = () => (page.url === 'about:blank' ? undefined : new URL(page.url))
  return {
    get page() {
      return page
    },
    open: (url) => go({ method: 'GET', url: new URL(url), from: undefined }),
    follow: (text) => go({ method: 'GET', url: new URL(page.link(text)), from: here() }),
    async submit(form, entries = {}, button) {
      const fields = filledIn(page, form, entries, button)
      const url = new URL(form.action)
      if (form.method === 'GET') {
        url.search = fields.toString()
        return go({ method: 'GET', url, from: here() })
      }
      return go({ method: 'POST', url, body: fields.toString(), from: here() })
    },
    cookies: (url) => jar.getCookieString(url),
    close: () => agent.close(),
  }
}

/** 307 and 308 repeat the request; every other redirect goes on with GET, as browsers do (Fetch §4.4). */
function redirect(navigation: Navigation, url: URL, status: number): Navigation {
  if (status === 307 || status === 308) return { ...navigation, url }
  return { method: 'GET', url, from: navigation.from }
}

/** `Sec-Fetch-Site`: the widest relation on the way. Ports make another origin, and no other site. */
function siteRelation(from: URL | undefined, way: URL[]): string {
  if (!from) return 'none'
  if (way.some(({ hostname }) => hostname !== from.hostname)) return 'cross-site'
  return way.every(({ origin }) => origin === from.origin) ? 'same-origin' : 'same-site'
}

/**
 * `Origin` and `Referer` under the referrer policy of the page: a form sent from a page with `no-referrer` has the
 * origin `null` (Fetch §3.2.5), and so has one that was redirected through another origin.
 */
function originHeaders(
  method: string,
  from: URL | undefined,
  way: URL[],
  policy: string,
): Record<string, string> {
  if (!from) return {}
  const headers: Record<string, string> = {}
  const sameOrigin = way.every(({ origin }) => origin === from.origin)
  const hidden = policy === 'no-referrer' || (policy === 'same-origin' && !sameOrigin)
  const throughOthers = way.slice(0, -1).some(({ origin }) => origin !== from.origin)
  if (method !== 'GET') headers.origin = hidden || throughOthers ? 'null' : from.origin
  if (hidden) return headers
  const whole = sameOrigin && policy !== 'origin' && policy !== 'strict-origin'
  headers.referer = whole ? `${from.origin}${from.pathname}${from.search}` : `${from.origin}/`
  return headers
}
