import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { onEveryEngine } from '@gatehouse/storage/testing'
import fc from 'fast-check'
import { newTotpSecret, qrCode, totpStep, totpUri } from '../src/authenticators/totp.ts'
import { openStores } from './support/stores.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4226 §5.3, written out so that the library is not its own judge. */
function codeAt(secret: string, step: number): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', key).update(counter).digest()
  const value = hash.readUInt32BE(hash.at(-1)! & 0x0f) & 0x7fffffff
  return String(value % 1_000_000).padStart(6, '0')
}

const stepNow = () => Math.floor(now() / 30_000)

/** Away from the end of a step, or a test that runs into the next one fails. */
function atStartOfStep(): number {
  advanceClock(30_000 - (now() % 30_000))
  return stepNow()
}

describe('codes of an authenticator app (NIST SP 800-63B-4 §3.1.4)', () => {
  test('are as RFC 6238 appendix B has them', () => {
    // The secret of the RFC; of its eight digits an app shows the last six.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
    for (const [second, code] of [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [2_000_000_000, '279037'],
    ] as const) {
      assert.equal(codeAt(secret, Math.floor(second / 30)), code)
    }
    const step = atStartOfStep()
    assert.equal(totpStep(secret, codeAt(secret, step)), step)
  })

  test('are taken one step early and one late, no further (RFC 6238 §5.2)', () => {
    const secret = newTotpSecret()
    const step = atStartOfStep()
    const codes = [-2, -1, 0, 1, 2].map((drift) => totpStep(secret, codeAt(secret, step + drift)))
    assert.deepEqual(codes, [undefined, step - 1, step, step + 1, undefined])
    advanceClock(28_000)
    const late = [-2, -1, 0, 1, 2].map((drift) => totpStep(secret, codeAt(secret, step + drift)))
    assert.deepEqual(late, [undefined, step - 1, step, step + 1, undefined])
  })

  test('go by the clock of the suite', () => {
    const secret = newTotpSecret()
    const code = codeAt(secret, atStartOfStep())
    assert.ok(totpStep(secret, code))
    advanceClock(60_000)
    assert.equal(totpStep(secret, code), undefined)
  })

  test('are read as people enter them', () => {
    const secret = newTotpSecret()
    const step = atStartOfStep()
    const code = codeAt(secret, step)
    const entered = [` ${code} `, `#${code}`, ` #${code}`, `${code.slice(0, 3)} ${code.slice(3)}`]
    for (const text of entered) assert.equal(totpStep(secret, text), step)
    const wrong = ['', '#', `${code}0`, code.slice(1), `0${code}`, `${code.slice(0, 5)}x`, `-${code}`]
    for (const text of wrong) assert.equal(totpStep(secret, text), undefined)
    // Digits of another script look like it, and are not it.
    assert.equal(totpStep(secret, '١٢٣٤٥٦'), undefined)
  })

  test('never make an error, whatever is entered', () => {
    const secret = newTotpSecret()
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9]{0,8}$/)), (text) => {
        const step = totpStep(secret, text)
        assert.ok(step === undefined || Math.abs(step - stepNow()) <= 1)
      }),
      { numRuns: 200 },
    )
  })
})

onEveryEngine((engine) => {
  test('a code is used once, and after it none before it (NIST SP 800-63B-4 §3.1.4.2)', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { authenticators } = stores
    const secret = newTotpSecret()
    const accountId = await stores.newAccount()
    const app = await authenticators.add({
      accountId,
      kind: 'authenticator_app',
      name: 'App',
      details: { secret },
    })
    const step = atStartOfStep()
    const used = totpStep(secret, codeAt(secret, step))
    assert.equal(await authenticators.use(app!.id, used), true)
    assert.equal(await authenticators.use(app!.id, used), false)
    assert.equal(await authenticators.use(app!.id, totpStep(secret, codeAt(secret, step - 1))), false)
    assert.equal(await authenticators.use(app!.id, totpStep(secret, codeAt(secret, step + 1))), true)
  })
})

test('a secret has 160 bits, and no two are alike (RFC 4226 §4)', () => {
  const secrets = new Set(Array.from({ length: 50 }, newTotpSecret))
  assert.equal(secrets.size, 50)
  for (const secret of secrets) assert.match(secret, /^[A-Z2-7]{32}$/)
})

test('the address for apps carries issuer, account and secret, whatever is in their names', () => {
  const secret = newTotpSecret()
  const uri = new URL(totpUri({ issuer: 'Login.gov & more', account: 'maria+a/b@example.com', secret }))
  assert.equal(uri.protocol, 'otpauth:')
  assert.equal(uri.host, 'totp')
  assert.equal(decodeURIComponent(uri.pathname), '/Login.gov & more:maria+a/b@example.com')
  assert.equal(uri.searchParams.get('secret'), secret)
  assert.equal(uri.searchParams.get('issuer'), 'Login.gov & more')
})

test('the QR code is one SVG element without scripts, styles or the text itself', () => {
  const svg = qrCode(totpUri({ issuer: '<script>', account: '"&', secret: newTotpSecret() }))
  assert.match(svg, /^<svg [^<]*>.*<\/svg>$/s)
  assert.ok(!/script|style|otpauth/i.test(svg))
})
