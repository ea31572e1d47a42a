import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { sendRaw, startGateway, startUpstream } from './gateway-under-test.ts'

// Over raw sockets, with a token that is valid in every case: only the form of the request is wrong.

const upstream = await startUpstream()
const gateway = await startGateway({ upstream: upstream.origin })
const authorization = `Authorization: Bearer ${await gateway.token()}`
after(async () => {
  await gateway.close()
  upstream.close()
})

const HOST = 'Host: gateway.test'
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`
const get = (target: string, ...headers: string[]) =>
  lines(`GET ${target} HTTP/1.1`, HOST, authorization, ...headers)
const post = (headers: string[], body = '') =>
  lines('POST /cbsv/x HTTP/1.1', HOST, authorization, 'Content-Type: application/json', ...headers) + body
const SMUGGLED = 'GET /cbsv/smuggled HTTP/1.1\r\nHost: gateway.test\r\n\r\n'

const cases: [title: string, bytes: string | Buffer, status?: number][] = [
  // Framing: ASVS 4.2.1, RFC 9112 §6.3, §11.2.
  ['two equal lengths', post(['Content-Length: 2', 'Content-Length: 2'], '{}')],
  ['two different lengths', post(['Content-Length: 2', 'Content-Length: 50'], '{}')],
  ['a list of lengths', post(['Content-Length: 2, 2'], '{}')],
  ['length and chunked', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`)],
  ['chunked and length', post(['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${SMUGGLED}`)],
  ['chunked twice', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n')],
  ['chunked and identity', post(['Transfer-Encoding: chunked, identity'], '0\r\n\r\n')],
  ['identity', post(['Transfer-Encoding: identity'], '{}')],
  ['gzip, chunked', post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n')],
  ['xchunked', post(['Transfer-Encoding: xchunked'], '0\r\n\r\n')],
  ['chunked with a vertical tab', post(['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n')],
  ['chunked in quotes', post(['Transfer-Encoding: "chunked"'], '0\r\n\r\n')],
  ['an empty transfer encoding', post(['Transfer-Encoding:'], '0\r\n\r\n')],
  ['a negative length', post(['Content-Length: -1'], '{}')],
  ['a length with a sign', post(['Content-Length: +2'], '{}')],
  ['a hexadecimal length', post(['Content-Length: 0x2'], '{}')],
  ['an empty length', post(['Content-Length:'], '{}')],
  ['a length past all numbers', post(['Content-Length: 99999999999999999999'], '{}')],
  ['a length with a space inside', post(['Content-Length: 1 0'], '{}')],
  ['a body on GET', `${get('/cbsv/x', 'Content-Length: 2')}{}`],
  ['a chunked body on GET', `${get('/cbsv/x', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
  [
    'chunked in HTTP/1.0',
    `${lines('POST /cbsv/x HTTP/1.0', HOST, authorization, 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ],
  ['a chunk size that is no number', post(['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n')],
  ['a chunk size with 0x', post(['Transfer-Encoding: chunked'], '0x2\r\n{}\r\n0\r\n\r\n')],
  ['a chunk size past all numbers', post(['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\n{}')],
  ['a chunk longer than it says', post(['Transfer-Encoding: chunked'], '1\r\n{}\r\n0\r\n\r\n')],
  ['chunks ended by bare LF', post(['Transfer-Encoding: chunked'], '2\n{}\n0\n\n')],
  ['a negative chunk size', post(['Transfer-Encoding: chunked'], '-2\r\n{}\r\n0\r\n\r\n')],
  // Header lines: RFC 9112 §2.2, §5.
  ['bare LF after the request line', get('/cbsv/x').replace('\r\n', '\n')],
  ['bare LF between headers', lines('GET /cbsv/x HTTP/1.1', `${HOST}\nX-A: 1`, authorization)],
  ['bare LF everywhere', get('/cbsv/x').replaceAll('\r\n', '\n')],
  ['bare CR in a value', get('/cbsv/x', 'X-A: 1\rX-B: 2')],
  ['a space before the colon', post(['Content-Length : 2'], '{}')],
  ['a tab before the colon', post(['Transfer-Encoding\t: chunked'], '0\r\n\r\n')],
  ['a folded line', get('/cbsv/x', 'X-A: 1', ' folded')],
  ['a folded transfer encoding', post(['Transfer-Encoding:', ' chunked'], '0\r\n\r\n')],
  ['a header line that begins with a space', lines('GET /cbsv/x HTTP/1.1', ' X-A: 1', HOST, authorization)],
  ['a header without a colon', get('/cbsv/x', 'X-A')],
  ['a header without a name', get('/cbsv/x', ': value')],
  ['NUL in a name', get('/cbsv/x', 'X\0A: 1')],
  ['NUL in a value', get('/cbsv/x', 'X-A: a\0b')],
  ['parentheses in a name', get('/cbsv/x', 'X(A): 1')],
  ['a name with bytes outside ASCII', Buffer.from(get('/cbsv/x', 'X-\xc4: 1'), 'latin1')],
  ['headers of 20 KiB', get('/cbsv/x', `X-A: ${'a'.repeat(20 * 1024)}`), 431],
  // Whom the request is for: RFC 9112 §3.2.
  ['no Host', lines('GET /cbsv/x HTTP/1.1', authorization)],
  ['two Hosts', get('/cbsv/x', 'Host: other.test')],
  ['absolute form', get('http://gateway.test/cbsv/x')],
  ['absolute form of another host', get('http://other.test/cbsv/x')],
  ['absolute form of https', get('https://gateway.test/cbsv/x')],
  ['authority form', get('gateway.test:80')],
  ['an asterisk', get('*')],
  ['a target without a slash', get('cbsv/x')],
  ['CONNECT', lines('CONNECT cbsv:4009 HTTP/1.1', HOST, authorization), 0],
  ['an unknown method', lines('FETCH /cbsv/x HTTP/1.1', HOST, authorization)],
  ['a method in lower case', lines('get /cbsv/x HTTP/1.1', HOST, authorization)],
  ['a tab in the request line', get('/cbsv/x').replace('GET /', 'GET\t/')],
  ['HTTP/0.9', `GET /cbsv/x\r\n${HOST}\r\n\r\n`],
  ['HTTP/2.0 as text', lines('GET /cbsv/x HTTP/2.0', HOST, authorization)],
  ['HTTP/1.2', lines('GET /cbsv/x HTTP/1.2', HOST, authorization)],
  ['another protocol', lines('GET /cbsv/x ICE/1.0', HOST, authorization)],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00'],
  // Paths: ASVS 4.2.2 and the advisories of fact sheet gateway-security §1.4.
  ['//', get('//cbsv/x')],
  ['// inside', get('/cbsv//x')],
  ['..', get('/cbsv/../health/ready')],
  ['.', get('/cbsv/./x')],
  ['.. at the end', get('/cbsv/..')],
  ['%2e%2e', get('/cbsv/%2e%2e/health/ready')],
  ['.%2E', get('/cbsv/.%2E/health/ready')],
  ['%2f', get('/cbsv%2fx')],
  ['%2F%2F', get('/cbsv/%2F%2Fother.test')],
  ['%5c', get('/cbsv/..%5chealth')],
  ['a backslash', get('/cbsv/..\\health')],
  ['%00', get('/cbsv/x%00.json')],
  ['%0d%0a', get('/cbsv/x%0d%0aX-A:1')],
  ['%252e', get('/cbsv/%252e%252e/health')],
  [';', get('/cbsv/..;/health')],
  ['a path parameter', get('/cbsv;a=b/x')],
  ['#', get('/cbsv/x#/../y')],
  ['an escaped prefix', get('/%63bsv/x')],
  ['bytes outside ASCII in the path', Buffer.from(get('/cbsv/\xe9'), 'latin1')],
]

describe('a request is refused with 400, its connection closed, and the upstream never hears of it: ', () => {
  for (const [title, bytes, status = 400] of cases) {
    test(title, async () => {
      const before = upstream.seen.length
      const answer = await sendRaw(gateway.port, bytes)
      assert.equal(answer.isClosed, true, 'the connection is closed')
      if (status === 0) assert.equal(answer.head, '')
      else assert.equal(answer.status, status, answer.head)
      const forwarded = upstream.seen.slice(before).map(({ url }) => url)
      assert.deepEqual(forwarded, [])
      assert.equal(answer.head.match(/HTTP\/1\.1/g)?.length ?? 0, status === 0 ? 0 : 1, 'one answer')
      assert.ok(!answer.body.includes('HTTP/1.1'), 'nothing was smuggled')
    })
  }
})

test('a refusal of the parser is a problem document too', async () => {
  const { head, body } = await sendRaw(gateway.port, get('/cbsv/x', 'X-A: 1\rX-B: 2'))
  assert.match(head, /content-type: application\/problem\+json/i)
  assert.match(head, /connection: close/i)
  assert.equal(JSON.parse(body).code, 'unreadable_request')
})

test('an escape that decodes to nothing is refused by the router (RFC 3986 §2.1)', async () => {
  const before = upstream.seen.length
  for (const path of ['/cbsv/%c0%ae%c0%ae/health', '/cbsv/%zz', '/cbsv/%']) {
    assert.equal((await sendRaw(gateway.port, get(path, 'Connection: close'))).status, 400)
  }
  assert.equal(upstream.seen.length, before)
})

test('two Authorization headers are refused, also when both are the same (RFC 6750 §3.1)', async () => {
  const { status, body } = await sendRaw(gateway.port, get('/cbsv/x', authorization, 'Connection: close'))
  assert.equal(status, 400)
  assert.equal(JSON.parse(body).code, 'invalid_request')
})

test('the same request in good order is served, so that the cases above show something', async () => {
  assert.equal((await sendRaw(gateway.port, get('/cbsv/x', 'Connection: close'))).status, 200)
  assert.equal(
    (await sendRaw(gateway.port, post(['Content-Length: 2', 'Connection: close'], '{}'))).status,
    200,
  )
  const chunked = post(['Transfer-Encoding: chunked', 'Connection: close'], '2\r\n{}\r\n0\r\n\r\n')
  assert.equal((await sendRaw(gateway.port, chunked)).status, 200)
  assert.equal(upstream.seen.at(-1)?.headers['transfer-encoding'], 'chunked')
})
