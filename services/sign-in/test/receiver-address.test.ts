import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { isPublicAddress, isReceiverAddress } from '../src/shared-signals/receiver-address.ts'
import { createReceiverConnections } from '../src/shared-signals/receiver-connection.ts'

test('in the live profile only https addresses in the internet are sent to (ASVS 13.2.4, against SSRF)', () => {
  const addresses = {
    'https://receiver.example/events': [true, true],
    'http://receiver.example/events': [false, false],
    'http://localhost:9000/events': [true, false],
    'https://localhost/events': [true, false],
    'http://127.0.0.1:9000/': [true, false],
    'https://[::1]/': [true, false],
    'https://app.localhost/': [true, false],
    'https://localhost./': [true, false],
    'https://127.0.0.2/': [true, false],
    'https://2130706433/': [true, false],
    'https://0.0.0.0/': [true, false],
    'https://[::]/': [true, false],
    'https://[::ffff:127.0.0.1]/': [true, false],
    'https://169.254.169.254/latest': [true, false],
    'https://[fe80::1]/': [true, false],
    'https://10.0.0.7/': [false, false],
    'https://192.168.1.1/': [false, false],
    'https://[fd00::7]/': [false, false],
    'http://10.0.0.7/': [false, false],
    'https://8.8.8.8/': [true, true],
    'https://[2606:4700::1111]/': [true, true],
    'https://user:password@receiver.example/': [false, false],
    'https://receiver.example/#fragment': [false, false],
    'ftp://receiver.example/': [false, false],
    'receiver.example': [false, false],
  }
  for (const [address, [test_, live]] of Object.entries(addresses)) {
    assert.equal(isReceiverAddress(address, 'test'), test_, address)
    assert.equal(isReceiverAddress(address, 'live'), live, address)
  }
})

test('addresses with a use of their own are none in the internet (RFC 6890), in whatever form', () => {
  const special = `0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.2.1 192.168.0.1
    198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 ::ffff:10.0.0.1 ::ffff:7f00:1 64:ff9b::a00:1 64:ff9b:1::1
    2002:a00:1:: 2001:db8::1 2001::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 100::1 receiver.example`
  for (const address of special.split(/\s+/)) assert.equal(isPublicAddress(address), false, address)
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    assert.equal(isPublicAddress(address), true, address)
})

/** Something that listens here for nobody outside; it only counts who comes. */
const inside = createServer((socket) => {
  connections += 1
  socket.destroy()
})
let connections = 0
await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
after(() => inside.close())
const { port } = inside.address() as { port: number }

const leadingTo =
  (...addresses: LookupAddress[]): Parameters<typeof createReceiverConnections>[0] =>
  (_hostname, _options, callback) =>
    callback(null, addresses)
const HERE: LookupAddress = { address: '127.0.0.1', family: 4 }
const MAPPED: LookupAddress = { address: '::ffff:127.0.0.1', family: 6 }

async function reaches(receiver: ReturnType<typeof createReceiverConnections>, url: string) {
  const before = connections
  // What listens there speaks no TLS, so that nothing comes of it in any case.
  await assert.rejects(receiver.fetch(url, { signal: AbortSignal.timeout(5_000) }))
  await receiver.close()
  return connections > before
}

test('a name that leads inside by the time of the connection is not connected to (DNS rebinding)', async () => {
  const url = `https://receiver.example:${port}/events`
  for (const address of [HERE, MAPPED])
    assert.equal(await reaches(createReceiverConnections(leadingTo(address)), url), false)
  assert.equal(
    await reaches(
      createReceiverConnections(leadingTo(HERE), () => true),
      url,
    ),
    true,
  )
})

test('an address in numbers, for which no name is looked up, is not connected to either', async () => {
  for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', 'localhost'])
    assert.equal(await reaches(createReceiverConnections(), `https://${host}:${port}/events`), false)
})
