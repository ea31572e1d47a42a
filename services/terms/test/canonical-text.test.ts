import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { TermsText } from '@gatehouse/contracts/terms'
import { canonicalText, textHash } from '../src/terms-of-service/canonical-text.ts'
import { termsOfService } from '../src/terms-of-service/text.ts'

const text: TermsText = {
  introduction: ['First paragraph.', 'Second paragraph.'],
  conditions: [{ text: 'One condition.' }, { text: 'Another:', details: ['part one', 'part two'] }],
  agreement: 'I agree.',
}

test('the hash is SHA-256 over sorted JSON without white space (RFC 8785)', () => {
  const canonical =
    '{"agreement":"I agree.","conditions":[{"text":"One condition."},{"details":["part one","part two"],"text":"Another:"}],' +
    '"introduction":["First paragraph.","Second paragraph."]}'
  assert.equal(canonicalText(text), canonical)
  assert.equal(textHash(text), createHash('sha256').update(canonical, 'utf8').digest('hex'))
})

test('the order in which members are written down does not change the hash', () => {
  const { introduction, conditions, agreement } = text
  const reordered = conditions.map(({ text, details }) => (details ? { details, text } : { text }))
  assert.equal(textHash({ agreement, introduction, conditions: reordered }), textHash(text))
})

test('one accented letter hashes alike however its Unicode form is typed', () => {
  const composed = { ...text, agreement: 'J\u2019approuve, No\u00ebl' }
  const decomposed = { ...text, agreement: 'J\u2019approuve, Noe\u0308l' }
  assert.equal(textHash(composed), textHash(decomposed))
})

const changes: [string, TermsText][] = [
  ['a word of the introduction', { ...text, introduction: ['First paragraph!', 'Second paragraph.'] }],
  ['where a paragraph ends', { ...text, introduction: ['First paragraph. Second paragraph.'] }],
  [
    'a word of a condition',
    { ...text, conditions: [{ text: 'No condition.' }, ...text.conditions.slice(1)] },
  ],
  [
    'a detail of a condition',
    { ...text, conditions: [text.conditions[0]!, { text: 'Another:', details: ['part one'] }] },
  ],
  ['the order of conditions', { ...text, conditions: text.conditions.toReversed() }],
  ['the label of the checkbox', { ...text, agreement: 'I agree' }],
]
for (const [what, changed] of changes) {
  test(`changing ${what} changes the hash`, () => assert.notEqual(textHash(changed), textHash(text)))
}

test('the text in force has the introduction, the seven conditions and the checkbox of the page', () => {
  const { introduction, conditions, agreement } = termsOfService.text
  assert.equal(introduction.length, 2)
  assert.equal(conditions.length, 7)
  assert.equal(conditions.flatMap(({ details }) => details ?? []).length, 3)
  assert.equal(agreement, 'I agree to the Terms of Service.')
})

test('version 1 is the text that was first in force', () => {
  // Whoever changes the text gives it a new version, and a hash of its own here.
  const published: Record<string, string> = {
    '1': 'ce35feccc75e33b588a6da2084713755c7fb12cb11e52b30c396eac3d8dfe4ce',
  }
  assert.equal(textHash(termsOfService.text), published[termsOfService.version])
})
