// A person's browser for these tests: keeps cookies, asks for HTML, and posts the forms of the page it is on.
import assert from 'node:assert/strict'
import { buildForTest } from '@gatehouse/http/testing'
import { service } from '../src/service.ts'
import { startStubGateway } from './stub-gateway.ts'
import { type StubSignIn, startStubSignIn } from './stub-sign-in.ts'

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

/** BSO with a stub of everything it talks to. */
export async function startBso(environment: Record<string, string> = {}) {
  const [signIn, gateway] = await Promise.all([startStubSignIn(), startStubGateway()])
  const bso = await buildForTest(service, {
    environment: { SIGN_IN_URL: signIn.url, GATEWAY_URL: gateway.url, ...environment },
    fetch,
  })
  signIn.clientKeys = (await bso.app.inject('/.well-known/jwks.json')).json()
  return {
    ...bso,
    signIn,
    gateway,
    browser: () => browser((request) => bso.app.inject(request)),
    async [Symbol.asyncDispose]() {
      await Promise.all([bso.app.close(), signIn.close(), gateway.close()])
    },
  }
}

/** BSO with Maria signed in and looking at `page`. */
export async function startSignedIn(page = '/main-menu') {
  const bso = await startBso()
  try {
    const person = bso.browser()
    await person.signIn(bso.signIn)
    return { ...bso, person, seen: await person.get(page) }
  } catch (error) {
    // What stays open would keep the test process alive.
    await bso[Symbol.asyncDispose]()
    throw error
  }
}
