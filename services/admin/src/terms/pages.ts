// Versions of the Terms of Service: which is in force, who must attest again, and publishing the next.

import type { TermsText, TermsVersion } from '@gatehouse/contracts/terms'
import { buttonLink, form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Names, nameOf } from '../console/names.ts'
import { type Errors, hiddenField, type OrderForm, orderFields, textArea } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, count, factList, pager, table, tag } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'

const SECTION = '/terms'

export function termsPage(
  frame: Frame,
  given: {
    versions: readonly TermsVersion[]
    next?: string | undefined
    cursor?: string | undefined
    names: Names
    exports: string
  },
): string {
  const { versions, next, cursor, names, exports } = given
  return consolePage({
    frame,
    title: 'Terms',
    section: SECTION,
    main: html`<h1>Terms</h1>
<p>A version that is published is in force at once: people agree to it at their next sign-in.</p>
!${frame.may('publishTerms') ? html`<p class="admin-actions">!${buttonLink('Publish a version', '/terms/new')}</p>` : ''}
!${table({
      caption: 'Versions',
      columns: [
        'Version',
        'In force from',
        'Published by',
        { text: 'Accounts attested', isNumber: true },
        'State',
      ],
      rows: versions.map(({ version, inForceFrom, publishedBy, accounts, isInForce }) => [
        html`<a href="/terms/${version}">${version}</a>`,
        timeTag(inForceFrom),
        publishedBy ? html`${nameOf(publishedBy, names)}` : 'came with the program',
        accounts.toLocaleString('en-US'),
        isInForce ? tag('In force', 'good') : tag('Replaced', 'quiet'),
      ]),
      empty: 'None.',
    })}
!${pager('/terms', { cursor }, next)}!${exports}`,
  })
}

export function termsVersionPage(
  frame: Frame,
  given: { version: TermsVersion & { text: TermsText; mustAttestAgain: number }; names: Names },
): string {
  const { version, names } = given
  return consolePage({
    frame,
    title: `Version ${version.version}`,
    section: SECTION,
    main: html`<h1>Version ${version.version}</h1>
!${factList([
      ['State', version.isInForce ? tag('In force', 'good') : tag('Replaced', 'quiet')],
      ['In force from', timeTag(version.inForceFrom)],
      [
        'Published by',
        version.publishedBy ? html`${nameOf(version.publishedBy, names)}` : 'came with the program',
      ],
      version.reason ? ['Reason', html`${version.reason}`] : undefined,
      ['Attested', count(version.accounts, 'account', 'accounts')],
      version.isInForce
        ? [
            'Have to attest again',
            `${count(version.mustAttestAgain, 'account', 'accounts')}, each at its next sign-in`,
          ]
        : undefined,
      ['SHA-256', code(version.textHash)],
    ])}
<h2>Text</h2>
!${textOf(version.text)}`,
  })
}

function textOf({ introduction, conditions, agreement }: TermsText): string {
  const items = conditions.map(
    ({ text, details = [] }) =>
      html`<li>${text}!${details.length > 0 ? html`<ul>!${details.map((detail) => html`<li>${detail}</li>`)}</ul>` : ''}</li>`,
  )
  return html`<div class="admin-terms">!${introduction.map((paragraph) => html`<p>${paragraph}</p>`)}
<ul>!${items}</ul><p><strong>${agreement}</strong></p></div>`
}

export interface TermsForm extends OrderForm {
  version?: string
  introduction?: string
  conditions?: string
  agreement?: string
}

/** The text as a person edits it: paragraphs apart by empty lines; a line that begins with `-` belongs to the condition above. */
export function editable({ introduction, conditions, agreement }: TermsText): TermsForm {
  return {
    introduction: introduction.join('\n\n'),
    conditions: conditions
      .map(({ text, details = [] }) => [text, ...details.map((detail) => `- ${detail}`)].join('\n'))
      .join('\n\n'),
    agreement,
  }
}

/** The reverse of `editable`. */
export function textFrom({ introduction = '', conditions = '', agreement = '' }: TermsForm): TermsText {
  const blocks = (text: string) =>
    text
      .replaceAll('\r\n', '\n')
      .split(/\n\s*\n/)
      .map((block) => block.trim())
      .filter(Boolean)
  return {
    introduction: blocks(introduction).map((block) => block.replace(/\s*\n\s*/g, ' ')),
    conditions: blocks(conditions).map((block) => {
      const lines = block.split('\n').map((line) => line.trim())
      const details = lines.filter((line) => /^-\s/.test(line)).map((line) => line.replace(/^-\s+/, ''))
      const text = lines.filter((line) => !/^-\s/.test(line)).join(' ')
      return details.length > 0 ? { text, details } : { text }
    }),
    agreement: agreement.trim(),
  }
}

export function newTermsPage(
  frame: Frame,
  { values, errors = {} }: { values: TermsForm; errors?: Errors },
): string {
  return consolePage({
    frame,
    title: 'Publish a version',
    section: SECTION,
    errors,
    main: html`<h1>Publish a version</h1>
<p>It begins with the text in force. Next you see how many people would have to attest again; nothing is published before that.</p>
!${form({
      action: '/terms/preview',
      csrf: frame.csrf,
      width: 'full',
      body: html`!${textField({
        name: 'version',
        label: 'Name of the version',
        hint: 'Such as 2026-12-01: letters, digits, dots, hyphens.',
        value: values.version ?? '',
        ...(errors.version ? { error: errors.version } : {}),
        maxlength: 32,
      })}
!${textArea({ name: 'introduction', label: 'Introduction', hint: 'An empty line begins a paragraph.', value: values.introduction, error: errors.introduction, rows: 6 })}
!${textArea({ name: 'conditions', label: 'Conditions', hint: 'An empty line begins a condition; lines that begin with a hyphen are its details.', value: values.conditions, error: errors.conditions, rows: 12 })}
!${textField({ name: 'agreement', label: 'Words of the checkbox', value: values.agreement ?? '', ...(errors.agreement ? { error: errors.agreement } : {}), maxlength: 200 })}
!${orderFields(values, errors)}
!${submitButton('Continue')}`,
    })}`,
  })
}

export function termsPreviewPage(
  frame: Frame,
  given: {
    values: TermsForm
    text: TermsText
    preview: { inForce: string; isSameText: boolean; mustAttestAgain: number }
  },
): string {
  const { values, text, preview } = given
  const again = html`!${Object.entries(values).map(([name, value]) => (value === undefined ? '' : hiddenField(name, String(value))))}`
  return consolePage({
    frame,
    title: 'What it would change',
    section: SECTION,
    trail: [{ href: '/terms/new', text: 'Publish a version' }],
    main: html`<h1>What it would change</h1>
!${preview.isSameText ? '<p><strong>The text is word for word the one in force.</strong></p>' : ''}
!${factList([
      ['New version', html`${values.version}`],
      ['Replaces', html`${preview.inForce}`],
      [
        'Have to attest again',
        `${count(preview.mustAttestAgain, 'account', 'accounts')}, each at its next sign-in`,
      ],
    ])}
!${textOf(text)}
!${form({ action: '/terms', csrf: frame.csrf, label: 'Publish', body: html`!${again}!${submitButton('Publish now', { variant: 'secondary' })}` })}
!${form({ action: '/terms/form', csrf: frame.csrf, label: 'Change', body: html`!${again}!${submitButton('Change', { variant: 'unstyled' })}` })}`,
  })
}
