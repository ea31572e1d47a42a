// How kinds of revocations are told to administrators.

import type { RevocationKind, RevocationTarget } from '@gatehouse/contracts/revocations'
import { html } from 'ghtml'
import { type Labels, labelOf } from '../console/labels.ts'
import { code } from '../console/tables.ts'
import { einText } from '../user-ids/ein.ts'

export const KINDS: Record<RevocationKind, { name: string; value: string; hint: string }> = {
  session: { name: 'Session', value: 'Session', hint: 'one browser’s sign-in' },
  account: { name: 'Person', value: 'Account id', hint: 'all that one person has going on' },
  credential: {
    name: 'Credential',
    value: 'Provider and subject',
    hint: 'sign-ins with one credential, as login.gov:… ',
  },
  bso_user_id: { name: 'BSO User ID', value: 'User ID', hint: 'all that is done with one User ID' },
  ein: { name: 'Company', value: 'EIN', hint: 'all that is done for one employer' },
  client: { name: 'Relying service', value: 'Client id', hint: 'all tokens of one relying service' },
  provider: { name: 'Provider', value: 'Provider', hint: 'all sign-ins by way of one identity provider' },
  everything: { name: 'Everything', value: '', hint: 'every session and every token' },
}

export const KIND_NAMES = Object.keys(KINDS) as RevocationKind[]

/** `Person Maria Example` as HTML; `Person 0193…` of one whose name is not among the labels. */
export function targetOf(target: RevocationTarget, labels: Labels): string {
  const { kind, value } = target
  const { name } = KINDS[kind]
  const label = labelOf(target, labels)
  switch (kind) {
    case 'everything':
      return html`${name}`
    case 'bso_user_id':
      return html`${name} !${code(value)}!${label ? html` (${label})` : ''}`
    case 'ein':
      return html`!${label ? html`Company ${label}, ` : ''}<span class="admin-whole">EIN ${einText(value)}</span>`
    case 'session':
    case 'credential':
      return label ? html`${name} of ${label}` : html`${name} !${code(value)}`
    default:
      return html`${name} !${label ? html`${label}` : code(value)}`
  }
}

/** The same with its id, and the way to the page that shows it. */
export function targetFact(target: RevocationTarget, labels: Labels): string {
  const { kind, value } = target
  const hasId = kind === 'everything' || kind === 'bso_user_id' || kind === 'ein'
  const id = !hasId && labelOf(target, labels) ? html` !${code(value)}` : ''
  const place = placeOf(target)
  const show = place ? html` <a href="${place}">Show<span class="usa-sr-only"> what it names</span></a>` : ''
  return targetOf(target, labels) + id + show
}

/** For the title of a window. */
export function targetTitle(target: RevocationTarget, labels: Labels): string {
  const { kind, value } = target
  const label = labelOf(target, labels)
  switch (kind) {
    case 'everything':
      return 'everything'
    case 'bso_user_id':
      return value
    case 'ein':
      return label ?? einText(value)
    case 'session':
    case 'credential':
      return label ? `the ${kind} of ${label}` : value
    default:
      return label ?? value
  }
}

/** The page that shows what the target names, where there is one. */
function placeOf({ kind, value }: RevocationTarget): string | undefined {
  switch (kind) {
    case 'account':
      return `/people/${encodeURIComponent(value)}`
    case 'bso_user_id':
      return `/user-ids/${encodeURIComponent(value)}`
    case 'ein':
      return `/companies/${encodeURIComponent(value)}`
    case 'client':
      return `/relying-services/${encodeURIComponent(value)}`
    default:
      return undefined
  }
}

/** The form that revokes this, with what it asks for filled in. */
export function revokeAddress({ kind, value }: RevocationTarget): string {
  return `/revocations/new?${new URLSearchParams({ kind, value })}`
}
