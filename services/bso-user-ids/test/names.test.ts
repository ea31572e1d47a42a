import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldName, namesMatch } from '../src/holders/names.ts'

for (const [written, folded] of [
  ['maria', 'MARIA'],
  ['José', 'JOSE'],
  ['Jose\u0301', 'JOSE'],
  ["O'Brien", 'OBRIEN'],
  ['O\u2019Brien', 'OBRIEN'],
  ['O\u02BCBrien', 'OBRIEN'],
  ['Smith-Jones', 'SMITHJONES'],
  ['Smith\u2011Jones', 'SMITHJONES'],
  ['  van der  Berg ', 'VANDERBERG'],
  ['Weiß', 'WEISS'],
  ['St. Clair', 'STCLAIR'],
  ['Núñez', 'NUNEZ'],
  ['李', '李'],
  ["-' ", ''],
] as const) {
  test(`${JSON.stringify(written)} is kept as ${JSON.stringify(folded)}`, () =>
    assert.equal(foldName(written), folded))
}

test('folding a folded name changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => foldName(foldName(name)) === foldName(name)),
  )
})

test('a name matches itself in any case and with signs between its letters', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), minLength: 1 })
  const sign = fc.constantFrom("'", '-', ' ', '\u2019', '\u0301')
  fc.assert(
    fc.property(letters, letters, sign, (first, last, between) => {
      const plain = { firstName: foldName(first), lastName: foldName(last) }
      const signed = {
        firstName: foldName([...first].join(between).toUpperCase()),
        lastName: foldName([...last].join(between)),
      }
      return namesMatch(plain, signed)
    }),
  )
})

function match(one: [string, string], other: [string, string]): boolean {
  const fold = ([first, last]: [string, string]) => ({ firstName: foldName(first), lastName: foldName(last) })
  const matched = namesMatch(fold(one), fold(other))
  assert.equal(namesMatch(fold(other), fold(one)), matched, 'matching has no direction')
  return matched
}

test('an initial matches the first name that it begins', () => {
  assert.ok(match(['M.', 'Example'], ['Maria', 'Example']))
  assert.ok(match(['é', 'Example'], ['Eric', 'Example']))
  assert.ok(!match(['N', 'Example'], ['Maria', 'Example']))
})

test('two first names that only begin alike do not match', () => {
  assert.ok(!match(['Marie', 'Example'], ['Maria', 'Example']))
  assert.ok(!match(['Mar', 'Example'], ['Maria', 'Example']))
})

test('another last name does not match, nor does its initial', () => {
  assert.ok(!match(['Maria', 'Sample'], ['Maria', 'Example']))
  assert.ok(!match(['Maria', 'E'], ['Maria', 'Example']))
})

test('a name without any letter matches nobody, not even itself', () => {
  assert.ok(!match(['-', 'Example'], ['-', 'Example']))
  assert.ok(!match(['', 'Example'], ['Maria', 'Example']))
  assert.ok(!match(['Maria', "'"], ['Maria', "'"]))
})
