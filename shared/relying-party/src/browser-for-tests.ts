// For tests: a person's browser that keeps cookies, asks for HTML, and posts the forms of the page it is on.

import assert from 'node:assert/strict'
import type { StubSignIn } from './stub-sign-in.ts'

export interface Answer {
  statusCode: number
  headers: Record<string, string | string[] | number | undefined>
  body: string
}

type Send = (request: {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  payload?: string
}) => Promise<Answer>

export function browser(send: Send) {
  const cookies = new Map<string, string>()
  let csrf = ''

  async function go(method: 'GET' | 'POST', url: string, form?: Record<string, string>): Promise<Answer> {
    const answer = await send({
      method,
      url,
      headers: {
        accept: 'text/html',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(form ? { payload: new URLSearchParams(form).toString() } : {}),
    })
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(String(line)) ?? []
      if (value) cookies.set(name, value)
      else cookies.delete(name)
    }
    csrf = /name="_csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? csrf
    return answer
  }

  return {
    cookies,
    get: (url: string) => go('GET', url),
    /** Posts with the CSRF token of the last page that had a form. */
    post: (url: string, form: Record<string, string> = {}) => go('POST', url, { _csrf: csrf, ...form }),
    postWithoutToken: (url: string, form: Record<string, string> = {}) => go('POST', url, form),
    /** Starts signing in: the address at sign-in that the browser is sent to. */
    async begin(returnTo?: string): Promise<URL> {
      const query = returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`
      const answer = await go('GET', `/sign-in${query}`)
      assert.equal(answer.statusCode, 303)
      return new URL(String(answer.headers.location))
    },
    /** Signs in and gives the answer of the callback. */
    async signIn(signIn: StubSignIn, returnTo?: string): Promise<Answer> {
      return go('GET', pathOf(signIn.approve(await this.begin(returnTo))))
    },
  }
}

export function pathOf({ pathname, search }: URL): string {
  return pathname + search
}

export function location(answer: Answer): string {
  return String(answer.headers.location)
}
