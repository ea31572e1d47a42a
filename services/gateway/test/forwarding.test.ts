import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, type RequestListener, type RequestOptions, request } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import {
  eventually,
  type Gateway,
  SERVICE_TOKEN,
  sendJson,
  sendRaw,
  startGateway,
  startUpstream,
} from './gateway-under-test.ts'

const MIB = 1024 * 1024

async function setUp(answer?: RequestListener, environment?: Record<string, string>) {
  const upstream = await startUpstream(answer)
  const gateway = await startGateway({ upstream: upstream.origin, ...(environment ? { environment } : {}) })
  const authorization = `Bearer ${await gateway.token()}`
  async function close() {
    upstream.close()
    await gateway.close()
  }
  return { upstream, gateway, authorization, close, [Symbol.asyncDispose]: close }
}

function ask(gateway: Gateway, options: RequestOptions & { authorization: string }) {
  const { authorization, headers, ...rest } = options
  return request({
    host: '127.0.0.1',
    port: gateway.port,
    path: '/cbsv/x',
    ...rest,
    headers: { authorization, ...(headers as Record<string, string>) },
    agent: false,
  })
}

async function answered(outgoing: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [response] = await once(outgoing, 'response')
  return response as IncomingMessage
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const problemOf = async (response: IncomingMessage) =>
  JSON.parse(await textOf(response)) as { code: string; status: number }

describe('a forwarded request', { timeout: 30_000 }, () => {
  let common: Awaited<ReturnType<typeof setUp>>
  before(async () => {
    common = await setUp()
  })
  after(() => common.close())

  test('arrives with its method, path, query and body as they were sent', async () => {
    await using place = await setUp((incoming, response) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => sendJson(response, { body: Buffer.concat(chunks).toString() }))
    })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const outgoing = ask(place.gateway, {
        ...place,
        method,
        path: '/cbsv/a%20b/?q=%2F&q=2',
        headers: { 'content-type': 'text/x; a=b' },
      })
      const body = `body of ${method}`
      outgoing.setHeader('content-length', body.length)
      outgoing.end(body)
      const response = await answered(outgoing)
      assert.equal(response.statusCode, 200)
      assert.deepEqual(JSON.parse(await textOf(response)), { body: `body of ${method}` })
      const seen = place.upstream.seen.at(-1)
      assert.equal(seen?.method, method)
      assert.equal(seen?.url, '/cbsv/a%20b/?q=%2F&q=2')
      assert.equal(seen?.headers['content-type'], 'text/x; a=b')
    }
  })

  test("carries the identity out of the token and the token of the gateway, never the client's (ASVS 4.1.3)", async () => {
    const raw = [
      'GET /cbsv/x HTTP/1.1',
      'Host: gateway.test',
      `Authorization: ${common.authorization}`,
      'gatehouse_subject: forged',
      'Gatehouse.Subject: forged',
      'GATEHOUSE-EIN: forged',
      'X_Forwarded_For: forged',
      'Cookie: session=forged',
      'Connection: close, gatehouse-ein, authorization, x-drop',
      'X-Drop: forged',
      'X-Keep: kept',
      '',
      '',
    ]
    assert.equal((await sendRaw(common.gateway.port, raw.join('\r\n'))).status, 200)
    const seen = common.upstream.seen.at(-1)
    assert.ok(!JSON.stringify(seen).includes('forged'))
    assert.equal(seen?.headers['gatehouse-subject'], 'pairwise-subject')
    assert.equal(seen?.headers['gatehouse-client-id'], 'bso')
    assert.equal(seen?.headers['gatehouse-ein'], '123456789')
    assert.equal(seen?.headers['gatehouse-bso-user-id'], 'ABCD1234')
    assert.equal(seen?.headers['gatehouse-sid'], 'session-1')
    assert.equal(seen?.headers['gatehouse-acr'], 'urn:acr:2')
    assert.equal(seen?.headers['gatehouse-idp'], 'login.gov')
    assert.equal(seen?.headers['gatehouse-scope'], 'openid cbsv.verify')
    assert.equal(seen?.headers.authorization, `Bearer ${SERVICE_TOKEN}`)
    assert.match(String(seen?.headers['x-request-id']), /^[\w-]{16,64}$/)
    assert.equal(seen?.headers['x-keep'], 'kept')
    assert.equal(seen?.headers.host, new URL(common.upstream.origin).host)
    const names =
      seen?.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()) ?? []
    assert.equal(names.filter((name) => name === 'authorization').length, 1)
  })

  test('streams: the upstream has the first chunk before the client sends the last', async () => {
    const first = Promise.withResolvers<string>()
    await using place = await setUp((incoming, response) => {
      const hash = createHash('sha256')
      incoming.once('data', (chunk: Buffer) => first.resolve(chunk.toString()))
      incoming.on('data', (chunk: Buffer) => hash.update(chunk))
      incoming.on('end', () => sendJson(response, { digest: hash.digest('hex') }))
    })
    const outgoing = ask(place.gateway, { ...place, method: 'POST' })
    outgoing.write('first')
    assert.equal(await first.promise, 'first')
    assert.equal(place.upstream.seen[0]?.headers['transfer-encoding'], 'chunked')
    const rest = Buffer.alloc(900_000, 'r')
    outgoing.end(rest)
    const { digest } = JSON.parse(await textOf(await answered(outgoing))) as { digest: string }
    assert.equal(digest, createHash('sha256').update('first').update(rest).digest('hex'))
  })

  test('is not sent twice when the upstream ends the connection (no retry)', async () => {
    await using place = await setUp((incoming) => incoming.socket.destroy())
    for (const method of ['POST', 'GET']) {
      const before = place.upstream.seen.length
      const outgoing = ask(place.gateway, { ...place, method })
      outgoing.end(method === 'POST' ? '{}' : undefined)
      const response = await answered(outgoing)
      assert.equal(response.statusCode, 502)
      assert.equal((await problemOf(response)).code, 'upstream_failed')
      assert.equal(place.upstream.seen.length - before, 1)
    }
  })

  test('ends at the upstream when the client goes away, before and during the answer', async () => {
    const waiting: IncomingMessage[] = []
    let closed = 0
    await using place = await setUp((incoming, response) => {
      waiting.push(incoming)
      response.on('close', () => closed++)
      if (incoming.url === '/cbsv/begun') response.writeHead(200).write('begun')
    })
    const silent = ask(place.gateway, { ...place, method: 'GET' })
    silent.on('error', () => {})
    silent.end()
    await eventually(() => waiting.length === 1, 'the upstream gets the request')
    silent.destroy()
    await eventually(() => closed === 1, 'the upstream is let go')
    const begun = ask(place.gateway, { ...place, path: '/cbsv/begun' })
    begun.on('error', () => {})
    begun.end()
    const response = await answered(begun)
    response.on('error', () => {})
    await once(response, 'data')
    begun.destroy()
    await eventually(() => closed === 2, 'the upstream is let go in the middle of its answer')
  })

  test('ends at the upstream when the client goes away in the middle of its body', async () => {
    let aborted = 0
    await using place = await setUp((incoming) => {
      incoming.resume().on('error', () => aborted++)
    })
    const outgoing = ask(place.gateway, { ...place, method: 'POST' })
    outgoing.on('error', () => {})
    outgoing.write('half')
    await eventually(() => place.upstream.seen.length === 1, 'the upstream gets the request')
    outgoing.destroy()
    await eventually(() => aborted === 1, 'the upstream sees the request end')
  })

  test('whose body becomes unreadable half way never looks whole to the upstream (ASVS 4.2.1)', async () => {
    let ended = 0
    let failed = 0
    await using place = await setUp((incoming, response) => {
      incoming.resume()
      incoming.on('end', () => {
        ended++
        response.end()
      })
      incoming.on('error', () => failed++)
    })
    const head = `POST /cbsv/x HTTP/1.1\r\nHost: g\r\nAuthorization: ${place.authorization}\r\nTransfer-Encoding: chunked\r\n\r\n`
    const socket = connect(place.gateway.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.write(`${head}2\r\n{}\r\n`)
    await eventually(() => place.upstream.seen.length === 1, 'the upstream gets the request')
    socket.write('no-number\r\n')
    await once(socket, 'close')
    assert.match(text, /^HTTP\/1\.1 400 /)
    await eventually(() => failed === 1, 'the upstream sees the request fail')
    assert.equal(ended, 0)
  })
})

