import { buildForTest } from '@gatehouse/http/testing'
import { browser } from '@gatehouse/relying-party/browser-for-tests'
import { service } from '../src/service.ts'
import { startStubGateway } from './stub-gateway.ts'
import { stubServices } from './stub-services.ts'
import { startStubSignIn } from './stub-sign-in.ts'

export { browser, location, pathOf } from '@gatehouse/relying-party/browser-for-tests'

/** BSO with a stub of everything it talks to. */
export async function startBso(environment: Record<string, string> = {}) {
  const [signIn, gateway] = await Promise.all([startStubSignIn(), startStubGateway()])
  const services = stubServices()
  const bso = await buildForTest(service, {
    environment: { SIGN_IN_URL: signIn.url, GATEWAY_URL: gateway.url, ...environment },
    fetch,
    calls: services.calls,
  })
  signIn.clientKeys = (await bso.app.inject('/.well-known/jwks.json')).json()
  return {
    ...bso,
    signIn,
    gateway,
    services,
    browser: () => browser((request) => bso.app.inject(request)),
    async [Symbol.asyncDispose]() {
      await Promise.all([bso.app.close(), signIn.close(), gateway.close()])
    },
  }
}

/** BSO with Maria signed in and looking at `page`; claims of the ID token may be overridden. */
export async function startSignedIn(page = '/main-menu', idToken: Record<string, unknown> = {}) {
  const bso = await startBso()
  bso.signIn.idToken = idToken
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
