import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { createRelyingService, type Registered } from '../relying-service.ts'
import type { SignInUnderTest } from '../signing-in.ts'

const SCOPE = 'openid profile bso cbsv.verify ssf.manage ssf.read'

export interface Pushed {
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

type Answer = { status: number; body?: string; headers?: Record<string, string> } | 'never'

/** What a relying service has listening: it keeps what it gets and answers as a test wants; `close()` when done. */
export async function startListener() {
  const got: Pushed[] = []
  const listener = {
    url: '',
    got,
    answer: (_pushed: Pushed): Answer => ({ status: 202 }),
    /** Waits until there are so many; at most ten seconds. */
    async count(count: number): Promise<Pushed[]> {
      await until(() => got.length >= count)
      return got
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const pushed = {
      path: String(request.url),
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    }
    got.push(pushed)
    const answer = listener.answer(pushed)
    if (answer === 'never') return
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  listener.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return listener
}

/** Waits at most ten seconds of the machine's own time. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000
  while (!(await holds())) {
    assert.ok(performance.now() < endsAt, 'it did not come within ten seconds')
    await pause(10)
  }
}

/** A relying service that may receive security events, and its requests as a receiver. */
export async function createReceiver(suite: SignInUnderTest, metadata: Record<string, unknown> = {}) {
  const response = await suite.register({
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: SCOPE,
    ...metadata,
  })
  assert.equal(response.statusCode, 201, response.body)
  const client = createRelyingService(suite.app, response.json<Registered>())

  async function token(parameters: Record<string, string> = {}): Promise<string> {
    const answer = await client.token({
      grant_type: 'client_credentials',
      scope: 'ssf.manage ssf.read',
      ...parameters,
    })
    assert.equal(answer.statusCode, 200, answer.body)
    return answer.json<{ access_token: string }>().access_token
  }

  async function call(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
    accessToken?: string,
  ) {
    return suite.app.inject({
      method,
      url: url.replace(/^https?:\/\/[^/]+/, ''),
      headers: { authorization: `Bearer ${accessToken ?? (await token())}` },
      ...(payload ? { payload } : {}),
    })
  }

  const receiver = {
    ...client,
    /** As `createRelyingService` gives it, to sign in to. */
    client,
    accessToken: token,
    call,
    /** Creates its stream. */
    async stream(request: Record<string, unknown> = {}): Promise<StreamAnswer> {
      const answer = await call('POST', '/ssf/streams', request)
      assert.equal(answer.statusCode, 201, answer.body)
      return answer.json()
    },
    /** Polls without waiting: the tokens by their jti, verified. */
    async poll(stream: StreamAnswer, request: Record<string, unknown> = {}) {
      const answer = await call('POST', stream.delivery.endpoint_url, {
        returnImmediately: true,
        ...request,
      })
      assert.equal(answer.statusCode, 200, answer.body)
      const { sets, moreAvailable } = answer.json<{ sets: Record<string, string>; moreAvailable: boolean }>()
      const events = await Promise.all(Object.values(sets).map((set) => receiver.read(set)))
      assert.deepEqual(
        Object.keys(sets),
        events.map(({ jti }) => jti),
      )
      return { events, moreAvailable }
    },
    /** Reads a token as a receiver does (SSF 1.0 §4.1). */
    async read(set: string): Promise<JWTPayload & { events: Record<string, Record<string, unknown>> }> {
      const jwks = (await suite.app.inject('/jwks')).json<JSONWebKeySet>()
      const { payload } = await jwtVerify(set, createLocalJWKSet(jwks), {
        typ: 'secevent+jwt',
        algorithms: ['RS256'],
        issuer: 'http://localhost:4000',
        audience: client.client_id,
        requiredClaims: ['jti', 'iat', 'events', 'sub_id'],
      })
      return payload as JWTPayload & { events: Record<string, Record<string, unknown>> }
    },
  }
  return receiver
}

export interface StreamAnswer {
  stream_id: string
  delivery: { method: string; endpoint_url: string }
  [member: string]: unknown
}

let orders = 0

/** Revokes as the administrators' console does. */
export async function revoke(
  suite: SignInUnderTest,
  kind: string,
  value: string,
  more: Record<string, unknown> = {},
) {
  orders += 1
  const answer = await suite.app.inject({
    method: 'POST',
    url: '/revocations',
    headers: await suite.as('admin', 'revocations.write'),
    payload: {
      target: { kind, value },
      reason: 'What an administrator wrote of Maria Example',
      by: 'administrator-1',
      lasting: false,
      reference: `reference-${orders}-${kind}`,
      ...more,
    },
  })
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json<{ revocationId: string; instant: number; standing: boolean }>()
}

/** How the administrators see that a revocation reached relying services. */
export async function reachOf(suite: SignInUnderTest, revocationId: string) {
  const answer = await suite.app.inject({
    url: `/revocations/history/${revocationId}`,
    headers: await suite.as('admin', 'revocations.read'),
  })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<{
    reach: { service: string; channel: string; state: string; milliseconds: number | null }[]
  }>().reach
}

/** The account behind the newest sign-in. */
export async function newestSignIn(suite: SignInUnderTest) {
  return (await suite.ground.database
    .selectFrom('signIns')
    .selectAll()
    .orderBy('authenticatedAt', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()) as { accountId: string; sessionUid: string; idp: string; subject: string }
}
