import { html } from 'ghtml'
import type { Act } from '../acts/act.ts'
import type { Labels } from '../console/labels.ts'
import { type Names, nameOf } from '../console/names.ts'
import { table } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import { operationText, stateTag } from './act-words.ts'
import { targetOf } from './words.ts'

/** @param labels left out where all orders are about what the page is about */
export function actTable(acts: readonly Act[], names: Names, labels?: Labels): string {
  return table({
    caption: 'Orders',
    columns: ['Order', ...(labels ? ['What'] : []), 'When', 'By', 'State'],
    rows: acts.map((act) => [
      html`<a href="/acts/${act.actId}">${operationText(act)}</a>`,
      ...(labels ? [targetOf(act, labels)] : []),
      timeTag(act.askedAt),
      html`${nameOf(act.askedBy, names)}`,
      stateTag(act.state),
    ]),
    empty: 'None.',
  })
}