describe('the body of a request', { timeout: 30_000 }, () => {
  test('is refused with 413 unread when it says that it is too long, and the client gets to read the answer', async () => {
    await using place = await setUp()
    const response = await fetch(`${place.gateway.origin}/cbsv/x`, {
      method: 'POST',
      headers: { authorization: place.authorization, 'content-type': 'application/json' },
      body: Buffer.alloc(2 * MIB, 'x'),
    })
    assert.equal(response.status, 413)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    assert.equal(((await response.json()) as { code: string }).code, 'body_too_large')
    assert.equal(place.upstream.seen.length, 0)
  })

  test('is cut at the upstream and refused with 413 when it turns out too long while streaming', async () => {
    let received = 0
    let failed = 0
    await using place = await setUp((incoming) => {
      incoming.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
      incoming.on('error', () => failed++)
    })
    const outgoing = ask(place.gateway, { ...place, method: 'POST' })
    outgoing.on('error', () => {})
    for (let sent = 0; sent < 3 * MIB; sent += 65_536) outgoing.write(Buffer.alloc(65_536, 'x'))
    const response = await answered(outgoing)
    assert.equal(response.statusCode, 413)
    assert.equal((await problemOf(response)).code, 'body_too_large')
    await eventually(() => failed === 1, 'the upstream sees the request end')
    assert.ok(received <= MIB)
  })

  test('may have exactly the largest size, declared or not', async () => {
    await using place = await setUp((incoming, response) => {
      let received = 0
      incoming.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
      incoming.on('end', () => sendJson(response, { received }))
    })
    for (const headers of [{ 'content-length': String(MIB) }, {}] as Record<string, string>[]) {
      const outgoing = ask(place.gateway, { ...place, method: 'POST', headers })
      outgoing.end(Buffer.alloc(MIB, 'x'))
      assert.deepEqual(JSON.parse(await textOf(await answered(outgoing))), { received: MIB })
    }
  })

  test('of a refused request that never ends is cut off soon after the answer', async () => {
    await using place = await setUp()
    const outgoing = ask(place.gateway, { authorization: 'Bearer junk', method: 'POST' })
    const closed = Promise.withResolvers<void>()
    outgoing.on('error', () => {})
    outgoing.on('close', () => closed.resolve())
    const dripping = setInterval(() => outgoing.write('x'), 50)
    try {
      const response = await answered(outgoing)
      response.resume()
      assert.equal(response.statusCode, 401)
      const deadline = AbortSignal.timeout(8_000)
      deadline.addEventListener('abort', () => closed.reject(new Error('still open')))
      await closed.promise
    } finally {
      clearInterval(dripping)
      outgoing.destroy()
    }
  })
})

