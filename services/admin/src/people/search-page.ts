// Finding a person. What is searched for goes in the body of a post: names and numbers of people stand in no address.

import type { PersonFound } from '@gatehouse/contracts/people'
import { form, select, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { exportForm } from '../console/exports.ts'
import { type Errors, hiddenField } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, table } from '../console/tables.ts'

/** By what people are found; the order is that of the choice. */
export const SEARCHES = {
  name: 'Name',
  email: 'Email address',
  'user-id': 'BSO User ID',
  ein: 'EIN',
  'phone-ending': 'Last four digits of a phone',
  'ssn-ending': 'Last four digits of the SSN',
  account: 'Account id',
  credential: 'Credential (provider:subject)',
} as const

export type SearchBy = keyof typeof SEARCHES

export interface PeopleSearched {
  by?: SearchBy
  text?: string
  /** Undefined: nothing was searched for yet. */
  people?: readonly PersonFound[] | undefined
  next?: string | undefined
  /** What could not be asked, in plain words. */
  missing?: readonly string[]
  errors?: Errors
}

export function peoplePage(frame: Frame, searched: PeopleSearched = {}): string {
  const { by = 'name', text = '', people, next, missing = [], errors = {} } = searched
  return consolePage({
    frame,
    title: 'People',
    section: '/people',
    errors,
    main: html`<h1>People</h1>
!${form({
      action: '/people',
      csrf: frame.csrf,
      width: 'full',
      label: 'Find people',
      autocomplete: 'off',
      body: html`<div class="admin-search">!${select({
        name: 'by',
        label: 'Find by',
        value: by,
        options: Object.entries(SEARCHES).map(([value, label]) => ({ value, label })),
      })}
!${textField({
        name: 'text',
        label: 'Search for',
        type: 'search',
        value: text,
        ...(errors.text ? { error: errors.text } : {}),
        maxlength: 320,
      })}
!${submitButton('Search')}</div>`,
    })}
!${missing.length > 0 ? html`<p>These did not answer, so somebody may be missing: ${missing.join(', ')}.</p>` : ''}
!${people ? found(people) : ''}
!${next ? nextForm(frame, { by, text, next }) : ''}!${people?.length ? exportForm(frame, 'searchPeople', { by, text }) : ''}`,
  })
}

function found(people: readonly PersonFound[]): string {
  return html`<h2>Found</h2>
!${table({
    caption: 'People found',
    columns: ['Name', 'Email', 'SSN', 'Providers', 'Account'],
    rows: people.map(({ accountId, name, email, maskedSsn, idps }) => [
      html`<a href="/people/${accountId}">${name || email || accountId}</a>`,
      html`${email ?? '–'}`,
      html`${maskedSsn ?? '–'}`,
      html`${idps.join(', ')}`,
      code(accountId),
    ]),
    empty: 'Nobody.',
  })}`
}

function nextForm(frame: Frame, { by, text, next }: { by: string; text: string; next: string }): string {
  return form({
    action: '/people',
    csrf: frame.csrf,
    label: 'Next page',
    body: html`!${hiddenField('by', by)}!${hiddenField('text', text)}!${hiddenField('cursor', next)}!${submitButton('Next page', { variant: 'outline' })}`,
  })
}
