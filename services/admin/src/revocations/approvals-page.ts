// What one administrator asked for and another decides about.

import { html } from 'ghtml'
import type { Act } from '../acts/act.ts'
import type { Labels } from '../console/labels.ts'
import type { Names } from '../console/names.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { pager } from '../console/tables.ts'
import { actTable } from './act-table.ts'

export function approvalsPage(
  frame: Frame,
  given: {
    acts: readonly Act[]
    next?: string | undefined
    cursor?: string | undefined
    waitingOnly: boolean
    names: Names
    labels: Labels
    exports: string
  },
): string {
  const { acts, next, cursor, waitingOnly, names, labels, exports } = given
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
!${actTable(acts, names, labels)}
!${pager('/approvals', { state: waitingOnly ? undefined : 'all', cursor }, next)}!${exports}`,
  })
}