describe('a connection', { timeout: 30_000 }, () => {
  test('serves on after a refusal that came before the body had (RFC 9112 §9.3)', async () => {
    await using place = await setUp()
    const socket = connect(place.gateway.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write(
      'POST /cbsv/x HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer junk\r\nContent-Length: 4\r\n\r\n{"',
    )
    await eventually(() => text.includes('invalid_token'), 'the refusal')
    socket.write('"}')
    socket.write(
      `GET /cbsv/x HTTP/1.1\r\nHost: g\r\nAuthorization: ${place.authorization}\r\nConnection: close\r\n\r\n`,
    )
    await once(socket, 'close')
    assert.match(text, /HTTP\/1\.1 401 .*HTTP\/1\.1 200 /s)
    assert.equal(place.upstream.seen.length, 1)
  })

  test('is not waited for without bound: behind a full upstream the next request gets 503 at once', async () => {
    const waiting: (() => void)[] = []
    await using place = await setUp((_incoming, response) => waiting.push(() => sendJson(response, {})))
    const asked = Array.from({ length: 1_128 }, () => {
      const outgoing = ask(place.gateway, place)
      outgoing.on('error', () => {})
      outgoing.end()
      return outgoing
    })
    await eventually(() => waiting.length === 128, 'every connection to the upstream is taken')
    let refusal: IncomingMessage | undefined
    for (let tries = 0; tries < 200 && refusal === undefined; tries++) {
      const outgoing = ask(place.gateway, { ...place, signal: AbortSignal.timeout(50) })
      outgoing.end()
      refusal = await answered(outgoing).catch(() => undefined)
    }
    assert.equal(refusal?.statusCode, 503)
    assert.ok(Number(refusal?.headers['retry-after']) > 0)
    for (const outgoing of asked) outgoing.destroy()
  })
})

describe('the answer of the upstream', { timeout: 30_000 }, () => {
  test('comes back with its status and headers, without those of the connection', async () => {
    await using place = await setUp((_incoming, response) => {
      response.writeHead(418, 'Teapot', [
        ['Connection', 'keep-alive, X-Internal'],
        ['X-Internal', '1'],
        ['Gatehouse-Subject', 'leaked'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['X-Other', 'stays'],
      ] as never)
      response.end('short and stout')
    })
    const outgoing = ask(place.gateway, place)
    outgoing.end()
    const response = await answered(outgoing)
    assert.equal(response.statusCode, 418)
    assert.equal(await textOf(response), 'short and stout')
    assert.equal(response.headers['x-other'], 'stays')
    assert.deepEqual(response.headers['set-cookie'], ['a=1', 'b=2'])
    assert.equal(response.headers['x-internal'], undefined)
    assert.equal(response.headers['gatehouse-subject'], undefined)
  })

  test('has no body for HEAD, 204 and 304', async () => {
    await using place = await setUp((incoming, response) => {
      const status = incoming.method === 'HEAD' ? 200 : Number(incoming.url?.split('/').at(-1))
      response.writeHead(status, status === 200 ? { 'content-length': '17' } : {}).end()
    })
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const outgoing = ask(place.gateway, { ...place, method, path: `/cbsv/${status}` })
      outgoing.end()
      const response = await answered(outgoing)
      assert.equal(response.statusCode, status)
      assert.equal(await textOf(response), '')
      if (method === 'HEAD') assert.equal(response.headers['content-length'], '17')
    }
  })

  test('streams: headers and first piece pass before the last is sent', async () => {
    const more = Promise.withResolvers<void>()
    await using place = await setUp(async (_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      await more.promise
      response.write('data: 1\n\n')
      response.end('data: 2\n\n')
    })
    const outgoing = ask(place.gateway, place)
    outgoing.end()
    // The upstream goes on only after the client has the headers.
    const response = await answered(outgoing)
    more.resolve()
    assert.equal(await textOf(response), 'data: 1\n\ndata: 2\n\n')
  })

  test('of 64 MiB passes whole, and the gateway never holds much of it while the client does not read', async () => {
    const size = 64 * MIB
    let written = 0
    await using place = await setUp(async (_incoming, response) => {
      response.writeHead(200, { 'content-length': size })
      const piece = Buffer.alloc(65_536, 'p')
      for (let sent = 0; sent < size; sent += piece.length) {
        written += piece.length
        if (!response.write(piece)) await once(response, 'drain')
      }
      response.end()
    })
    const outgoing = ask(place.gateway, place)
    outgoing.end()
    const response = await answered(outgoing)
    response.pause()
    let before = -1
    // Until everything on the way is full.
    while (written !== before) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    assert.ok(written < size / 2, `${written} bytes were taken although nobody reads`)
    let received = 0
    for await (const chunk of response) received += (chunk as Buffer).length
    assert.equal(received, size)
  })

  test('that breaks off looks broken to the client too', async () => {
    for (const headers of [{ 'content-length': '100' }, {}]) {
      await using place = await setUp((_incoming, response) => {
        response.writeHead(200, headers).write('half')
        setTimeout(() => response.socket?.resetAndDestroy(), 20)
      })
      const outgoing = ask(place.gateway, place)
      outgoing.end()
      const response = await answered(outgoing)
      assert.equal(response.statusCode, 200)
      await assert.rejects(textOf(response))
      assert.equal(response.complete, false)
    }
  })

  test("that challenges the gateway is not passed on as if the client's token had failed", async () => {
    await using place = await setUp((incoming, response) => {
      const status = incoming.url === '/cbsv/401' ? 401 : 403
      response
        .writeHead(status, status === 403 ? { 'www-authenticate': 'Bearer error="insufficient_scope"' } : {})
        .end()
    })
    for (const path of ['/cbsv/401', '/cbsv/403']) {
      const outgoing = ask(place.gateway, { ...place, path })
      outgoing.end()
      const response = await answered(outgoing)
      assert.equal(response.statusCode, 502)
      assert.equal(response.headers['www-authenticate'], undefined)
      assert.equal((await problemOf(response)).code, 'upstream_failed')
    }
  })

  test('401 makes the gateway ask for another token of its own, at most one every ten seconds', async () => {
    let given = 0
    const upstream = await startUpstream((incoming, response) => {
      response.writeHead(incoming.headers.authorization === 'Bearer token-2' ? 200 : 401).end()
    })
    const gateway = await startGateway({
      upstream: upstream.origin,
      tokenEndpoint: () => Response.json({ access_token: `token-${++given}`, expires_in: 300 }),
    })
    const authorization = `Bearer ${await gateway.token()}`
    const status = async () => {
      const outgoing = ask(gateway, { authorization })
      outgoing.end()
      const response = await answered(outgoing)
      response.resume()
      return response.statusCode
    }
    try {
      assert.deepEqual([await status(), await status(), given], [502, 502, 1])
      advanceClock(10_000)
      assert.deepEqual([await status(), await status(), given], [502, 200, 2])
    } finally {
      upstream.close()
      await gateway.close()
    }
  })

  test('that refuses the person is passed on', async () => {
    await using place = await setUp((_incoming, response) =>
      response.writeHead(403).end('{"code":"no_company"}'),
    )
    const outgoing = ask(place.gateway, place)
    outgoing.end()
    const response = await answered(outgoing)
    assert.equal(response.statusCode, 403)
    assert.equal((await problemOf(response)).code, 'no_company')
  })

  test('that comes before the body was sent ends the exchange, and the client reads it', async () => {
    await using place = await setUp((_incoming, response) => {
      response.writeHead(422, { connection: 'close' }).end('enough')
    })
    const outgoing = ask(place.gateway, { ...place, method: 'POST' })
    outgoing.on('error', () => {})
    outgoing.write('first')
    const response = await answered(outgoing)
    assert.equal(response.statusCode, 422)
    outgoing.end('rest')
    assert.equal(await textOf(response), 'enough')
  })
})

describe('an upstream that fails is answered with', { timeout: 30_000 }, () => {
  test('502 when nothing listens', async () => {
    const gateway = await startGateway()
    try {
      const outgoing = ask(gateway, { authorization: `Bearer ${await gateway.token()}`, method: 'POST' })
      outgoing.end('{}')
      const response = await answered(outgoing)
      assert.equal(response.statusCode, 502)
      assert.equal((await problemOf(response)).code, 'upstream_failed')
    } finally {
      await gateway.close()
    }
  })

  test('504 when it does not answer in time', async () => {
    await using place = await setUp((incoming) => void incoming.resume(), { UPSTREAM_HEADERS_MS: '150' })
    const outgoing = ask(place.gateway, { ...place, method: 'POST' })
    outgoing.end('{}')
    const response = await answered(outgoing)
    assert.equal(response.statusCode, 504)
    assert.equal((await problemOf(response)).code, 'upstream_timeout')
  })

  test('a broken connection when it stops in the middle of its answer', async () => {
    await using place = await setUp(
      (_incoming, response) => void response.writeHead(200, { 'content-length': '10' }).write('half'),
      { UPSTREAM_BODY_MS: '150' },
    )
    const outgoing = ask(place.gateway, place)
    outgoing.end()
    await assert.rejects(textOf(await answered(outgoing)))
  })

  test('502 when it does not speak HTTP, or answers in two lengths', async () => {
    for (const bytes of [
      'SSH-2.0-nothing\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-Snowman: \u2603\x01\r\n\r\na',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ]) {
      const sockets: Socket[] = []
      const server = createTcpServer((socket) => {
        sockets.push(socket)
        socket.on('error', () => {})
        socket.once('data', () => socket.write(bytes))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      const gateway = await startGateway({ upstream: `http://127.0.0.1:${port}` })
      try {
        const outgoing = ask(gateway, { authorization: `Bearer ${await gateway.token()}` })
        outgoing.end()
        const response = await answered(outgoing)
        assert.equal(response.statusCode, 502)
        assert.equal((await problemOf(response)).code, 'upstream_failed')
      } finally {
        await gateway.close()
        for (const socket of sockets) socket.destroy()
        server.close()
      }
    }
  })

  test('and the next request is served again', async () => {
    let isDown = true
    await using place = await setUp((incoming, response) => {
      if (isDown) incoming.socket.destroy()
      else sendJson(response, {})
    })
    for (const expected of [502, 200]) {
      const outgoing = ask(place.gateway, place)
      outgoing.end()
      const response = await answered(outgoing)
      response.resume()
      assert.equal(response.statusCode, expected)
      isDown = false
    }
  })
})
