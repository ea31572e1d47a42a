// One act: what was ordered, how far it has come, and at each gateway and relying service how long it took.

import type { Revocation } from '@gatehouse/contracts/revocations'
import { alert, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Act, Step } from '../acts/act.ts'
import { disablementList } from '../console/disablement.ts'
import type { Labels } from '../console/labels.ts'
import { type Names, nameOf } from '../console/names.ts'
import { type Errors, type OrderForm, orderFields } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, factList, table, tag } from '../console/tables.ts'
import { millisecondsText, timeTag } from '../console/times.ts'
import { failureText, operationText, stateTag, stepTag, stepText } from './act-words.ts'
import { type Disablements, keepsDisabled } from './disablements.ts'
import { effect, inForce } from './effect.ts'
import { durationText } from './form-pages.ts'
import { targetFact, targetTitle } from './words.ts'

export interface ShownAct {
  act: Act
  /** As sign-in has it; undefined before there is one, or while sign-in does not answer. */
  revocation?: Revocation | undefined
  /** Of a User ID or company: what keeps it disabled at present. */
  disablements?: Disablements | undefined
  /** Other orders about it, of which one may have disabled it. */
  acts: readonly Act[]
  names: Names
  labels: Labels
}

export function actPage(frame: Frame, shown: ShownAct, sent: Sent = {}): string {
  const { act, revocation, labels } = shown
  const title = `${operationText(act)} of ${targetTitle(act, labels)}`
  return consolePage({
    frame,
    title,
    section: act.state === 'awaiting-approval' ? '/approvals' : '/revocations',
    errors: sent.errors,
    main: html`<h1>${title}</h1>
!${outcome(shown)}!${stillDisabled(shown)}
!${factList(orderFacts(shown))}
!${act.operation === 'revoke' && revocation ? effect(revocation, labels) : ''}
<h2>Steps</h2>
!${stepTable(act.steps)}
!${waysOn(frame, shown, sent)}`,
  })
}

function outcome({ act, revocation }: ShownAct): string {
  switch (act.state) {
    case 'failed':
      return alert({ kind: 'error', heading: 'Not done', body: failureText(act.failure ?? '') })
    case 'under-way':
      return alert({
        kind: 'warning',
        heading: 'Under way',
        html: html`<p class="usa-alert__text">Not all steps are done. They are tried again until they are.
<a class="usa-link" href="/acts/${act.actId}">Reload this page</a> to see how it stands.</p>`,
      })
    case 'done':
      return act.operation === 'revoke' && revocation
        ? inForce(revocation, `/acts/${act.actId}`)
        : alert({ kind: 'success', heading: 'Done' })
    default:
      return ''
  }
}

/** What was given back may stay ended by somebody else’s order. */
function stillDisabled({ act, disablements, acts, names }: ShownAct): string {
  const rows = disablements?.rows ?? []
  if (act.operation !== 'reinstate' || act.state !== 'done' || rows.length === 0) return ''
  return alert({
    kind: 'warning',
    heading: 'It is still disabled',
    html: html`<p class="usa-alert__text">Not by the order that this took back, but by:</p><div class="usa-alert__text">!${disablementList(rows, names, acts)}</div>`,
  })
}

function orderFacts(shown: ShownAct): ([string, string] | undefined)[] {
  const { act, revocation, disablements, names, labels } = shown
  const standing =
    revocation?.standing || keepsDisabled(act, disablements) ? html` !${tag('Access is ended', 'bad')}` : ''
  return [
    ['State', html`!${stateTag(act.state)}!${standing}`],
    ['What', targetFact(act, labels)],
    act.operation === 'revoke' ? ['How long', durationText(act)] : undefined,
    ['Reason', html`${act.reason}`],
    act.ticket ? ['Ticket', html`${act.ticket}`] : undefined,
    ['By', html`${nameOf(act.askedBy, names)}, !${timeTag(act.askedAt)}`],
    act.decideBy && act.state === 'awaiting-approval'
      ? ['To be decided by', timeTag(act.decideBy)]
      : undefined,
    act.decidedBy && act.decidedAt
      ? [
          act.state === 'refused' ? 'Refused by' : act.state === 'withdrawn' ? 'Withdrawn by' : 'Approved by',
          html`${nameOf(act.decidedBy, names)}, !${timeTag(act.decidedAt)}!${act.decisionReason ? html`: ${act.decisionReason}` : ''}`,
        ]
      : undefined,
    act.doneAt ? ['Done', timeTag(act.doneAt)] : undefined,
    act.revocationId
      ? ['Revocation', html`<a href="/revocations/${act.revocationId}">!${code(act.revocationId)}</a>`]
      : undefined,
    act.lifts
      ? ['Takes back', html`<a href="/acts/${act.lifts}">the order !${code(act.lifts)}</a>`]
      : undefined,
    ['Order', code(act.actId)],
  ]
}

function stepTable(steps: Step[]): string {
  return table({
    caption: 'Steps',
    columns: ['Step', 'State', 'When', { text: 'Milliseconds', isNumber: true }],
    rows: steps.map((step) => [
      stepText(step),
      html`!${stepTag(step)}!${step.because ? html` ${failureText(step.because)}` : ''}`,
      step.at ? timeTag(step.at) : '–',
      millisecondsText(step.milliseconds),
    ]),
    empty: 'None.',
  })
}

/** Decide, withdraw, try again: each asks why. */
function waysOn(frame: Frame, { act }: ShownAct, sent: Sent): string {
  const isOwn = act.askedBy === frame.actor.administratorId
  const ways =
    act.state === 'awaiting-approval'
      ? isOwn
        ? [way('withdraw', 'Withdraw the request', 'outline')]
        : [way('approve', 'Approve and carry out', 'secondary'), way('refuse', 'Refuse', 'outline')]
      : act.state === 'under-way'
        ? [way('retryAct', 'Try again now', 'outline')]
        : []
  const allowed = ways.filter(({ operationId }) => frame.may(operationId))
  if (allowed.length === 0) return ''
  return html`<h2>${allowed.length > 1 ? 'Decide' : allowed[0]?.text}</h2>
!${form({
    action: `/acts/${act.actId}`,
    csrf: frame.csrf,
    label: 'Decide',
    body: html`!${orderFields(sent.values, sent.errors, { ticket: false })}
<div class="admin-actions">!${allowed.map(({ operationId, text, variant }) => submitButton(text, { name: 'decision', value: operationId, variant }))}</div>`,
  })}`
}

const way = (operationId: Decision, text: string, variant: 'outline' | 'secondary') => ({
  operationId,
  text,
  variant,
})

/** The operations that a page of an order offers. */
export type Decision = 'approve' | 'refuse' | 'withdraw' | 'retryAct'

interface Sent {
  values?: OrderForm
  errors?: Errors
}
