import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { framingFault, targetFault } from '../src/forwarding/request-line.ts'

describe('a request target is forwarded', () => {
  for (const target of [
    '/',
    '/cbsv/verifications',
    '/cbsv/batch/',
    '/cbsv/a.b/..c/d..',
    '/cbsv/.../x',
    '/cbsv/%C3%A9',
    "/cbsv/~a_b-c!$&'()*+,=:@",
    '/cbsv/x?y=1&z=%2F..%2f;a//b',
    '/cbsv/x?',
    '/cbsv/x?next=http://other.test/?a=[1]|{}',
  ]) {
    test(target, () => assert.equal(targetFault(target), undefined))
  }
})

describe('a request target is refused', () => {
  for (const target of [
    '*',
    '',
    'http://cbsv.test/cbsv/x',
    'HTTP://cbsv.test/cbsv/x',
    'cbsv.test:443',
    'cbsv/x',
    '//cbsv/x',
    '//other.test/cbsv/x',
    '/cbsv//x',
    '/cbsv/x//',
    '/cbsv/../admin',
    '/cbsv/..',
    '/cbsv/./x',
    '/cbsv/.',
    '/./cbsv/x',
    '/cbsv/%2e%2e/admin',
    '/cbsv/%2E./admin',
    '/cbsv/a%2fb',
    '/cbsv/a%2Fb',
    '/cbsv/a%5cb',
    '/cbsv/a\\b',
    '/cbsv/..\\admin',
    '/cbsv/a%00b',
    '/cbsv/a%0ab',
    '/cbsv/a%7fb',
    '/cbsv/%252e%252e/admin',
    '/cbsv/a;b=c/x',
    '/cbsv/..;/admin',
    '/cbsv/a%3bb',
    '/cbsv/%zz',
    '/cbsv/%2',
    '/cbsv/%',
    '/cbsv/%c0%ae%c0%ae/admin',
    '/cbsv/%ff',
    '/cbsv/é',
    '/cbsv/a b',
    '/cbsv/x#y',
    '/cbsv/x?y#z',
    '/cbsv/x?y z',
    '/cbsv/x?a\\b',
    '/cbsv/<x>',
    '/cbsv/x?\u007f',
  ]) {
    test(JSON.stringify(target), () => assert.notEqual(targetFault(target), undefined))
  }
})

describe('the framing of a request is refused', () => {
  const host = ['Host', 'gateway.test']
  const cases: [fault: string, method: string, headers: string[]][] = [
    ['two_lengths', 'POST', [...host, 'Content-Length', '1', 'content-length', '1']],
    [
      'length_and_transfer_encoding',
      'POST',
      [...host, 'Content-Length', '1', 'Transfer-Encoding', 'chunked'],
    ],
    [
      'two_transfer_encodings',
      'POST',
      [...host, 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'],
    ],
    ['transfer_encoding', 'POST', [...host, 'Transfer-Encoding', 'gzip, chunked']],
    ['transfer_encoding', 'POST', [...host, 'Transfer-Encoding', 'xchunked']],
    ['transfer_encoding', 'POST', [...host, 'Transfer-Encoding', '']],
    ['length', 'POST', [...host, 'Content-Length', '+1']],
    ['length', 'POST', [...host, 'Content-Length', '1, 1']],
    ['length', 'POST', [...host, 'Content-Length', '0x1']],
    ['length', 'POST', [...host, 'Content-Length', '']],
    ['length', 'POST', [...host, 'Content-Length', '9999999999999999']],
    ['host', 'GET', []],
    ['host', 'GET', [...host, 'host', 'other.test']],
    ['two_content_types', 'POST', [...host, 'Content-Type', 'a/b', 'content-type', 'c/d']],
    ['unexpected_body', 'GET', [...host, 'Content-Length', '1']],
    ['unexpected_body', 'HEAD', [...host, 'Transfer-Encoding', 'chunked']],
  ]
  for (const [fault, method, rawHeaders] of cases) {
    test(`${method} ${rawHeaders.join(' ')}`, () => assert.equal(framingFault({ method, rawHeaders }), fault))
  }

  test('chunked in HTTP/1.0 (RFC 9112 §6.1)', () => {
    const rawHeaders = [...host, 'Transfer-Encoding', 'chunked']
    assert.equal(framingFault({ method: 'POST', rawHeaders, httpVersion: '1.0' }), 'transfer_encoding')
    assert.equal(framingFault({ method: 'POST', rawHeaders, httpVersion: '1.1' }), undefined)
  })

  test('not when it has one reading', () => {
    assert.equal(framingFault({ method: 'GET', rawHeaders: [...host, 'Content-Length', '0'] }), undefined)
    assert.equal(framingFault({ method: 'POST', rawHeaders: [...host, 'Content-Length', '17'] }), undefined)
    assert.equal(
      framingFault({ method: 'POST', rawHeaders: [...host, 'Transfer-Encoding', 'Chunked'] }),
      undefined,
    )
  })
})
