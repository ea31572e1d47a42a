import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import fc from 'fast-check'

const root = Buffer.alloc(32, 7)
const secrets = deriveSecrets(root)

test('what is derived stays the same from start to start, and differs with the root', () => {
  const again = deriveSecrets(Buffer.from(root))
  const other = deriveSecrets(Buffer.alloc(32, 8))
  assert.deepEqual(again.key('a'), secrets.key('a'))
  assert.equal(again.digest('a', 'text'), secrets.digest('a', 'text'))
  assert.equal(again.unseal('a', secrets.seal('a', 'text')), 'text')
  assert.notDeepEqual(other.key('a'), secrets.key('a'))
  assert.notEqual(other.digest('a', 'text'), secrets.digest('a', 'text'))
  assert.throws(() => other.unseal('a', secrets.seal('a', 'text')))
})

test('each purpose has a key of its own, of 32 bytes', () => {
  assert.equal(secrets.key('a').length, 32)
  assert.notDeepEqual(secrets.key('a'), secrets.key('b'))
  assert.notEqual(secrets.digest('a', 'text'), secrets.digest('b', 'text'))
  assert.throws(() => secrets.unseal('b', secrets.seal('a', 'text')))
})

test('no purpose of one use gives the key of another use', () => {
  const uses = ['a', 'key a', 'digest a', 'seal a'].map((purpose) => secrets.key(purpose).toString('hex'))
  assert.equal(new Set(uses).size, uses.length)
  const nonce = Buffer.alloc(12)
  for (const purpose of ['a', 'seal a']) {
    const cipher = createCipheriv('aes-256-gcm', secrets.key(purpose), nonce)
    const body = Buffer.concat([cipher.update('text'), cipher.final()])
    const forged = Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    assert.throws(() => secrets.unseal('a', forged))
  }
})

test('a caller who wipes a key does not change it for others', () => {
  const before = secrets.key('wiped').toString('hex')
  secrets.key('wiped').fill(0)
  assert.equal(secrets.key('wiped').toString('hex'), before)
})

test('any text comes back from being sealed, and never looks the same twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const [one, two] = [secrets.seal('a', text), secrets.seal('a', text)]
      return one !== two && secrets.unseal('a', one) === text && secrets.unseal('a', two) === text
    }),
  )
})

test('a sealed text with any one bit changed is refused', () => {
  const sealed = Buffer.from(secrets.seal('a', 'a text to keep'), 'base64url')
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.throws(() => secrets.unseal('a', changed.toString('base64url')), `bit ${bit}`)
  }
})

test('a sealed text that was cut, lengthened or written otherwise is refused', () => {
  const sealed = secrets.seal('a', 'a text to keep')
  for (let length = 0; length < sealed.length; length += 1) {
    assert.throws(() => secrets.unseal('a', sealed.slice(0, length)), `cut to ${length}`)
  }
  for (const other of [`${sealed}AA`, `${sealed}!`, ` ${sealed}`, `${sealed}=`]) {
    assert.throws(() => secrets.unseal('a', other), other)
  }
})

test('a tag cut to four bytes, which could be guessed, is refused', () => {
  const sealed = Buffer.from(secrets.seal('a', ''), 'base64url')
  assert.equal(sealed.length, 28)
  assert.throws(() => secrets.unseal('a', sealed.subarray(0, 16).toString('base64url')))
})

test('a root of fewer than 32 bytes is refused', () => {
  assert.throws(() => deriveSecrets(randomBytes(31)), /at least 32 bytes/)
  assert.throws(() => deriveSecrets(Buffer.from('')), /at least 32 bytes/)
})
