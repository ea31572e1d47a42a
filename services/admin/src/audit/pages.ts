// What happened in all services, who did it and why; and whether anybody has changed the record.

import { alert, form, select, submitButton, textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Errors } from '../console/order-fields.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, pager, table, tag } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import type { EventOfService } from './trail.ts'

export interface AuditForm {
  service?: string | undefined
  event?: string | undefined
  actor?: string | undefined
  subject?: string | undefined
  outcome?: string | undefined
  text?: string | undefined
  /** Days in Eastern Time. */
  from?: string | undefined
  to?: string | undefined
  cursor?: string | undefined
}

export interface AuditFound {
  values: AuditForm
  /** A name is looked for by a post: it stands in no address. */
  who?: string
  services: readonly string[]
  events: readonly EventOfService[]
  unavailable?: readonly string[]
  next?: string | undefined
  /** Several people have the name. */
  matches?: readonly { id: string; name: string; is: string }[]
  errors?: Errors
  exports: string
}

export function auditPage(frame: Frame, found: AuditFound): string {
  const { values, who, services, events, unavailable = [], next, matches = [], errors = {}, exports } = found
  return consolePage({
    frame,
    title: 'Audit',
    section: '/audit',
    errors,
    main: html`<h1>Audit</h1>
!${whoForm(frame, who, errors)}
!${filterForm(values, services, errors)}
!${unavailable.length > 0 ? html`<p>!${tag('Incomplete', 'bad')} ${unavailable.join(', ')} did not answer.</p>` : ''}
!${matches.length > 0 ? matchList(matches) : html`<h2>${who ? 'Found' : 'Newest first'}</h2>!${eventTable(events)}`}
!${who === undefined ? pager('/audit', { ...values }, next) : whoNext(frame, who, next)}!${exports}
<h2>Has anybody changed it?</h2>
<p>Each entry is bound to the one before it. Every service checks its own trail from the first entry on.</p>
!${form({ action: '/audit/verification', csrf: frame.csrf, label: 'Verify', body: submitButton('Verify all trails', { variant: 'outline' }) })}`,
  })
}

function whoForm(frame: Frame, who: string | undefined, errors: Errors): string {
  return form({
    action: '/audit',
    csrf: frame.csrf,
    width: 'full',
    label: 'Find by name',
    autocomplete: 'off',
    body: html`<div class="admin-search">!${textField({
      name: 'who',
      label: 'Name or email of a person or an administrator',
      type: 'search',
      value: who ?? '',
      ...(errors.who ? { error: errors.who } : {}),
      maxlength: 200,
    })}!${submitButton('Find by name')}</div>`,
  })
}

function whoNext(frame: Frame, who: string, next: string | undefined): string {
  if (!next) return ''
  return form({
    action: '/audit',
    csrf: frame.csrf,
    label: 'Next page',
    body: html`<input type="hidden" name="who" value="${who}"><input type="hidden" name="cursor" value="${next}">!${submitButton('Next page', { variant: 'outline' })}`,
  })
}

function filterForm(values: AuditForm, services: readonly string[], errors: Errors): string {
  const field = (name: keyof AuditForm, label: string, type: 'search' | 'date' = 'search') =>
    textField({
      name,
      label,
      type,
      value: values[name] ?? '',
      ...(errors[name] ? { error: errors[name] } : {}),
    })
  const isOpen = Object.entries(values).some(([name, value]) => name !== 'cursor' && value)
  return html`<details!${isOpen ? ' open' : ''}><summary>Filter</summary>
!${form({
    action: '/audit',
    method: 'get',
    width: 'full',
    label: 'Filter',
    body: html`<div class="admin-search">!${select({
      name: 'service',
      label: 'Service',
      value: values.service ?? '',
      options: [{ value: '', label: 'All' }, ...services.map((name) => ({ value: name, label: name }))],
    })}!${select({
      name: 'outcome',
      label: 'Outcome',
      value: values.outcome ?? '',
      options: [
        { value: '', label: 'All' },
        { value: 'success', label: 'Success' },
        { value: 'refusal', label: 'Refusal' },
      ],
    })}!${field('event', 'Event, such as revocation.*')}!${field('text', 'Any id or word')}
!${field('actor', 'Who did it (id)')}!${field('subject', 'To what (id)')}
!${field('from', 'From this day', 'date')}!${field('to', 'To this day', 'date')}!${submitButton('Show', { variant: 'outline' })}</div>`,
  })}</details>`
}

