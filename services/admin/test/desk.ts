// For tests: the console with stubs of everything around it, and administrators with access tokens.

import { randomBytes } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import { buildForTest, type ServiceUnderTest } from '@gatehouse/http/testing'
import { browser } from '@gatehouse/relying-party/browser-for-tests'
import { startStubSignIn } from '@gatehouse/relying-party/stub-sign-in'
import { type AccessTokenClaims, ADMIN_AUDIENCE } from '@gatehouse/tokens/access-token'
import type { Role } from '../src/access/roles.ts'
import { adminService } from '../src/service.ts'
import { createOwners } from './owners.ts'

export const OPERATOR = 'an-operator-token-for-these-tests-only'

/** What is revoked, as a test says. */
export function createFeed() {
  const feed = {
    blind: undefined as 'silent' | undefined,
    revoked: (_claims: AccessTokenClaims): boolean => false,
    refuses: (claims: AccessTokenClaims) => feed.revoked(claims),
    blindness: () => feed.blind,
    /** What becomes of waiting for it. */
    sight: async (_milliseconds: number): Promise<void> => {},
    ready: () => feed.blind === undefined,
    close: async () => {},
  }
  return feed
}

type JWTPayload = Parameters<ServiceUnderTest<Record<never, never>>['sign']>[0]

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

interface Options {
  environment?: Record<string, string>
  databaseUrl?: string
  secrets?: Awaited<ReturnType<typeof buildForTest>>['ground']['secrets']
  owners?: ReturnType<typeof createOwners>
}

/** The console; `await using` closes it. Nobody is an administrator yet. */
export async function startDesk({ environment = {}, owners = createOwners(), ...options }: Options = {}) {
  const feed = createFeed()
  const signIn = await startStubSignIn({
    clientId: 'admin',
    resource: ADMIN_AUDIENCE,
    claims: { sub: 'subject-rosa', name: 'Rosa Sample', email: 'Rosa@example.com', amr: ['phr', 'mfa'] },
  })
  const built = await buildForTest(
    adminService(() => feed),
    {
      environment: { SIGN_IN_URL: signIn.url, OPERATOR_TOKEN: OPERATOR, ...environment },
      calls: owners.calls,
      fetch,
      ...options,
    },
  ).catch(async (error: unknown) => {
    // What stays open would keep the test process alive.
    await signIn.close()
    throw error
  })
  const { app, sign } = built
  signIn.clientKeys = (await app.inject('/.well-known/jwks.json')).json()

  const tokenOf = (claims: JWTPayload) =>
    sign({
      iss: signIn.url,
      client_id: 'gatehouse-cli',
      aud: ADMIN_AUDIENCE,
      iat: epochSeconds(),
      exp: epochSeconds() + 300,
      jti: randomBytes(12).toString('base64url'),
      scope: 'openid profile admin',
      sid: `session-of-${claims.sub}`,
      idp: 'login.gov',
      amr: ['phr', 'mfa'],
      ...claims,
    })
  signIn.accessToken = () => tokenOf({ ...signIn.claims, client_id: 'admin', auth_time: undefined as never })
  signIn.claims = { ...signIn.claims, auth_time: epochSeconds() }

  async function call(method: Method, url: string, token?: string, payload?: unknown, headers: object = {}) {
    return app.inject({
      method,
      url,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      ...(payload === undefined ? {} : { payload: payload as object }),
    })
  }

  const operator = (method: Method, path: string, payload?: unknown) =>
    call(method, `/administrators${path}`, OPERATOR, payload)

  return {
    ...built,
    feed,
    owners,
    signIn,
    tokenOf,
    call,
    operator,
    browser: () => browser((request) => app.inject(request)),
    /** Makes somebody an administrator and answers how they call the API. */
    async administrator(name: string, roles: Role[], claims: JWTPayload = {}) {
      const email = `${name}@example.com`
      await operator('PUT', `/${email}`, { roles })
      const bind = await tokenOf({ sub: `subject-${name}`, email })
      const { administratorId } = (await call('GET', '/api/me', bind)).json()
      const token = await tokenOf({ sub: `subject-${name}`, email, ...claims })
      return {
        administratorId: administratorId as string,
        email,
        token,
        get: (path: string, headers?: object) => call('GET', `/api${path}`, token, undefined, headers),
        post: (path: string, payload: unknown, headers?: object) =>
          call('POST', `/api${path}`, token, payload, headers),
        put: (path: string, payload: unknown) => call('PUT', `/api${path}`, token, payload),
      }
    },
    /** What the audit trail tells of an event. */
    async told(event: string) {
      const rows = await built.ground.database
        .selectFrom('auditEvents')
        .selectAll()
        .where('event', '=', event)
        .orderBy('occurredAt')
        .execute()
      return rows as Record<string, string | null>[]
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([app.close(), signIn.close()])
    },
  }
}

export type Desk = Awaited<ReturnType<typeof startDesk>>
