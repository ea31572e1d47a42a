import type { CompanyRecord, UserIdRecord } from '@gatehouse/contracts/user-id-administration'
import { form, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Act } from '../acts/act.ts'
import { disablementList, standingOf } from '../console/disablement.ts'
import { exportForm } from '../console/exports.ts'
import type { Names } from '../console/names.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { factList, pager, table } from '../console/tables.ts'
import { actTable } from '../revocations/act-table.ts'
import { einText } from './ein.ts'
import { enableForm, type OrderState, revokeLink } from './enabling.ts'
import { userIdTable } from './pages.ts'

export function companiesPage(
  frame: Frame,
  found: {
    text?: string
    companies: readonly CompanyRecord[]
    next?: string | undefined
    cursor?: string | undefined
  },
): string {
  const { text = '', companies, next, cursor } = found
  return consolePage({
    frame,
    title: 'Companies',
    section: '/companies',
    main: html`<h1>Companies</h1>
!${form({
      action: '/companies',
      method: 'get',
      width: 'full',
      label: 'Find companies',
      body: html`<div class="admin-search">!${textField({
        name: 'text',
        label: 'EIN, or part of the name',
        type: 'search',
        value: text,
        maxlength: 200,
      })}!${submitButton('Search')}</div>`,
    })}
!${table({
      caption: 'Companies',
      columns: ['Company', 'EIN', { text: 'User IDs', isNumber: true }, 'Standing'],
      rows: companies.map(({ ein, name, userIds, disabled }) => [
        html`<a href="/companies/${ein}">${name}</a>`,
        einText(ein),
        String(userIds),
        standingOf(disabled),
      ]),
      empty: 'None.',
    })}
!${pager('/companies', { text, cursor }, next)}!${exportForm(frame, 'searchCompanies', text ? { text } : {})}`,
  })
}

export function companyPage(
  frame: Frame,
  given: {
    company: CompanyRecord
    userIds: readonly UserIdRecord[]
    next?: string | undefined
    cursor?: string | undefined
    acts: readonly Act[]
    names: Names
  } & OrderState,
): string {
  const { company, userIds, next, cursor, acts, names, values, errors = {} } = given
  const { ein, name, disabled } = company
  return consolePage({
    frame,
    title: name,
    section: '/companies',
    errors,
    main: html`<h1>${name}</h1>
!${factList([
      ['EIN', einText(ein)],
      ['Standing', standingOf(disabled)],
      disabled ? ['Disabled', disablementList(disabled.orders, names, acts)] : undefined,
    ])}
!${revokeLink(frame, { kind: 'ein', value: ein })}
<h2>User IDs</h2>
!${userIdTable(userIds, { ofOne: true })}
!${pager(`/companies/${ein}`, { cursor }, next)}
!${disabled && frame.may('enableCompany') ? enableForm(frame, { at: `/companies/${ein}`, what: 'company', disabled, needsApproval: true, values, errors }) : ''}
<h2>Orders about it</h2>
!${actTable(acts, names)}`,
  })
}
