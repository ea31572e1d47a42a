import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import fc from 'fast-check'
import { clientHeaders, upstreamHeaders } from '../src/forwarding/headers.ts'

const claims: AccessTokenClaims = {
  iss: 'http://sign-in.test',
  sub: 'pairwise',
  aud: 'urn:gatehouse:cbsv',
  client_id: 'bso',
  iat: 1,
  exp: 2,
  jti: 'one',
  scope: 'openid cbsv.verify',
  sid: 'session-1',
  acr: 'urn:acr:2',
  idp: 'login.gov',
  bso_user_id: 'ABCD1234',
  ein: '123456789',
}
const forwarding = { claims, requestId: 'request-1', serviceToken: 'own' }

/** As a back end would read them that folds names. */
function read(flat: string[]): Map<string, string[]> {
  const map = new Map<string, string[]>()
  for (let index = 0; index < flat.length; index += 2) {
    const name = (flat[index] as string).toLowerCase().replaceAll(/[_.]/g, '-')
    map.set(name, [...(map.get(name) ?? []), flat[index + 1] as string])
  }
  return map
}

const forwarded = (...received: string[]) => read(upstreamHeaders(received, forwarding))

const OURS = {
  'gatehouse-subject': 'pairwise',
  'gatehouse-client-id': 'bso',
  'gatehouse-scope': 'openid cbsv.verify',
  'gatehouse-sid': 'session-1',
  'gatehouse-acr': 'urn:acr:2',
  'gatehouse-idp': 'login.gov',
  'gatehouse-bso-user-id': 'ABCD1234',
  'gatehouse-ein': '123456789',
  'x-request-id': 'request-1',
  authorization: 'Bearer own',
}

describe('the upstream', () => {
  test('learns who asks from headers that the gateway sets (ASVS 4.1.3)', () => {
    const headers = forwarded('Content-Type', 'application/json', 'Accept', '*/*', 'Content-Length', '2')
    for (const [name, value] of Object.entries(OURS)) assert.deepEqual(headers.get(name), [value])
    assert.deepEqual(headers.get('content-type'), ['application/json'])
    assert.deepEqual(headers.get('accept'), ['*/*'])
    assert.deepEqual(headers.get('content-length'), ['2'])
  })

  test('learns nothing about claims that a token does not have', () => {
    const { ein: _, ...without } = claims
    const headers = read(upstreamHeaders(['Gatehouse-Ein', '999999999'], { ...forwarding, claims: without }))
    assert.equal(headers.get('gatehouse-ein'), undefined)
  })

  for (const name of [
    'gatehouse-subject',
    'Gatehouse-Subject',
    'GATEHOUSE-EIN',
    'gatehouse_subject',
    'Gatehouse.Subject',
    'gatehouse_bso.user-id',
    'GATEHOUSE_EIN',
    'gatehouse-anything-new',
    'gatehouse_',
    'gatehouse!subject',
    'Gatehouse~EIN',
  ]) {
    test(`never sees a client's own ${name} (ASVS 4.1.3)`, () => {
      const headers = forwarded(name, 'forged', 'Accept', '*/*')
      assert.ok(![...headers.values()].flat().includes('forged'))
      assert.deepEqual(headers.get('gatehouse-subject'), ['pairwise'])
    })
  }

  for (const name of [
    'X-Forwarded-For',
    'x_forwarded_for',
    'X.Forwarded.Host',
    'X|Forwarded^For',
    'X-Forwarded-Proto',
    'X-Forwarded-Whatever',
    'Forwarded',
    'X-Real-IP',
    'X_Real_IP',
    'Via',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'X-Request-Id',
    'X_Request_Id',
    'Authorization',
    'authorization_',
    'Cookie',
    'Host',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Transfer_Encoding',
    'Content_Length',
    'Content.Type',
    'Upgrade',
    'Keep-Alive',
    'Proxy-Connection',
    'Expect',
  ]) {
    test(`never sees a client's ${name}`, () => {
      const kept = upstreamHeaders([name, 'forged'], forwarding)
      if (name === 'authorization_')
        assert.ok(kept.includes('forged'), 'another header, though it looks alike')
      else assert.ok(!kept.includes('forged'))
    })
  }

  test('gets our headers even when the client names them in Connection (GHSA-62c8-mh53-4cqv)', () => {
    const headers = forwarded(
      'Connection',
      'close, gatehouse-ein , Gatehouse_Subject,authorization, X-Request-Id',
      'connection',
      'gatehouse-sid',
    )
    for (const [name, value] of Object.entries(OURS)) assert.deepEqual(headers.get(name), [value])
    assert.equal(headers.get('connection'), undefined)
  })

  test('does not get what the client names in Connection, in any spelling (RFC 9110 §7.6.1)', () => {
    const headers = forwarded('X-Hop', '1', 'x_hop', '2', 'X-Stay', '3', 'Connection', 'keep-alive,\tX-HOP')
    assert.equal(headers.get('x-hop'), undefined)
    assert.deepEqual(headers.get('x-stay'), ['3'])
  })

  for (const name of [
    'gatehouse subject',
    'gatehouse\u00adein',
    'x:y',
    '',
    'x\ny',
    'name\0',
    'näme',
    'a(b)',
  ]) {
    test(`is not asked at all when a name is ${JSON.stringify(name)}`, () => {
      assert.throws(() => upstreamHeaders([name, 'v'], forwarding), { code: 'ambiguous_request' })
    })
  }

  for (const value of ['two\r\nlines', 'trailing ', ' leading', 'non-ascii-é', '', 'nul\0']) {
    test(`is not asked at all when a claim is ${JSON.stringify(value)}, which no header can carry`, () => {
      const odd = { ...claims, sub: value }
      assert.throws(() => upstreamHeaders([], { ...forwarding, claims: odd }), { code: 'invalid_token' })
    })
  }

  test('reads the same identity whatever headers a client makes up (ASVS 4.1.3)', () => {
    const odd = fc.constantFrom('-', '_', '.')
    const spelled = fc
      .tuple(fc.constantFrom(...Object.keys(OURS)), fc.array(odd, { minLength: 6, maxLength: 6 }), fc.nat(2))
      .map(([name, separators, letters]) => {
        let at = 0
        const changed = name.replaceAll('-', () => separators[at++ % separators.length] as string)
        return letters === 0
          ? changed
          : letters === 1
            ? changed.toUpperCase()
            : `${changed[0]?.toUpperCase()}${changed.slice(1)}`
      })
    const header = fc.oneof(
      fc.tuple(spelled, fc.constant('forged')),
      fc.tuple(
        fc.constantFrom('Connection', 'connection'),
        fc.array(spelled).map((names) => names.join(', ')),
      ),
      fc.tuple(fc.stringMatching(/^[a-z][a-z0-9_.-]{0,15}$/), fc.constant('harmless')),
    )
    fc.assert(
      fc.property(fc.array(header, { maxLength: 12 }), (headers) => {
        const seen = forwarded(...headers.flat())
        for (const [name, value] of Object.entries(OURS)) assert.deepEqual(seen.get(name), [value])
      }),
      { numRuns: 500 },
    )
  })
})

test('the client does not get headers that end at the connection between gateway and upstream', () => {
  const flat = clientHeaders({
    connection: 'keep-alive, x-internal',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    'x-internal': '1',
    'gatehouse-subject': 'pairwise',
    'content-type': 'text/plain',
    'set-cookie': ['a=1', 'b=2'],
    'x-absent': undefined,
  })
  assert.deepEqual(flat, ['content-type', 'text/plain', 'set-cookie', 'a=1', 'set-cookie', 'b=2'])
})
