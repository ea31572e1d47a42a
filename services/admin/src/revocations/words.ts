// How kinds of revocations are told to administrators.

import type { RevocationKind, RevocationTarget } from '@gatehouse/contracts/revocations'
import { html } from 'ghtml'
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

/** `Person 0193…` as HTML. */
export function targetOf({ kind, value }: RevocationTarget): string {
  if (kind === 'everything') return html`${KINDS.everything.name}`
  return html`${KINDS[kind].name} !${code(kind === 'ein' ? einText(value) : value)}`
}

/** The page that shows what the target names, where there is one. */
export function placeOf({ kind, value }: RevocationTarget): string | undefined {
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
