import type { App } from '@gatehouse/http/service'

/** A person's browser in front of the service: keeps cookies by path and sends forms as pages have them. */
export function createBrowser(app: App) {
  const cookies = new Map<string, { value: string; path: string }>()

  async function request(method: 'GET' | 'POST', url: string, form?: Record<string, string>) {
    const path = new URL(url, 'http://localhost:4000').pathname
    const cookie = [...cookies]
      .filter(([, { path: scope }]) => path.startsWith(scope))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const response = await app.inject({
      method,
      url,
      headers: {
        accept: 'text/html',
        host: 'localhost:4000',
        ...(cookie ? { cookie } : {}),
        ...(form
          ? { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:4000' }
          : {}),
      },
      ...(form ? { payload: new URLSearchParams(form).toString() } : {}),
    })
    for (const { name, value, path: scope = '/' } of response.cookies) {
      if (value === '') cookies.delete(name)
      else cookies.set(name, { value, path: scope })
    }
    return response
  }

  /** The hidden fields of the first form that posts to `action`. */
  function hiddenFields(body: string, action: string): Record<string, string> {
    const form = body.split('<form').find((part) => part.includes(`action="${action}"`)) ?? ''
    const inputs = [...form.split('</form>')[0]!.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    return Object.fromEntries(inputs.map(([, name, value]) => [name, value])) as Record<string, string>
  }

  return {
    cookies,
    get: (url: string) => request('GET', url),
    post: (url: string, form: Record<string, string>) => request('POST', url, form),
    /** Opens the page, then sends its form with these fields filled in. */
    async submit(page: string, action: string, fields: Record<string, string>) {
      const { body } = await request('GET', page)
      return request('POST', action, { ...hiddenFields(body, action), ...fields })
    },
  }
}
