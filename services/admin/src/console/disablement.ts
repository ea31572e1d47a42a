import type { Disablement, DisablementOrder } from '@gatehouse/contracts/user-id-administration'
import { html } from 'ghtml'
import { type Names, nameOf } from './names.ts'
import { tag } from './tables.ts'
import { timeTag } from './times.ts'

/** In a table: whether something counts, and if not, since when and how long. */
export function standingOf(disabled: Disablement | undefined, byCompany?: Disablement): string {
  if (disabled) return html`!${tag('Disabled', 'bad')}!${until(disabled)}`
  return byCompany ? html`!${tag('Company disabled', 'bad')}!${until(byCompany)}` : tag('Enabled', 'good')
}

function until({ until: end }: Pick<Disablement, 'until'>): string {
  return end === undefined ? '' : html` until !${timeTag(end)}`
}

/**
 * The orders that keep something disabled, the one that ends last first.
 *
 * @param acts those of the console, of which an order may have come
 */
export function disablementList(
  orders: readonly DisablementOrder[],
  names: Names,
  acts: readonly { actId: string }[],
): string {
  const items = orders.map(({ order, at, by, reason, until: end }) => {
    const isAct = acts.some(({ actId }) => actId === order)
    const when = isAct ? html`<a class="usa-link" href="/acts/${order}">!${timeTag(at)}</a>` : timeTag(at)
    return html`!${when} by ${nameOf(by, names)}: ${reason}!${until({ until: end })}`
  })
  if (items.length === 1) return items.join('')
  return html`<ul class="usa-list">!${items.map((item) => html`<li>!${item}</li>`)}</ul>`
}
