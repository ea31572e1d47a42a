import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { listenOnEveryAddress } from '@gatehouse/http/listening'
import Fastify from 'fastify'

const BOTH = ['127.0.0.1', '::1']
const hasBoth = BOTH.every((wanted) =>
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === wanted)),
)
const options = { skip: hasBoth ? false : 'this machine has no ::1', timeout: 10_000 }

/** Sends `bytes` and reads to the end of the connection. */
async function send(host: string, port: number, bytes: string): Promise<string> {
  const socket = connect(port, host, () => socket.write(bytes))
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'close')
  return text
}

test(
  'every address of a host has the one server behind it: routes, parser errors and closing',
  options,
  async () => {
    const app = Fastify({ forceCloseConnections: 'idle' })
    const held = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    let endedBeforeClosing = false
    app.get('/', async () => 'served')
    app.get('/slow', async () => {
      arrived.resolve()
      await held.promise
      endedBeforeClosing = true
      return 'slow'
    })
    app.server.removeAllListeners('clientError')
    app.server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Ours\r\n\r\n'))
    let wasEndedAtClose = false
    app.addHook('onClose', async () => {
      wasEndedAtClose = endedBeforeClosing
    })
    await listenOnEveryAddress(app as never, BOTH, 0)
    const { port } = app.server.address() as AddressInfo
    for (const host of BOTH) {
      assert.match(
        await send(host, port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
        /served$/,
      )
      assert.match(await send(host, port, 'GET / HTTP/1.1\nHost: a\n\n'), /^HTTP\/1\.1 400 Ours/)
    }

    const slow = send('::1', port, 'GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await arrived.promise
    const closing = app.close()
    setImmediate(held.resolve)
    assert.match(await slow, /slow$/)
    await closing
    assert.equal(wasEndedAtClose, true, 'what was under way ended before the rest was closed')
    for (const host of BOTH) await assert.rejects(send(host, port, 'GET / HTTP/1.1\r\n\r\n'), /ECONNREFUSED/)
  },
)

test('a port that is taken on one address of several is no port to start on', options, async () => {
  const other = createServer().listen(0, '::1')
  await once(other, 'listening')
  const app = Fastify()
  try {
    await assert.rejects(
      listenOnEveryAddress(app as never, BOTH, (other.address() as AddressInfo).port),
      /EADDRINUSE/,
    )
  } finally {
    await app.close()
    other.close()
  }
})

test('an address that the machine does not have keeps nobody from the others', async () => {
  const app = Fastify()
  app.get('/', async () => 'served')
  // TEST-NET-1 (RFC 5737): no machine has it.
  await listenOnEveryAddress(app as never, ['127.0.0.1', '192.0.2.1'], 0)
  const { port } = app.server.address() as AddressInfo
  const answer = await send('127.0.0.1', port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match(answer, /served$/)
  await app.close()
})
