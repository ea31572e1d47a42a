// A browser without scripts: keeps cookies, follows redirects on this site, fills in the forms that pages have.

import type { App } from '@gatehouse/http/service'

type Response = Awaited<ReturnType<App['inject']>>

export class Browser {
  readonly cookies = new Map<string, string>()
  readonly headers: Record<string, string>
  readonly #app: App
  /** The page or redirect that was answered last. */
  last!: Response
  /** Where we are. */
  path = '/'

  constructor(app: App, headers: Record<string, string> = {}) {
    this.#app = app
    this.headers = { accept: 'text/html', ...headers }
  }

  async get(url: string): Promise<Response> {
    return this.#send({ method: 'GET', url })
  }

  /** Follows redirects to this site, ten at most; stops at the first that leads elsewhere. */
  async follow(): Promise<Response> {
    for (let count = 0; count < 10; count += 1) {
      const { location } = this.last.headers
      if (typeof location !== 'string' || !location.startsWith('/')) return this.last
      await this.get(location)
    }
    throw new Error('too many redirects')
  }

  async open(url: string): Promise<Response> {
    await this.get(url)
    return this.follow()
  }

  /** Submits the form of the current page whose action contains `action`, and follows. */
  async submit(action: string, fields: Record<string, string> = {}): Promise<Response> {
    await this.post(action, fields)
    return this.follow()
  }

  async post(action: string, fields: Record<string, string> = {}): Promise<Response> {
    const form = [...this.last.body.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].find(
      ([, attributes = '']) => unescaped(attributes).includes(`action="${action}"`),
    )
    if (!form) throw new Error(`this page has no form for ${action}`)
    const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
    const payload = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, unescaped(value)])),
      ...fields,
    })
    return this.#send({
      method: 'POST',
      url: action,
      payload: payload.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  }

  async #send(request: {
    method: 'GET' | 'POST'
    url: string
    payload?: string
    headers?: Record<string, string>
  }) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    this.last = await this.#app.inject({
      ...request,
      headers: { ...this.headers, ...request.headers, ...(cookie ? { cookie } : {}) },
    })
    this.path = request.url
    for (const { name, value } of this.last.cookies) {
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, encodeURIComponent(value))
    }
    return this.last
  }
}

/** The text of a page without its markup. */
export function textOf({ body }: Response): string {
  return unescaped(body.replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ')
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replaceAll('&amp;', '&')
}
