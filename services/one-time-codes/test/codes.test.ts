import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { createCodes, isCode } from '../src/challenges/codes.ts'

const codeOf = createCodes(deriveSecrets(Buffer.alloc(32, 1)))

test('leading zeros are part of a code (NIST SP 800-63B-4 §3.1.3.2: six decimal digits or more)', () => {
  const codes = Array.from({ length: 200 }, (_, counter) => codeOf('challenge', counter, 6))
  for (const code of codes) assert.match(code, /^\d{6}$/)
  const zero = codes.find((code) => code.startsWith('0'))!
  assert.ok(isCode(zero, zero))
  assert.ok(!isCode(zero, String(Number(zero))))
})

test('a code depends on the challenge, on the number of its send, and on the secret of the service (ASVS 6.5.3)', () => {
  const elsewhere = createCodes(deriveSecrets(Buffer.alloc(32, 2)))
  const codes = [codeOf('a', 1, 8), codeOf('b', 1, 8), codeOf('a', 2, 8), elsewhere('a', 1, 8)]
  assert.equal(new Set(codes).size, 4)
  assert.equal(codeOf('a', 1, 8), codes[0])
})

test('codes spread over all digits evenly', () => {
  const counts = Array.from({ length: 10 }, () => 0)
  for (let n = 0; n < 2_000; n += 1)
    for (const digit of codeOf(`challenge ${n}`, 1, 8)) counts[Number(digit)]! += 1
  // 1,600 of each expected; the standard deviation is 38, so 6 of them never happen by chance.
  for (const count of counts) assert.ok(Math.abs(count - 1_600) < 228)
})

test('only blanks around and one # before a code are overlooked', () => {
  for (const typed of ['123456', ' 123456', '123456\n', '#123456', ' # 123456 '])
    assert.ok(isCode('123456', typed))
  for (const typed of ['', '#', '12345', '1234567', '123 456', '##123456', '１２３４５６', '1e5']) {
    assert.ok(!isCode('123456', typed))
  }
})
