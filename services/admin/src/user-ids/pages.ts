// BSO User IDs: find one, see whether it counts and what keeps it disabled.

import type { UserIdRecord } from '@gatehouse/contracts/user-id-administration'
import { form, select, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Act } from '../acts/act.ts'
import { disablementList, standingOf } from '../console/disablement.ts'
import { exportForm } from '../console/exports.ts'
import { type Labels, labelOf } from '../console/labels.ts'
import type { Names } from '../console/names.ts'
import { type Errors, hiddenField } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, factList, table } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import { actTable } from '../revocations/act-table.ts'
import { einText } from './ein.ts'
import { enableForm, type OrderState, revokeLink } from './enabling.ts'

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

/** @param ofOne leaves the company out where all are of one */
export function userIdTable(userIds: readonly UserIdRecord[], { ofOne = false } = {}): string {
  return table({
    caption: 'User IDs',
    columns: ['User ID', ...(ofOne ? [] : ['Company']), 'Holder', 'Services', 'Standing'],
    rows: userIds.map(({ bsoUserId, ein, companyName, holderName, services, disabled, companyDisabled }) => [
      html`<a href="/user-ids/${bsoUserId}">${bsoUserId}</a>`,
      ...(ofOne
        ? []
        : [
            html`<a href="/companies/${ein}">${companyName}</a> <span class="admin-whole">${einText(ein)}</span>`,
          ]),
      html`${holderName}`,
      html`${services.join(', ') || '–'}`,
      standingOf(disabled, companyDisabled),
    ]),
    empty: 'None.',
  })
}

export function userIdPage(
  frame: Frame,
  given: { userId: UserIdRecord; acts: readonly Act[]; names: Names; labels: Labels } & OrderState,
): string {
  const { userId, acts, names, labels, values, errors = {} } = given
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
      disabled ? ['Disabled', disablementList(disabled.orders, names, acts)] : undefined,
      companyDisabled
        ? ['Company disabled', disablementList(companyDisabled.orders, names, acts)]
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
          .map((account) => {
            const name = labelOf({ kind: 'account', value: account }, labels)
            return html`<a href="/people/${account}">!${name ? html`${name}` : code(account)}</a>`
          })
          .join(', ') || 'none yet',
      ],
    ])}
!${revokeLink(frame, { kind: 'bso_user_id', value: bsoUserId })}
!${disabled && frame.may('enableUserId') ? enableForm(frame, { at, what: 'User ID', disabled, needsApproval: false, values, errors }) : ''}
<h2>Orders about it</h2>
!${actTable(acts, names)}`,
  })
}
