// What was revoked, one by one, and the orders about it.

import { now } from '@gatehouse/clock/clock'
import type { Revocation, RevocationKind } from '@gatehouse/contracts/revocations'
import { buttonLink, form, select, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Act, Cause } from '../acts/act.ts'
import { disablementList } from '../console/disablement.ts'
import type { Labels } from '../console/labels.ts'
import { type Names, nameOf } from '../console/names.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, factList, pager, table, tag } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import { actTable } from './act-table.ts'
import { type Disablements, keepsDisabled } from './disablements.ts'
import { effect, inForce } from './effect.ts'
import { durationText } from './form-pages.ts'
import { KIND_NAMES, KINDS, targetFact, targetOf, targetTitle } from './words.ts'

export interface RevocationsFilter {
  kind?: RevocationKind | undefined
  value?: string | undefined
  standing?: 'true' | 'false' | undefined
  cursor?: string | undefined
}

export function revocationsPage(
  frame: Frame,
  given: {
    revocations: readonly (Revocation & { cause?: Cause })[]
    next?: string | undefined
    filter: RevocationsFilter
    names: Names
    labels: Labels
    /** Orders that are not done. */
    underWay: readonly Act[]
    exports: string
  },
): string {
  const { revocations, next, filter, names, labels, underWay, exports } = given
  return consolePage({
    frame,
    title: 'Revocations',
    section: '/revocations',
    main: html`<h1>Revocations</h1>
!${frame.may('revoke') ? html`<p class="admin-actions">!${buttonLink('Revoke access', '/revocations/new', { variant: 'secondary' })}</p>` : ''}
!${underWay.length > 0 ? html`<h2>Under way</h2>!${actTable(underWay, names, labels)}<h2>All revocations</h2>` : ''}
!${filterForm(filter)}
!${table({
      caption: 'Revocations',
      columns: ['What', 'When', 'By', 'How long', 'State'],
      rows: revocations.map((revocation) => [
        html`<a href="/revocations/${revocation.revocationId}">!${targetOf(revocation.target, labels)}</a>`,
        timeTag(revocation.instant ?? revocation.orderedAt),
        html`${nameOf(revocation.by, names)}`,
        durationText(lastingOf(revocation, revocation.cause)),
        stateOf(revocation, revocation.standing || isKept(revocation.cause), revocation.cause),
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
        { value: 'true', label: 'Access is kept ended at sign-in' },
        { value: 'false', label: 'Ended once, or reinstated' },
      ],
    })}!${submitButton('Show', { variant: 'outline' })}</div>
!${standing ? html`<p class="admin-quiet">User IDs and companies are kept disabled elsewhere: to sign-in each ended once.</p>` : ''}`,
  })
}

/** How long access stays ended: of User IDs and companies the order says it, as their owner keeps them disabled. */
function lastingOf(revocation: Revocation, cause: Cause | undefined): Pick<Cause, 'lasting' | 'endsAt'> {
  return cause?.disables ? cause : revocation
}

/** Whether the console has told the owner of a User ID or company to keep it disabled, and has not taken that back. */
function isKept(cause: Cause | undefined): boolean {
  const { disables = false, liftedAt, endsAt = Number.POSITIVE_INFINITY } = cause ?? {}
  return disables && liftedAt === undefined && endsAt > now()
}

function stateOf({ reinstatedAt, instant }: Revocation, standing: boolean, cause: Cause | undefined): string {
  if (instant === undefined) return tag('Under way', 'open')
  if (standing) return tag('Access is ended', 'bad')
  return tag((reinstatedAt ?? cause?.liftedAt) ? 'Reinstated' : 'Ended once', 'quiet')
}

export function revocationPage(
  frame: Frame,
  given: {
    revocation: Revocation
    cause?: Cause
    disablements?: Disablements
    acts: readonly Act[]
    names: Names
    labels: Labels
  },
): string {
  const { revocation, cause, disablements, acts, names, labels } = given
  const { revocationId, target, reinstatedAt, reinstatedBy = '', reinstatementReason = '' } = revocation
  const isDisabling = disablements?.rows ? keepsDisabled(cause, disablements) : isKept(cause)
  const standing = revocation.standing || isDisabling
  const canReinstate = standing && frame.may('reinstateRevocation')
  return consolePage({
    frame,
    title: `Revocation of ${targetTitle(target, labels)}`,
    section: '/revocations',
    main: html`<h1>Revocation of ${targetTitle(target, labels)}</h1>
!${revocation.instant === undefined ? '' : inForce(revocation, `/revocations/${revocationId}`)}
!${factList([
      ['State', stateOf(revocation, standing, cause)],
      ['What', targetFact(target, labels)],
      ['How long', durationText(lastingOf(revocation, cause))],
      ['Reason', html`${revocation.reason}`],
      revocation.ticket ? ['Ticket', html`${revocation.ticket}`] : undefined,
      ['By', html`${nameOf(revocation.by, names)}, !${timeTag(revocation.orderedAt)}`],
      reinstatedAt
        ? [
            'Reinstated by',
            html`${nameOf(reinstatedBy, names)}, !${timeTag(reinstatedAt)}: ${reinstatementReason}`,
          ]
        : undefined,
      ...disabledFact(disablements, names, acts),
      ['Revocation', code(revocationId)],
    ])}
!${canReinstate ? html`<p class="admin-actions">!${buttonLink('Reinstate', `/revocations/${revocationId}/reinstatement`, { variant: 'outline' })}</p>` : ''}
!${effect(revocation, labels)}
<h2>Orders about it</h2>
!${actTable(acts, names)}`,
  })
}

/** What keeps a User ID or company disabled at present, by this order or another. */
function disabledFact(
  disablements: Disablements | undefined,
  names: Names,
  acts: readonly Act[],
): [string, string][] {
  if (!disablements) return []
  const { rows } = disablements
  if (!rows) return [['Disabled', 'Its owner did not answer, so it cannot be said.']]
  return [['Disabled', rows.length > 0 ? disablementList(rows, names, acts) : 'Not at present.']]
}
