import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LetterDelivery } from '@gatehouse/contracts/lab'
import type { LetterKind } from '@gatehouse/contracts/upgrade-codes'
import { Value } from 'typebox/value'
import { letterPdf } from '../src/mailing/pdf.ts'
import { createWording } from '../src/mailing/wording.ts'
import { pdfText } from './pdf-text.ts'
import { address } from './service-fixture.ts'

const PRINTED_AT = Date.parse('2014-07-19T12:00:00Z')
const wording = createWording({ 'my-ssa': 'https://my-ssa.example', bso: 'https://bso.example' })
const write = (kind: LetterKind, code: string, subject: string | null = null) =>
  wording({ kind, subject, expiresOn: '2014-08-18' }, code)
const print = (text: ReturnType<typeof write>, to: LetterDelivery['to'] = address) =>
  letterPdf({ ...text, to, printedOn: '2014-07-19' }, PRINTED_AT)

test('the upgrade code letter has the six steps of document 002, with the code and its date', async () => {
  const text = pdfText(await print(write('upgrade-code', '0642030')))
  const expected = [
    'my Social Security Test system, not a government office Date: July 19, 2014',
    'Ruth Example 700 Example Street Baltimore, MD 21235 Your account upgrade code',
    'Please take the following steps to add your extra security.',
    '1. Visit our website at https://my-ssa.example.',
    '2. Enter your username and password.',
    '3. Choose “Yes, enable my extra security.”',
    '4. Enter your cell phone number. We will send an 8-digit text message to your cell phone. This 8-digit text message will expire after 10 minutes.',
    '5. Enter the 8-digit text message.',
    '6. Enter your one-time Account Upgrade Code: 0642030. This account upgrade code expires on August 18, 2014.',
    'If You Do Not Want Extra Security At This Time',
    '“No, skip this for now.”',
    'If You Do Not Want Extra Security ',
    '“I changed my mind, cancel my request for extra security.”',
    'soft inquiry',
    'If You Have Questions',
  ]
  let from = 0
  for (const each of expected) {
    const found = text.indexOf(each, from)
    assert.ok(found >= from, `${each} is missing, or in another place`)
    from = found + each.length
  }
})

for (const [kind, code, expected] of [
  ['reset-code', '01234567', /reset code: 01234567\. This reset code expires on August 18, 2014/],
  [
    'activation-code',
    'AB12CD34',
    /activation code: AB12CD34\. It can be used once and expires on August 18, 2014/,
  ],
  [
    'temporary-password',
    'AB12-CD34-EF56-GH78',
    /temporary password: AB12-CD34-EF56-GH78\. It can be used once and expires on August 18, 2014/,
  ],
] as const) {
  test(`the letter with a ${kind} says it, its last day and what to do`, async () => {
    const text = pdfText(await print(write(kind, code)))
    assert.match(text, expected)
    assert.match(text, /Please take the following steps.*1\. Visit our website at https:/)
    assert.match(text, /This letter comes from a test system\./)
  })
}

test('an activation code letter names what it is for', () => {
  const { blocks } = write('activation-code', 'AB12CD34', 'CBSV for the User ID JAMES8W3')
  assert.match(JSON.stringify(blocks), /requested for your company: CBSV for the User ID JAMES8W3\./)
})

test('what is handed to the mail is what the contract allows, also with the longest subject', async () => {
  for (const kind of ['upgrade-code', 'reset-code', 'activation-code', 'temporary-password'] as const) {
    const text = write(kind, '01234567', 'x'.repeat(120))
    const pdf = (await print(text)).toString('base64')
    const delivery = { ...text, to: address, printedOn: '2014-07-19', code: '01234567', pdf, deliverAt: 0 }
    assert.ok(Value.Check(LetterDelivery, delivery), kind)
  }
})

test('the PDF is Letter size, tagged, and has a language and a title (WCAG 2.1 §2.4.2 and §3.1.1)', async () => {
  const source = (await print(write('upgrade-code', '0642030'))).toString('latin1')
  const tags = ['Document', 'H1', 'H2', 'P', 'L', 'LI', 'Lbl', 'LBody'].map((tag) => `/S /${tag}\n`)
  for (const part of [
    '%PDF-1.7',
    '/MediaBox [0 0 612 792]',
    '/Marked true',
    '/Lang (en-US)',
    '/DisplayDocTitle true',
    '(Your account upgrade code)',
    ...tags,
  ]) {
    assert.ok(source.includes(part), part)
  }
})

test('the same letter printed at the same instant is the same file', async () => {
  const [first, second] = [await print(write('reset-code', '1')), await print(write('reset-code', '1'))]
  assert.ok(first.equals(second))
})

test('names are printed with the letters that the font has', async () => {
  const text = write('reset-code', '1')
  const shown = async (name: string) =>
    pdfText(await print(text, { ...address, name, company: 'Łódź & Şahin' }))
  assert.match(await shown('José Ñandú'), /José Ñandú Lódz & Sahin 700 Example Street/)
  assert.match(await shown('李小龙'), /\?\?\? Lódz/)
})

test('no step is torn over two pages', async () => {
  const items = Array.from({ length: 20 }, (_, n) => `${'Step and more of it. '.repeat(12)}end of ${n}`)
  const pdf = await letterPdf(
    { from: 'x', to: address, subject: 'y', printedOn: '2014-07-19', blocks: [{ kind: 'steps', items }] },
    PRINTED_AT,
  )
  const pages = pdf.toString('latin1').match(/\/Type \/Page\b/g)
  assert.ok(pages!.length > 1)
  const text = pdfText(pdf)
  for (const [n, item] of items.entries()) assert.ok(text.includes(`${n + 1}. ${item}`))
})
