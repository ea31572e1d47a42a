import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { epochSeconds } from '@gatehouse/clock/clock'
import { buildForTest } from '@gatehouse/http/testing'
import { startScriptedStream } from '@gatehouse/revocations/scripted-stream'
import type { KeySource } from '@gatehouse/tokens/key-source'
import { service } from '../src/service.ts'

export const SERVICE_TOKEN = 'token-of-the-gateway'

interface Seen {
  method: string | undefined
  url: string | undefined
  rawHeaders: string[]
  headers: IncomingMessage['headers']
}

/** A real server in the place of CBSV, which keeps what it saw. `answer` decides; by default `{"ok":true}`. */
export async function startUpstream(answer?: RequestListener) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const { method, url, rawHeaders, headers } = request
    seen.push({ method, url, rawHeaders, headers })
    if (answer) answer(request, response)
    else request.resume().on('end', () => sendJson(response, { ok: true }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    seen,
    server,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export function sendJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value)
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}

interface Options {
  /** Default: nothing listens there. */
  upstream?: string
  environment?: Record<string, string>
  /** Sign-in's token endpoint. By default it gives the gateway a token for CBSV. */
  tokenEndpoint?: (form: URLSearchParams) => Response | Promise<Response>
  keys?: KeySource
  /** Sign-in's stream of revocations, which the gateway has caught up with; by default one of its own that revokes nobody. */
  stream?: { origin: string }
}

const SIGN_IN = 'http://localhost:4000'

function giveToken(form: URLSearchParams): Response {
  assert.equal(form.get('client_id'), 'gateway')
  assert.equal(form.get('resource'), 'urn:gatehouse:service:cbsv')
  assert.equal(form.get('scope'), 'cbsv.forward')
  return Response.json({ access_token: SERVICE_TOKEN, expires_in: 300 })
}

/** The gateway on a free port, with keys and a service token of the test's own. */
export async function startGateway({
  upstream = 'http://127.0.0.1:9',
  environment,
  tokenEndpoint = giveToken,
  keys,
  stream,
}: Options = {}) {
  const own = stream ? undefined : await startScriptedStream()
  const revocations = stream ?? (own as { origin: string })
  const subject = await buildForTest(
    {
      ...service,
      build: (app, ground) => service.build(app, { ...ground, signInKeys: keys ?? ground.signInKeys }),
    },
    {
      fetch: async (uri, init) => {
        const url = String(uri)
        if (url.startsWith(`${SIGN_IN}/revocations`))
          return fetch(revocations.origin + url.slice(SIGN_IN.length), init)
        assert.equal(url, `${SIGN_IN}/token`)
        const form = init?.body as URLSearchParams
        if (form.get('resource') === 'urn:gatehouse:service:sign-in') {
          assert.equal(form.get('scope'), 'revocations.read')
          return Response.json({ access_token: 'token-for-sign-in', expires_in: 300 })
        }
        return tokenEndpoint(form)
      },
      environment: { CBSV_URL: upstream, ...environment },
    },
  )
  const origin = await subject.app.listen({ port: 0, host: '127.0.0.1' })
  await caughtUp(origin)
  return {
    ...subject,
    origin,
    port: Number(new URL(origin).port),
    /** An access token that CBSV takes; `undefined` leaves a claim out. */
    token: (claims: Record<string, unknown> = {}) =>
      subject.sign({
        iss: SIGN_IN,
        sub: 'pairwise-subject',
        aud: 'urn:gatehouse:cbsv',
        client_id: 'bso',
        iat: epochSeconds(),
        exp: epochSeconds() + 300,
        jti: randomUUID(),
        scope: 'openid cbsv.verify',
        sid: 'session-1',
        acr: 'urn:acr:2',
        idp: 'login.gov',
        bso_user_id: 'ABCD1234',
        ein: '123456789',
        ...claims,
      }),
    async close() {
      await subject.app.close()
      own?.close()
    },
  }
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>

/** Waits until the gateway knows of all revocations, whatever else it may lack. */
async function caughtUp(origin: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    const response = await fetch(`${origin}/health/ready`)
    const { failing = [] } = (await response.json()) as { failing?: string[] }
    if (!failing.includes('revocations')) return
  }
  throw new Error('the gateway never caught up with the revocations')
}

/** Sends these bytes and reads until the connection closes, or nothing more comes for `quiet` milliseconds. */
export async function sendRaw(port: number, bytes: string | Buffer, quiet = 3_000) {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(quiet)
  let isClosed = true
  socket.on('timeout', () => {
    isClosed = false
    socket.destroy()
  })
  // A reset after the answer is an end as well.
  socket.on('error', () => {})
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(bytes)
  await once(socket, 'close')
  const text = Buffer.concat(chunks).toString('latin1')
  const [head = '', ...rest] = text.split('\r\n\r\n')
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
    head,
    body: rest.join('\r\n\r\n'),
    isClosed,
  }
}

/** Waits for something that is about to happen; fails after five seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
