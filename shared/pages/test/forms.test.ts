import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as forms from '@gatehouse/pages/forms'

const hostile = `<script>alert("1")</script>' onfocus='x`
const choices = [
  { value: hostile, label: hostile, hint: hostile },
  { value: 'b', label: 'B' },
]

/** Ids that a fragment gives to its elements. */
function idsIn(fragment: string): string[] {
  return [...fragment.matchAll(/ id="([^"]+)"/g)].map((match) => match[1] ?? '')
}

const everyPart: Record<string, () => string> = {
  textField: () =>
    forms.textField({
      name: hostile,
      label: hostile,
      hint: hostile,
      value: hostile,
      error: hostile,
      autocomplete: hostile,
      required: false,
      optionalWord: hostile,
    }),
  password: () =>
    forms.textField({
      name: hostile,
      label: hostile,
      type: 'password',
      showPassword: hostile,
      hideLabel: true,
    }),
  select: () =>
    forms.select({ name: hostile, label: hostile, hint: hostile, error: hostile, options: choices }),
  radioGroup: () =>
    forms.radioGroup({ name: hostile, label: hostile, hint: hostile, error: hostile, options: choices }),
  checkbox: () =>
    forms.checkbox({ name: hostile, label: hostile, hint: hostile, error: hostile, value: hostile }),
  submitButton: () => forms.submitButton(hostile, { name: hostile, value: hostile }),
  buttonLink: () => forms.buttonLink(hostile, hostile),
  csrfField: () => forms.csrfField(hostile),
  form: () => forms.form({ action: hostile, csrf: hostile, label: hostile, body: '' }),
  errorSummary: () => forms.errorSummary([{ field: hostile, message: hostile }]),
  alert: () => forms.alert({ kind: 'info', heading: hostile, body: hostile }),
}

for (const [part, render] of Object.entries(everyPart)) {
  test(`${part} escapes markup and quotes in every slot (ASVS 1.2.1)`, () => {
    const written = render()
    assert.match(written, /&#60;script&#62;/)
    assert.doesNotMatch(written, /<script/)
    assert.doesNotMatch(written, /' onfocus/)
  })
}

test('every link of the error summary leads to the field it names', () => {
  const error = 'Fix this'
  const fields =
    forms.textField({ name: 'email', label: 'Email', error }) +
    forms.textField({ name: 'ssn', id: 'ssn-3', label: 'SSN', error, hideLabel: true }) +
    forms.select({ name: 'ein', label: 'EIN', error, options: choices }) +
    forms.radioGroup({ name: 'channel', label: 'Channel', error, options: choices }) +
    forms.checkbox({ name: 'attest', label: 'I agree', error })
  const summary = forms.errorSummary(
    ['email', 'ssn-3', 'ein', 'channel', 'attest'].map((field) => ({ field, message: error })),
  )
  const targets = [...summary.matchAll(/href="#([^"]+)"/g)].map((match) => match[1] ?? '')
  assert.equal(targets.length, 5)
  const ids = idsIn(fields)
  assert.deepEqual(
    targets.filter((target) => !ids.includes(target)),
    [],
  )
  assert.equal(new Set(ids).size, ids.length, 'ids are unique')
})

test('the error summary is an alert with a heading, in the language of the page, and absent without errors', () => {
  const errors = [{ field: 'email', message: 'Enter an email address' }]
  assert.match(forms.errorSummary(errors), /role="alert".*<h2[^>]*>There is a problem</s)
  assert.match(forms.errorSummary(errors, 'es'), /Hay un problema/)
  assert.equal(forms.errorSummary([]), '')
})

test('a field with an error is marked invalid and described by its hint and its error', () => {
  const wrong = forms.textField({ name: 'code', label: 'Code', hint: 'Six digits', error: 'Enter the code' })
  assert.match(wrong, /aria-invalid="true"/)
  assert.match(wrong, /aria-describedby="code-hint code-error"/)
  assert.deepEqual(idsIn(wrong).sort(), ['code', 'code-error', 'code-hint'])
  const right = forms.textField({ name: 'code', label: 'Code' })
  assert.doesNotMatch(right, /aria-/)
})

test('a password is never written back into the page', () => {
  const field = forms.textField({ name: 'p', label: 'Password', type: 'password', value: 'correct horse' })
  assert.doesNotMatch(field, /correct horse/)
})

test('the show-password box is hidden until a script brings it out', () => {
  const field = forms.textField({ name: 'p', label: 'P', type: 'password', showPassword: 'Show password' })
  assert.match(field, /data-show-password="p" hidden>/)
  const plain = forms.textField({ name: 'p', label: 'P', showPassword: 'Show password' })
  assert.doesNotMatch(plain, /data-show-password/)
})

test('only the chosen option of a list is selected', () => {
  const options = [
    { value: '1', label: 'One' },
    { value: '2', label: 'Two' },
  ]
  assert.equal(forms.select({ name: 'n', label: 'N', options, value: '2' }).match(/ selected/g)?.length, 1)
  const radios = forms.radioGroup({ name: 'n', label: 'N', options, value: '2' })
  assert.match(radios, /checked value="2"/)
  assert.doesNotMatch(radios, /checked value="1"/)
})

test('an error alert interrupts the reader and every other alert waits', () => {
  assert.match(forms.alert({ kind: 'error', body: 'No' }), /role="alert"/)
  for (const kind of ['info', 'warning', 'success'] as const) {
    assert.match(forms.alert({ kind, body: 'Yes' }), /role="status"/)
  }
})

test('a form that posts cannot be written without a CSRF token', () => {
  assert.throws(() => forms.form({ action: '/', body: '' }), /CSRF/)
  assert.doesNotMatch(forms.form({ action: '/', method: 'get', body: '' }), /_csrf/)
})
