// A browser without scripts: keeps cookies, follows redirects on this site, sends the forms that pages have.

import type { App } from '@gatehouse/http/service'

type Response = Awaited<ReturnType<App['inject']>>

export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: App
  readonly #headers: Record<string, string>
  /** The page or redirect that was answered last. */
  last!: Response
  /** Where we are. */
  path = '/'

  constructor(app: App, headers: Record<string, string> = {}) {
    this.#app = app
    this.#headers = { accept: 'text/html', ...headers }
  }

  async open(url: string): Promise<Response> {
    await this.#send('GET', url)
    return this.#follow()
  }

  /** Sends the form of this page whose action is `action`, and follows; `undefined` leaves a hidden field out. */
  async submit(action: string, fields: Record<string, string> = {}): Promise<Response> {
    await this.post(action, fields)
    return this.#follow()
  }

  async post(action: string, fields: Record<string, string> = {}): Promise<Response> {
    const form = formsOf(this.last.body).find((one) => one.action === action)
    if (!form)
      throw new Error(`${this.path} has no form for ${action}, but a page titled ${titleOf(this.last)}`)
    return this.#send('POST', action, new URLSearchParams({ ...form.hidden, ...fields }).toString())
  }

  /** Follows redirects to this site, ten at most; stops at the first that leads elsewhere. */
  async #follow(): Promise<Response> {
    for (let count = 0; count < 10; count += 1) {
      const { location } = this.last.headers
      if (typeof location !== 'string' || !location.startsWith('/')) return this.last
      await this.#send('GET', location)
    }
    throw new Error('too many redirects')
  }

  async #send(method: 'GET' | 'POST', url: string, payload?: string): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    this.last = await this.#app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload }),
      headers: { ...this.#headers, ...(payload === undefined ? {} : form), ...(cookie ? { cookie } : {}) },
    })
    this.path = url
    for (const { name, value } of this.last.cookies) {
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, encodeURIComponent(value))
    }
    return this.last
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
      [...inside.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(
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
