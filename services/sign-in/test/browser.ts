import type { App } from '@gatehouse/http/service'

const ORIGIN = 'http://localhost:4000'

type Jar = Map<string, { value: string; path: string; secure?: boolean }>

/** A person's browser in front of the service: keeps cookies by path and sends forms as pages have them. */
export function createBrowser(app: App, jar: Jar = new Map()) {
  async function request(method: 'GET' | 'POST', url: string, form?: Record<string, string>) {
    const path = new URL(url, ORIGIN).pathname
    const cookie = [...jar]
      .filter(([, { path: scope }]) => path.startsWith(scope))
      .map(([key, { value }]) => `${key.split(' ')[0]}=${value}`)
      .join('; ')
    const response = await app.inject({
      method,
      url: url.startsWith(ORIGIN) ? url.slice(ORIGIN.length) : url,
      headers: {
        accept: 'text/html',
        host: 'localhost:4000',
        ...(cookie ? { cookie } : {}),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded', origin: ORIGIN } : {}),
      },
      ...(form ? { payload: new URLSearchParams(form).toString() } : {}),
    })
    for (const { name, value, path: scope = '/', secure = false } of response.cookies) {
      // A browser keeps cookies of one name apart by their path: two sign-ins in two tabs have one each.
      const key = `${name} ${scope}`
      if (value === '') jar.delete(key)
      else jar.set(key, { value, path: scope, secure })
    }
    return response
  }

  /** The hidden fields of the first form that posts to `action`. */
  function hiddenFields(body: string, action: string): Record<string, string> {
    const form = body.split('<form').find((part) => part.includes(`action="${action}"`)) ?? ''
    const inputs = [
      ...form.split('</form>')[0]!.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g),
    ]
    return Object.fromEntries(inputs.map(([, name, value]) => [name, value])) as Record<string, string>
  }

  return {
    /** For a browser that meets the service again after a restart. */
    jar,
    /** The values of all cookies of this name. */
    cookie: (name: string) =>
      [...jar].filter(([key]) => key.split(' ')[0] === name).map(([, { value }]) => value),
    get: (url: string) => request('GET', url),
    post: (url: string, form: Record<string, string>) => request('POST', url, form),
    /** Opens the page, then sends its form with these fields filled in. */
    async submit(page: string, action: string, fields: Record<string, string>) {
      const { body } = await request('GET', page)
      return request('POST', action, { ...hiddenFields(body, action), ...fields })
    },
  }
}

export type Browser = ReturnType<typeof createBrowser>
export type Answer = Awaited<ReturnType<Browser['get']>>
