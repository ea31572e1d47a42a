// What was revoked, one by one, and giving access back.

import type { Revocation, RevocationKind } from '@gatehouse/contracts/revocations'
import { buttonLink, form, select, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Act } from '../acts/act.ts'
import { type Names, nameOf } from '../console/names.ts'
import { type Errors, type OrderForm, orderFields } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, factList, pager, table, tag } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import { operationText, stateTag } from './act-words.ts'
import { effect, inForce } from './effect.ts'
import { durationText } from './form-pages.ts'
import { KIND_NAMES, KINDS, placeOf, targetOf } from './words.ts'

export interface RevocationsFilter {
  kind?: RevocationKind | undefined
  value?: string | undefined
  standing?: 'true' | 'false' | undefined
  cursor?: string | undefined
}

export function revocationsPage(
  frame: Frame,
  given: {
    revocations: readonly Revocation[]
    next?: string | undefined
    filter: RevocationsFilter
    names: Names
    /** Orders that are not done. */
    underWay: readonly Act[]
    exports: string
  },
): string {
  const { revocations, next, filter, names, underWay, exports } = given
  return consolePage({
    frame,
    title: 'Revocations',
    section: '/revocations',
    main: html`<h1>Revocations</h1>
!${frame.may('revoke') ? html`<p class="admin-actions">!${buttonLink('Revoke access', '/revocations/new', { variant: 'secondary' })}</p>` : ''}
!${underWay.length > 0 ? html`<h2>Under way</h2>!${actTable(underWay, names)}<h2>All revocations</h2>` : ''}
!${filterForm(filter)}
!${table({
      caption: 'Revocations',
      columns: ['What', 'When', 'By', 'How long', 'State'],
      rows: revocations.map((revocation) => [
        html`<a href="/revocations/${revocation.revocationId}">!${targetOf(revocation.target)}</a>`,
        timeTag(revocation.instant ?? revocation.orderedAt),
        html`${nameOf(revocation.by, names)}`,
        durationText(revocation),
        stateOf(revocation),
      ]),
      empty: 'None.',
    })}
!${pager('/revocations', { ...filter }, next)}!${exports}`,
  })
}

function filterForm({ kind, standing }: RevocationsFilter): string {
  const all = { value: '', label: 'All' }
  return form({
    action: '/revocations',
    method: 'get',
    width: 'full',
    label: 'Filter',
    body: html`<div class="admin-search">!${select({
      name: 'kind',
      label: 'What',
      value: kind ?? '',
      options: [all, ...KIND_NAMES.map((name) => ({ value: name, label: KINDS[name].name }))],
    })}!${select({
      name: 'standing',
      label: 'State',
      value: standing ?? '',
      options: [
        all,
        { value: 'true', label: 'Access is ended now' },
        { value: 'false', label: 'Ended once, or reinstated' },
      ],
    })}!${submitButton('Show', { variant: 'outline' })}</div>`,
  })
}

function stateOf({ standing, reinstatedAt, instant }: Revocation): string {
  if (instant === undefined) return tag('Under way', 'open')
  if (standing) return tag('Access is ended', 'bad')
  return tag(reinstatedAt ? 'Reinstated' : 'Ended once', 'quiet')
}

export function revocationPage(
  frame: Frame,
  { revocation, acts, names }: { revocation: Revocation; acts: readonly Act[]; names: Names },
): string {
  const { revocationId, target, reinstatedAt, reinstatedBy = '', reinstatementReason = '' } = revocation
  const place = placeOf(target)
  const canReinstate = revocation.standing && frame.may('reinstateRevocation')
  return consolePage({
    frame,
    title: `Revocation of ${target.kind === 'everything' ? 'everything' : target.value}`,
    section: '/revocations',
    main: html`<h1>Revocation: !${targetOf(target)}</h1>
!${revocation.instant === undefined ? '' : inForce(revocation, `/revocations/${revocationId}`)}
!${factList([
      ['State', stateOf(revocation)],
      [
        'What',
        html`!${targetOf(target)}!${place ? html` <a href="${place}">Show<span class="usa-sr-only"> what it names</span></a>` : ''}`,
      ],
      ['How long', durationText(revocation)],
      ['Reason', html`${revocation.reason}`],
      revocation.ticket ? ['Ticket', html`${revocation.ticket}`] : undefined,
      ['By', html`${nameOf(revocation.by, names)}, !${timeTag(revocation.orderedAt)}`],
      reinstatedAt
        ? [
            'Reinstated by',
            html`${nameOf(reinstatedBy, names)}, !${timeTag(reinstatedAt)}: ${reinstatementReason}`,
          ]
        : undefined,
      ['Revocation', code(revocationId)],
    ])}
!${canReinstate ? html`<p class="admin-actions">!${buttonLink('Reinstate', `/revocations/${revocationId}/reinstatement`, { variant: 'outline' })}</p>` : ''}
!${effect(revocation)}
<h2>Orders about it</h2>
!${actTable(acts, names)}`,
  })
}

function actTable(acts: readonly Act[], names: Names): string {
  return table({
    caption: 'Orders',
    columns: ['Order', 'What', 'When', 'By', 'State'],
    rows: acts.map((act) => [
      html`<a href="/acts/${act.actId}">${operationText(act)}</a>`,
      targetOf(act),
      timeTag(act.askedAt),
      html`${nameOf(act.askedBy, names)}`,
      stateTag(act.state),
    ]),
    empty: 'None.',
  })
}

/** Asks why before access comes back. */
export function reinstatementPage(
  frame: Frame,
  given: { revocation: Revocation; needsApproval: boolean; values?: OrderForm; errors?: Errors },
): string {
  const { revocation, needsApproval, values, errors } = given
  const at = `/revocations/${revocation.revocationId}`
  const button = needsApproval ? 'Ask for approval' : 'Reinstate'
  return consolePage({
    frame,
    title: 'Reinstate',
    section: '/revocations',
    trail: [{ href: at, text: 'Revocation' }],
    errors,
    main: html`<h1>Reinstate: !${targetOf(revocation.target)}</h1>
<p>People can sign in again. What was ended stays ended.</p>
!${needsApproval ? html`<p>Another administrator with the role approver decides about it, within 24 hours.</p>` : ''}
!${form({ action: `${at}/reinstatement`, csrf: frame.csrf, body: html`!${orderFields(values, errors)}!${submitButton(button)}` })}`,
  })
}

export function approvalsPage(
  frame: Frame,
  given: {
    acts: readonly Act[]
    next?: string | undefined
    cursor?: string | undefined
    waitingOnly: boolean
    names: Names
    exports: string
  },
): string {
  const { acts, next, cursor, waitingOnly, names, exports } = given
  const other = waitingOnly
    ? html`<a href="/approvals?state=all">Show all, decided ones too</a>`
    : html`<a href="/approvals">Show only those that wait</a>`
  return consolePage({
    frame,
    title: 'Approvals',
    section: '/approvals',
    main: html`<h1>Approvals</h1>
<p>To revoke a company, a provider or everything, and to reinstate them, takes two: one asks, and within 24 hours another decides.
!${other}.</p>
!${actTable(acts, names)}
!${pager('/approvals', { state: waitingOnly ? undefined : 'all', cursor }, next)}!${exports}`,
  })
}
