// What a revocation ended, and how many milliseconds it took at each gateway and relying service.

import type {
  GatewayEnforcement,
  Reach,
  Revocation,
  RevocationTarget,
} from '@gatehouse/contracts/revocations'
import { alert } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Labels, labelOf } from '../console/labels.ts'
import { code, count, table, tag } from '../console/tables.ts'
import { millisecondsText } from '../console/times.ts'
import { consoleHost } from './console-name.ts'

/**
 * In force on how many gateways, and at the console, which holds its own sessions against the same rules.
 *
 * @param place the page itself, to look again while relying services have not answered
 */
export function inForce({ enforcement, reach }: Revocation, place: string): string {
  const isEverywhere = enforcement.every(isInForce)
  const { gateways, consoles } = apart(enforcement)
  const parts = [
    `In force on ${gateways.filter(isInForce).length} of ${count(gateways.length, 'gateway', 'gateways')}`,
    consoles.length === 0 || !consoles.every(isInForce)
      ? ''
      : consoles.length === 1
        ? ' and at the console'
        : ` and at all ${consoles.length} consoles`,
    isEverywhere ? '' : '; where it is not, nothing is let through',
  ]
  const isPending = reach.some(({ state }) => state === 'pending')
  const reload = isPending
    ? html`<p class="usa-alert__text">Some relying services have not answered yet.
<a class="usa-link" href="${place}">Reload this page</a> to see how it stands.</p>`
    : ''
  return alert({ kind: isEverywhere ? 'success' : 'warning', heading: parts.join(''), html: reload })
}

const isInForce = ({ state }: GatewayEnforcement) => state === 'in-force'

function apart(enforcement: readonly GatewayEnforcement[]) {
  const isConsole = ({ name }: GatewayEnforcement) => consoleHost(name) !== undefined
  return {
    gateways: enforcement.filter((one) => !isConsole(one)),
    consoles: enforcement.filter(isConsole),
  }
}

/** What a revocation ended, and how soon it was so where. */
export function effect({ ended, enforcement, reach }: Revocation, labels: Labels): string {
  const { gateways, consoles } = apart(enforcement)
  return html`<h2>What it ended</h2>
!${countList([
    [ended.sessions, 'session'],
    [ended.grants, 'grant'],
    [ended.refreshTokens, 'refresh token'],
  ])}
<h2>Gateways and the console</h2>
!${table({
    caption: 'When each gateway and the console enforced it',
    columns: ['Where', 'State', { text: 'Milliseconds', isNumber: true }],
    rows: [...gateways, ...consoles].map(placeRow),
    empty: 'Nobody was connected: a gateway that connects begins with all revocations that still matter.',
  })}
<h2>Relying services</h2>
!${table({
    caption: 'When each relying service heard of it',
    columns: ['Relying service', 'By way of', 'State', { text: 'Milliseconds', isNumber: true }],
    rows: reach.map((one) => reachRow(one, labels)),
    empty: 'No relying service had to be told.',
  })}`
}

function placeRow({ gateway, name, state, milliseconds }: GatewayEnforcement): string[] {
  const host = consoleHost(name)
  return [
    html`${host === undefined ? `Gateway ${name}` : `Console ${host}`} <span class="admin-quiet">!${code(gateway.slice(0, 8))}</span>`,
    state === 'in-force' ? tag('In force', 'good') : tag('Not confirmed: lets nothing through', 'bad'),
    millisecondsText(milliseconds),
  ]
}

const CHANNELS = {
  'back-channel-logout': 'Back-channel logout',
  push: 'Shared Signals, push',
  poll: 'Shared Signals, poll',
}
const REACHED = {
  pending: ['Not yet', 'open'],
  reached: ['Reached', 'good'],
  failed: ['Not reached', 'bad'],
} as const

function reachRow({ service, channel, state, milliseconds }: Reach, labels: Labels): string[] {
  const [text, kind] = REACHED[state]
  return [clientName(service, labels), CHANNELS[channel], tag(text, kind), millisecondsText(milliseconds)]
}

/** The relying services that heard of it, for their names. */
export function clientsOf(revocation: Revocation | undefined): RevocationTarget[] {
  return (revocation?.reach ?? []).map(({ service }) => ({ kind: 'client', value: service }))
}

/** A relying service by its name. */
export function clientName(clientId: string, labels: Labels): string {
  const name = labelOf({ kind: 'client', value: clientId }, labels)
  return name === undefined ? code(clientId) : html`${name}`
}

/** Large numbers, and what there is so many of. */
export function countList(counts: readonly [number, string, string?][]): string {
  return html`<ul class="admin-counts">!${counts.map(
    ([number, one, many = `${one}s`]) =>
      html`<li><strong>${number.toLocaleString('en-US')}</strong> ${number === 1 ? one : many}</li>`,
  )}</ul>`
}
