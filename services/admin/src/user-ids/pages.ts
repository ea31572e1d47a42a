// BSO User IDs and companies: find one, see whether it counts, disable and enable it.

import type { CompanyRecord, UserIdRecord } from '@gatehouse/contracts/bso-user-ids'
import { buttonLink, form, select, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { disablementText, standingOf } from '../console/disablement.ts'
import { exportForm } from '../console/exports.ts'
import { type Names, nameOf } from '../console/names.ts'
import { type Errors, hiddenField, type OrderForm, orderFields } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, factList, pager, table } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import { revokeAddress } from '../revocations/words.ts'
import { einText } from './ein.ts'

export const USER_ID_SEARCHES = {
  'user-id': 'User ID',
  ein: 'EIN',
  'company-name': 'Company name',
  'holder-name': 'Holder’s name',
} as const

export type UserIdSearchBy = keyof typeof USER_ID_SEARCHES

export interface UserIdsSearched {
  by?: UserIdSearchBy
  text?: string
  userIds?: readonly UserIdRecord[] | undefined
  next?: string | undefined
  errors?: Errors
}

export function userIdsPage(frame: Frame, searched: UserIdsSearched = {}): string {
  const { by = 'user-id', text = '', userIds, next, errors = {} } = searched
  return consolePage({
    frame,
    title: 'User IDs',
    section: '/user-ids',
    errors,
    main: html`<h1>User IDs</h1>
!${form({
      action: '/user-ids',
      csrf: frame.csrf,
      width: 'full',
      label: 'Find User IDs',
      autocomplete: 'off',
      body: html`<div class="admin-search">!${select({
        name: 'by',
        label: 'Find by',
        value: by,
        options: Object.entries(USER_ID_SEARCHES).map(([value, label]) => ({ value, label })),
      })}!${textField({
        name: 'text',
        label: 'Search for',
        type: 'search',
        value: text,
        ...(errors.text ? { error: errors.text } : {}),
        maxlength: 200,
      })}!${submitButton('Search')}</div>`,
    })}
!${userIds ? html`<h2>Found</h2>!${userIdTable(userIds)}` : ''}
!${next ? nextForm(frame, { by, text, next }) : ''}!${userIds?.length ? exportForm(frame, 'searchUserIds', { by, text }) : ''}`,
  })
}

function nextForm(frame: Frame, { by, text, next }: { by: string; text: string; next: string }): string {
  return form({
    action: '/user-ids',
    csrf: frame.csrf,
    label: 'Next page',
    body: html`!${hiddenField('by', by)}!${hiddenField('text', text)}!${hiddenField('cursor', next)}!${submitButton('Next page', { variant: 'outline' })}`,
  })
}

export function userIdTable(userIds: readonly UserIdRecord[]): string {
  return table({
    caption: 'User IDs',
    columns: ['User ID', 'Company', 'Holder', 'Services', 'Standing'],
    rows: userIds.map(({ bsoUserId, ein, companyName, holderName, services, disabled, companyDisabled }) => [
      html`<a href="/user-ids/${bsoUserId}">${bsoUserId}</a>`,
      html`<a href="/companies/${ein}">${companyName}</a> ${einText(ein)}`,
      html`${holderName}`,
      html`${services.join(', ') || '–'}`,
      standingOf(disabled, companyDisabled),
    ]),
    empty: 'None.',
  })
}

export function userIdPage(
  frame: Frame,
  { userId, names, values, errors = {} }: { userId: UserIdRecord; names: Names } & OrderState,
): string {
  const { bsoUserId, disabled, companyDisabled } = userId
  const at = `/user-ids/${encodeURIComponent(bsoUserId)}`
  return consolePage({
    frame,
    title: bsoUserId,
    section: '/user-ids',
    errors,
    main: html`<h1>User ID ${bsoUserId}</h1>
!${factList([
      ['Standing', standingOf(disabled, companyDisabled)],
      disabled ? ['Disabled', disablementText(disabled, nameOf(disabled.by, names))] : undefined,
      companyDisabled
        ? ['Company disabled', disablementText(companyDisabled, nameOf(companyDisabled.by, names))]
        : undefined,
      [
        'Company',
        html`<a href="/companies/${userId.ein}">${userId.companyName}</a>, EIN ${einText(userId.ein)}`,
      ],
      ['Holder', html`${userId.holderName}`],
      ['Services', html`${userId.services.join(', ') || 'none'}`],
      ['Issued', timeTag(userId.issuedAt)],
      ['Last selected', userId.lastSelectedAt ? timeTag(userId.lastSelectedAt) : 'never'],
      [
        'People',
        userId.accounts
          .map((account) => html`<a href="/people/${account}">!${code(account)}</a>`)
          .join(', ') || 'none yet',
      ],
    ])}
!${revokeLink(frame, { kind: 'bso_user_id', value: bsoUserId })}
!${disabled && frame.may('enableUserId') ? enableForm(frame, { at, what: 'User ID', needsApproval: false, values, errors }) : ''}`,
  })
}

export interface OrderState {
  values?: OrderForm
  errors?: Errors
}

/** To end access, with a preview; disabled is what it is while it lasts. */
function revokeLink(frame: Frame, target: Parameters<typeof revokeAddress>[0]): string {
  if (!frame.may('revoke')) return ''
  const text = 'Disable, or end what is open'
  return html`<p class="admin-actions">!${buttonLink(text, revokeAddress(target), { variant: 'secondary' })}</p>`
}

function enableForm(
  frame: Frame,
  {
    at,
    what,
    needsApproval,
    values,
    errors,
  }: OrderState & { at: string; what: string; needsApproval: boolean },
): string {
  const words = needsApproval
    ? 'Another administrator with the role approver decides about it, within 24 hours.'
    : 'It is offered again from the next sign-in on.'
  return html`<h2>Enable</h2>
<p>${words}</p>
!${form({
    action: `${at}/enablements`,
    csrf: frame.csrf,
    label: 'Enable',
    body: html`!${orderFields(values, errors)}!${submitButton(needsApproval ? 'Ask for approval' : `Enable the ${what}`)}`,
  })}`
}

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
    names: Names
  } & OrderState,
): string {
  const { company, userIds, next, cursor, names, values, errors = {} } = given
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
      disabled ? ['Disabled', disablementText(disabled, nameOf(disabled.by, names))] : undefined,
    ])}
!${revokeLink(frame, { kind: 'ein', value: ein })}
<h2>User IDs</h2>
!${userIdTable(userIds)}
!${pager(`/companies/${ein}`, { cursor }, next)}
!${disabled && frame.may('enableCompany') ? enableForm(frame, { at: `/companies/${ein}`, what: 'company', needsApproval: true, values, errors }) : ''}`,
  })
}
