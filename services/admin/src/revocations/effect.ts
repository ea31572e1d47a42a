// What a revocation ended, and how many milliseconds it took at each gateway and relying service.

import type { GatewayEnforcement, Reach, Revocation } from '@gatehouse/contracts/revocations'
import { alert } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { code, table, tag } from '../console/tables.ts'
import { millisecondsText } from '../console/times.ts'

/**
 * In force on how many gateways.
 *
 * @param place the page itself, to look again while relying services have not answered
 */
export function inForce({ enforcement, reach }: Revocation, place: string): string {
  const all = enforcement.length
  const enforced = enforcement.filter(({ state }) => state === 'in-force').length
  const gateways = all === 1 ? 'gateway' : 'gateways'
  const heading =
    enforced === all
      ? `In force on ${enforced} of ${all} ${gateways}`
      : `In force on ${enforced} of ${all} ${gateways}; the others let nothing through`
  const isPending = reach.some(({ state }) => state === 'pending')
  const reload = isPending
    ? html`<p class="usa-alert__text">Some relying services have not answered yet.
<a class="usa-link" href="${place}">Reload this page</a> to see how it stands.</p>`
    : ''
  return alert({ kind: enforced === all ? 'success' : 'warning', heading, html: reload })
}

/** What a revocation ended, and how soon it was so where. */
export function effect({ ended, enforcement, reach }: Revocation): string {
  return html`<h2>What it ended</h2>
!${countList([
    [ended.sessions, 'session'],
    [ended.grants, 'grant'],
    [ended.refreshTokens, 'refresh token'],
  ])}
<h2>Gateways</h2>
!${table({
    caption: 'When each gateway enforced it',
    columns: ['Gateway', 'State', { text: 'Milliseconds', isNumber: true }],
    rows: enforcement.map(gatewayRow),
    empty: 'No gateway was connected: one that connects begins with all revocations that still matter.',
  })}
<h2>Relying services</h2>
!${table({
    caption: 'When each relying service heard of it',
    columns: ['Relying service', 'By way of', 'State', { text: 'Milliseconds', isNumber: true }],
    rows: reach.map(reachRow),
    empty: 'No relying service had to be told.',
  })}`
}

function gatewayRow({ gateway, name, state, milliseconds }: GatewayEnforcement): string[] {
  return [
    html`${name} <span class="admin-quiet">!${code(gateway.slice(0, 8))}</span>`,
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

function reachRow({ service, channel, state, milliseconds }: Reach): string[] {
  const [text, kind] = REACHED[state]
  return [code(service), CHANNELS[channel], tag(text, kind), millisecondsText(milliseconds)]
}

/** Large numbers, and what there is so many of. */
export function countList(counts: readonly [number, string, string?][]): string {
  return html`<ul class="admin-counts">!${counts.map(
    ([number, one, many = `${one}s`]) =>
      html`<li><strong>${number.toLocaleString('en-US')}</strong> ${number === 1 ? one : many}</li>`,
  )}</ul>`
}
