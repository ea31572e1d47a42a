import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { buildForTest } from '@gatehouse/http/testing'
import { browser } from '@gatehouse/relying-party/browser-for-tests'
import { startStubSignIn } from '@gatehouse/relying-party/stub-sign-in'
import { service } from '../src/service.ts'

export const OPERATOR = 'an-operator-token-for-these-tests-only'

export const RUTH = {
  sub: 'pairwise-ruth',
  name: 'Ruth Template',
  preferred_username: 'RuthTemplate79',
  acr: MY_SSA_ACR.withExtraSecurity,
}

/** The Ticket Portal with a stub of sign-in, where Ruth signs in with extra security. Nobody is enrolled. */
export async function startPortal(environment: Record<string, string> = {}) {
  const signIn = await startStubSignIn({ clientId: 'ticket-portal', claims: RUTH })
  try {
    const portal = await buildForTest(service, {
      environment: { SIGN_IN_URL: signIn.url, OPERATOR_TOKEN: OPERATOR, ...environment },
      fetch,
    })
    signIn.clientKeys = (await portal.app.inject('/.well-known/jwks.json')).json()
    return {
      ...portal,
      signIn,
      browser: () => browser((request) => portal.app.inject(request)),
      /** Asks as the operator. */
      operator: (method: 'GET' | 'PUT' | 'DELETE', path: string, payload?: object) =>
        portal.app.inject({
          method,
          url: `/enrolments${path}`,
          headers: { authorization: `Bearer ${OPERATOR}` },
          ...(payload ? { payload } : {}),
        }),
      async [Symbol.asyncDispose]() {
        await Promise.all([portal.app.close(), signIn.close()])
      },
    }
  } catch (error) {
    // What stays open would keep the test process alive.
    await signIn.close()
    throw error
  }
}

export const EMPLOYMENT = { organization: 'Example Employment Network', kind: 'EN' } as const
