import { attributes } from '@gatehouse/pages/attributes'
import {
  type AlertOptions,
  alert,
  buttonLink,
  errorSummary,
  form,
  submitButton,
} from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { CBSV, memberPage, type Viewer } from '../site.ts'
import { COLUMNS, type Column, cellName, type Entries, type Field, ROW_COUNT } from './rows.ts'

const TITLE = 'Consent Based SSN Verification'

const CHOICES: Partial<Record<Field, Record<string, string>>> = {
  suffix: Object.fromEntries(
    ['Jr', 'Sr', 'I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X'].map((suffix) => [
      suffix,
      suffix,
    ]),
  ),
  gender: { F: 'Female', M: 'Male' },
}

/** A rule that a cell breaks. */
export interface CellError {
  field: Field
  /** The row on the page, from 1. */
  row: number
  rule: string
}

interface Options {
  entries?: Entries
  errors?: CellError[]
  /** What to say above the form when no cell is to blame. */
  notice?: AlertOptions
}

/** The online verification form: ten rows in a table, which become ten cards where the screen is small. */
export function formPage(viewer: Viewer, { entries = {}, errors = [], notice }: Options = {}): string {
  const heads = COLUMNS.map(
    (column) =>
      html`<th scope="col">${column.label}!${isMandatory(column) ? ' *' : ''}!${helpLink(column)}</th>`,
  )
  const rows = Array.from({ length: ROW_COUNT }, (_, index) => {
    const row = index + 1
    const cells = COLUMNS.map(
      (column) =>
        html`<td class="bso-cell--!${column.field}!${isMandatory(column) ? ' bso-cell--mandatory' : ''}">!${cell(column, row)}</td>`,
    )
    return html`<tr><th scope="row"><span class="bso-row-word">Row </span>${row}</th>!${cells}</tr>`
  })

  function cell(column: Column, row: number): string {
    const id = cellName(column.field, row)
    const rules = errors.filter((error) => error.field === column.field && error.row === row)
    const message = rules.map(({ rule }) => rule).join(' ')
    return html`<label class="bso-cell__label" for="${id}"><span class="usa-sr-only">Row ${row}, </span>${column.label}</label>
!${control(column, id, entries[id] ?? '', message !== '')}
!${message ? html`<span class="bso-cell__error" id="${id}-error">${message}</span>` : ''}`
  }

  return memberPage({
    viewer,
    title: TITLE,
    trail: [{ href: '/cbsv', text: CBSV }],
    error: errors.length > 0,
    main: html`!${notice ? alert(notice) : ''}!${errorSummary(errors.map(summaryLine))}
<h1>${TITLE}</h1>
<p>Enter up to ten names and Social Security numbers and select Submit. Results are shown at once. Rows that you leave
blank are skipped. Each row that you submit is charged to your company.</p>
!${legend}
!${form({
      action: '/cbsv/online-verification',
      csrf: viewer.csrf,
      width: 'full',
      autocomplete: 'off',
      label: TITLE,
      body: html`<table class="usa-table bso-rows">
<caption class="usa-sr-only">Names and Social Security numbers to verify</caption>
<thead><tr><th scope="col">Row</th>!${heads}</tr></thead>
<tbody>!${rows}</tbody>
</table>
<p class="bso-buttons">!${submitButton('Submit')} !${buttonLink('Clear', '/cbsv/online-verification', { variant: 'outline' })}</p>`,
    })}`,
  })
}

function summaryLine({ field, row, rule }: CellError) {
  const label = COLUMNS.find((column) => column.field === field)?.label
  return { field: cellName(field, row), message: `Row ${row}, ${label}: ${rule}` }
}

function control({ field, ...column }: Column, id: string, value: string, isWrong: boolean): string {
  const choices = CHOICES[field]
  const common = {
    id,
    name: id,
    'aria-invalid': isWrong ? 'true' : undefined,
    'aria-describedby': isWrong ? `${id}-error` : undefined,
  }
  if (choices) {
    const options = Object.entries({ '': '', ...choices }).map(
      ([code, text]) => html`<option value="${code}"!${code === value ? ' selected' : ''}>${text}</option>`,
    )
    return html`<select class="usa-select!${isWrong ? ' usa-input--error' : ''}"!${attributes(common)}>!${options}</select>`
  }
  const isNumber = field === 'ssn' || field === 'dateOfBirth'
  const attrs = attributes({
    ...common,
    type: 'text',
    value,
    // Numbers may be too long by their hyphens, so that a pasted one is refused and not cut.
    maxlength: 'width' in column ? column.width : 20,
    inputmode: isNumber ? 'numeric' : undefined,
    autocomplete: 'off',
    autocapitalize: isNumber ? 'none' : 'words',
    spellcheck: 'false',
  })
  return html`<input class="usa-input!${isWrong ? ' usa-input--error' : ''}"!${attrs}>`
}

function isMandatory({ field }: Column): boolean {
  return field === 'ssn' || field === 'firstName' || field === 'lastName'
}

/** The names link to the advice on complex ones (CBSV User's Guide 4.3), beside the form and not in its place. */
function helpLink({ field, label }: Column): string {
  if (!field.endsWith('Name')) return ''
  return html` <a href="/cbsv/help#complex-names" target="_blank" rel="noopener">Help<span class="usa-sr-only"> for
complex names, ${label} (opens in a new tab)</span></a>`
}

const legend = html`<details class="bso-legend" open>
<summary>What to enter in each field</summary>
<dl class="bso-meanings">
<div><dt>SSN *</dt><dd>999999999: nine digits. No hyphens, spaces or other characters.</dd></div>
<div><dt>First Name *</dt><dd>1 to 10 letters; spaces are allowed. If longer, the first 10.</dd></div>
<div><dt>Middle Name</dt><dd>Up to 7 letters; spaces are allowed. If longer, the first 7.</dd></div>
<div><dt>Last Name *</dt><dd>1 to 13 letters; spaces are allowed. If longer, the first 13.</dd></div>
<div><dt>Suffix</dt><dd>Jr, Sr, or I to X.</dd></div>
<div><dt>Date of Birth</dt><dd>MMDDYYYY: eight digits, not before 1800 and not after today.</dd></div>
<div><dt>Gender</dt><dd>Female or Male.</dd></div>
</dl>
<p>* mandatory in each row that you use. Hyphens, apostrophes, accents:
<a href="/cbsv/help#complex-names" target="_blank" rel="noopener">help for complex names<span class="usa-sr-only"> (opens in a new tab)</span></a>.</p>
</details>`
