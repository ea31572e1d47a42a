import type { Disablement } from '@gatehouse/contracts/bso-user-ids'
import { html } from 'ghtml'
import { tag } from './tables.ts'
import { timeTag } from './times.ts'

/** In a table: whether something counts, and if not, since when and how long. */
export function standingOf(disabled: Disablement | undefined, byCompany?: Disablement): string {
  if (disabled) return html`!${tag('Disabled', 'bad')}!${until(disabled)}`
  return byCompany ? html`!${tag('Company disabled', 'bad')}!${until(byCompany)}` : tag('Enabled', 'good')
}

function until({ until: end }: Disablement): string {
  return end === undefined ? '' : html` until !${timeTag(end)}`
}

/** All that is known about it. */
export function disablementText({ at, reason, ...rest }: Disablement, by: string): string {
  return html`!${timeTag(at)} by ${by}: ${reason}!${until({ at, reason, ...rest })}`
}