function matchList(matches: NonNullable<AuditFound['matches']>): string {
  return html`<h2>Several have this name</h2><ul>!${matches.map(
    ({ id, name, is }) =>
      html`<li><a href="/audit?text=${encodeURIComponent(id)}">${name}</a>, ${is} !${code(id)}</li>`,
  )}</ul>`
}

function eventTable(events: readonly EventOfService[]): string {
  return table({
    caption: 'Audit events',
    isFixed: true,
    columns: ['When', 'What', 'Who', 'To what', 'Why and how'],
    rows: events.map((event) => [
      html`!${timeTag(event.occurredAt)}<br><span class="admin-quiet">${event.service} ${event.sequence}</span>`,
      html`${event.event} !${event.outcome === 'refusal' ? tag('Refused', 'bad') : ''}`,
      html`!${event.actorName ? html`${event.actorName}<br>` : ''}!${event.actor ? code(event.actor) : '–'}!${event.from ? html`<br><span class="admin-quiet">from ${event.from}</span>` : ''}`,
      event.subject ? code(event.subject) : '–',
      detailsOf(event),
    ]),
    empty: 'Nothing.',
  })
}

function detailsOf({ reason, details, before, after, requestId }: EventOfService): string {
  const facts = (label: string, values: Record<string, unknown> | undefined) => {
    const entries = Object.entries(values ?? {})
    if (entries.length === 0) return ''
    const text = entries.map(([name, value]) => `${name}: ${plain(value)}`).join('; ')
    return html`<div>!${label ? html`<span class="admin-quiet">${label}</span> ` : ''}${text}</div>`
  }
  return html`!${reason ? html`<div>“${reason}”</div>` : ''}!${facts('', details)}!${facts('before', before)}!${facts('after', after)}!${requestId ? html`<div class="admin-quiet">request !${code(requestId)}</div>` : ''}`
}

const plain = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))

export interface ShownTrail {
  service: string
  available: boolean
  entries?: number | undefined
  intact?: boolean | undefined
  firstBroken?: { sequence: number; problem: string } | undefined
}

export function verificationPage(frame: Frame, trails: readonly ShownTrail[]): string {
  const broken = trails.filter(({ intact }) => intact === false)
  const silent = trails.filter(({ available }) => !available)
  const said =
    broken.length > 0
      ? alert({
          kind: 'error',
          heading: 'A trail was changed',
          body: broken.map(({ service }) => service).join(', '),
        })
      : silent.length > 0
        ? alert({ kind: 'warning', heading: 'Not every service answered' })
        : alert({ kind: 'success', heading: 'No trail was changed' })
  return consolePage({
    frame,
    title: 'Verification',
    section: '/audit',
    main: html`<h1>Verification of the audit trails</h1>!${said}
!${table({
      caption: 'Audit trails',
      columns: ['Service', { text: 'Entries checked', isNumber: true }, 'State', 'First broken entry'],
      rows: trails.map(({ service, available, entries, intact, firstBroken }) => [
        html`${service}`,
        entries === undefined ? '–' : entries.toLocaleString('en-US'),
        available ? (intact ? tag('Intact', 'good') : tag('Changed', 'bad')) : tag('Did not answer', 'open'),
        firstBroken ? html`${firstBroken.sequence} (${firstBroken.problem})` : '–',
      ]),
      empty: 'None.',
    })}`,
  })
}
