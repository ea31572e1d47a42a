// For tests: a person's browser without scripts. It keeps cookies, follows redirects on this site, and sends the forms that
// pages have.

import type { App } from '@gatehouse/http/service'

type Response = Awaited<ReturnType<App['inject']>>

export class Browser {
  /** By name; a cookie of one path alone by name and path, with a blank between. */
  readonly cookies = new Map<string, string>()
  readonly headers: Record<string, string>
  readonly #site: string
  #app: App
  /** The page or redirect that was answered last. */
  last!: Response
  /** Where we are. */
  path = '/'

  /** @param site where the service says that it is, if it redirects with its whole address */
  constructor(app: App, headers: Record<string, string> = {}, site = 'http://localhost') {
    this.#app = app
    this.headers = { accept: 'text/html', ...headers }
    this.#site = site
  }

  /** The service was started again. */
  movesTo(app: App): void {
    this.#app = app
  }

  /** Opens without following. */
  async get(url: string): Promise<Response> {
    return this.#send('GET', this.#here(url) ?? url)
  }

  async open(url: string): Promise<Response> {
    await this.get(url)
    return this.follow()
  }

  /** Sends the form of this page whose action is `action`, and follows. */
  async submit(action: string, fields: Record<string, string> = {}): Promise<Response> {
    await this.post(action, fields)
    return this.follow()
  }

  async post(action: string, fields: Record<string, string> = {}): Promise<Response> {
    const form = formsOf(this.last.body).find((one) => one.action === action)
    if (!form)
      throw new Error(`${this.path} has no form for ${action}, but a page titled ${titleOf(this.last)}`)
    const payload = new URLSearchParams({ ...form.hidden, ...fields }).toString()
    return this.#send('POST', this.#here(action) ?? action, payload)
  }

  /** Follows redirects to this site, ten at most; stops at the first that leads elsewhere. */
  async follow(): Promise<Response> {
    for (let count = 0; count < 10; count += 1) {
      const { location } = this.last.headers
      const path = typeof location === 'string' ? this.#here(location) : undefined
      if (path === undefined) return this.last
      await this.#send('GET', path)
    }
    throw new Error('too many redirects')
  }

  /** The path of an address on this site. */
  #here(location: string): string | undefined {
    const { origin, pathname, search } = new URL(location, this.#site)
    return origin === this.#site ? pathname + search : undefined
  }

  async #send(method: 'GET' | 'POST', url: string, payload?: string): Promise<Response> {
    const cookie = this.cookiesFor(url)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    this.last = await this.#app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload }),
      headers: { ...this.headers, ...(payload === undefined ? {} : form), ...(cookie ? { cookie } : {}) },
    })
    this.path = url
    for (const { name, value, path = '/' } of this.last.cookies) {
      const key = path === '/' ? name : `${name} ${path}`
      if (value === '') this.cookies.delete(key)
      else this.cookies.set(key, encodeURIComponent(value))
    }
    return this.last
  }

  /** The header that goes with a request to this path. */
  cookiesFor(url: string): string {
    const [at = '/'] = url.split('?')
    return [...this.cookies]
      .map(([key, value]) => ({ value, name: key.split(' ')[0], path: key.split(' ')[1] ?? '/' }))
      .filter(({ path }) => path === '/' || at === path || at.startsWith(`${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }
}

interface PageForm {
  action: string
  hidden: Record<string, string>
}

export function formsOf(body: string): PageForm[] {
  return [...body.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = '', inside = '']) => ({
    action: unescaped(/action="([^"]*)"/.exec(head)?.[1] ?? ''),
    hidden: Object.fromEntries(
      [...inside.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"\/?>/g)].map(
        ([, name = '', value = '']) => [name, unescaped(value)],
      ),
    ),
  }))
}

export function titleOf({ body }: { body: string }): string | undefined {
  return /<title>([^|]*) \|/.exec(body)?.[1]
}

/** The text of a page without its markup. */
export function textOf({ body }: { body: string }): string {
  return unescaped(body.replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ')
}

/** What a page asks of a security key. */
export function optionsOf({ body }: { body: string }): { challenge: string } {
  const found = /data-options="([^"]*)"/.exec(body)?.[1]
  if (!found) throw new Error('this page asks for no security key')
  return JSON.parse(unescaped(found))
}

/** The values of the radio buttons with this name. */
export function choicesOf({ body }: { body: string }, name: string): string[] {
  const buttons = [...body.matchAll(/<input([^>]*type="radio"[^>]*)>/g)].map(([, head = '']) => head)
  return buttons
    .filter((head) => head.includes(`name="${name}"`))
    .map((head) => unescaped(/value="([^"]*)"/.exec(head)?.[1] ?? ''))
}

function unescaped(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
}
