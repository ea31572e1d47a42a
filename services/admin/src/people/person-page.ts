// One person: every part of what goes on, as far as its owner answers.

import { buttonLink } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Labels } from '../console/labels.ts'
import { type Names, nameOf } from '../console/names.ts'
import { consolePage, type Frame } from '../console/site.ts'
import { code, factList, table, tag } from '../console/tables.ts'
import { timeTag } from '../console/times.ts'
import { clientName } from '../revocations/effect.ts'
import { durationText } from '../revocations/form-pages.ts'
import { revokeAddress, targetOf } from '../revocations/words.ts'
import { userIdTable } from '../user-ids/pages.ts'
import type { WholePerson } from './person.ts'

type Person = WholePerson['person']

export function personPage(frame: Frame, whole: WholePerson, names: Names, labels: Labels): string {
  const { person } = whole
  const { accountId, givenName, familyName, email, createdAt } = person
  const name = [givenName, familyName].filter(Boolean).join(' ') || 'Person without a name'
  const ssns = [...new Set(person.credentials.flatMap(({ maskedSsn }) => maskedSsn ?? []))]
  return consolePage({
    frame,
    title: name,
    section: '/people',
    main: html`<h1>${name}</h1>
!${standing(whole, names, labels)}
!${factList([
      ['Email', html`${email ?? 'unknown'}`],
      ['SSN', html`${ssns.join(', ') || 'none proofed'}`],
      ['Known since', timeTag(createdAt)],
      ['Account', code(accountId)],
    ])}
!${revokeButton(frame, { kind: 'account', value: accountId }, 'Revoke all of this person’s access')}
<h2>Sessions</h2>!${sessions(frame, person, labels)}
<h2>Credentials</h2>!${credentials(frame, person)}!${phones(whole.phones)}
<h2>BSO User IDs</h2>!${partOf(whole.userIds, (rows) => userIdTable(rows))}
<h2>Grants</h2>!${grants(person, labels)}
<h2>Attestations</h2>!${partOf(whole.attestations, attestations)}
<h2>Codes sent</h2>!${partOf(whole.codes, codes)}
<h2>Letters</h2>!${partOf(whole.letters, letters)}
<h2>Recent verifications</h2>!${partOf(whole.verifications, (rows) => verifications(rows, labels))}
<p class="admin-actions"><a href="/audit?text=${encodeURIComponent(accountId)}">What the audit trails say</a></p>`,
  })
}

type PartOf<Row> = { rows?: Row[]; more: boolean; unavailable: string[] }

/** What did not answer is said: an empty list would say that there is nothing. */
function partOf<Row>({ rows, more, unavailable }: PartOf<Row>, show: (rows: Row[]) => string): string {
  const silent =
    unavailable.length > 0
      ? html`<p>!${tag('Incomplete', 'bad')} ${unavailable.join(', ')} did not answer.</p>`
      : ''
  const rest = more ? html`<p class="admin-quiet">There are more; these are the newest.</p>` : ''
  return `${silent}${rows ? show(rows) : ''}${rest}`
}

function standing({ revocations }: WholePerson, names: Names, labels: Labels): string {
  const rows = revocations.rows ?? []
  if (rows.length === 0) return partOf(revocations, () => '')
  return partOf(
    revocations,
    () => html`<div class="usa-alert usa-alert--warning" role="status"><div class="usa-alert__body">
<h2 class="usa-alert__heading">Access is ended</h2><ul class="usa-list">!${rows.map(
      (one) =>
        html`<li><a class="usa-link" href="/revocations/${one.revocationId}">!${targetOf(one.target, labels)}</a>, !${durationText(one)}, by ${nameOf(one.by, names)}</li>`,
    )}</ul></div></div>`,
  )
}

function revokeButton(frame: Frame, target: Parameters<typeof revokeAddress>[0], text: string): string {
  if (!frame.may('revoke')) return ''
  return html`<p class="admin-actions">!${buttonLink(text, revokeAddress(target), { variant: 'secondary' })}</p>`
}

function revokeLink(frame: Frame, target: Parameters<typeof revokeAddress>[0], what: string): string {
  if (!frame.may('revoke')) return '–'
  return html`<a href="${revokeAddress(target)}">Revoke<span class="usa-sr-only"> ${what}</span></a>`
}

function sessions(frame: Frame, { sessions: all }: Person, labels: Labels): string {
  return table({
    caption: 'Sessions',
    columns: ['Provider', 'Factor', 'Device', 'Signed in', 'Last use', 'Services', 'End'],
    rows: all.map(({ sid, idp, amr, device, startedAt, lastUsedAt, clients }) => [
      html`${idp}`,
      html`${amr.join(', ') || '–'}`,
      html`${device ?? 'unknown'}`,
      timeTag(startedAt),
      timeTag(lastUsedAt),
      clients.map((client) => clientName(client, labels)).join(', ') || '–',
      revokeLink(frame, { kind: 'session', value: sid }, `the session by ${idp}`),
    ]),
    empty: 'Not signed in.',
  })
}

function credentials(frame: Frame, { credentials: all }: Person): string {
  return table({
    caption: 'Credentials',
    columns: ['Provider', 'Subject', 'Last level', 'Last factor', 'Proofed', 'Last use', 'End'],
    rows: all.map(({ idp, subject, acr, amr, proofedAt, lastUsedAt }) => [
      html`${idp}`,
      code(subject),
      acr ? code(acr) : '–',
      html`${amr.join(', ') || '–'}`,
      proofedAt ? timeTag(proofedAt) : 'no',
      timeTag(lastUsedAt),
      revokeLink(frame, { kind: 'credential', value: `${idp}:${subject}` }, `the credential at ${idp}`),
    ]),
    empty: 'None.',
  })
}

function phones(part: WholePerson['phones']): string {
  return partOf(part, (rows) => {
    const known = rows.filter(({ phoneNumberEndings }) => phoneNumberEndings.length > 0)
    if (known.length === 0) return ''
    const items = known.map(
      ({ idp, phoneNumberEndings }) => html`<li>${idp}: ending ${phoneNumberEndings.join(', ')}</li>`,
    )
    return html`<p>Phones that get codes:</p><ul>!${items}</ul>`
  })
}

function grants({ grants: all }: Person, labels: Labels): string {
  return table({
    caption: 'Grants',
    columns: ['Relying service', 'User ID', 'Granted', 'Scopes', 'Tokens for'],
    rows: all.map(({ clientId, bsoUserId, grantedAt, scopes, resources }) => [
      html`<a href="/relying-services/${clientId}">!${clientName(clientId, labels)}</a>`,
      bsoUserId ? html`<a href="/user-ids/${bsoUserId}">${bsoUserId}</a>` : '–',
      timeTag(grantedAt),
      html`${scopes.join(' ') || '–'}`,
      resources.map((resource) => code(resource)).join(', ') || '–',
    ]),
    empty: 'None.',
  })
}

const attestations = (rows: NonNullable<WholePerson['attestations']['rows']>) =>
  table({
    caption: 'Attestations',
    columns: ['Version', 'When', 'Attestation'],
    rows: rows.map(({ version, attestedAt, attestationId }) => [
      html`<a href="/terms/${version}">${version}</a>`,
      timeTag(attestedAt),
      code(attestationId),
    ]),
    empty: 'None.',
  })

const codes = (rows: NonNullable<WholePerson['codes']['rows']>) =>
  table({
    caption: 'Codes sent',
    columns: [
      'When',
      'By',
      'What for',
      'How',
      'Phone ending',
      { text: 'Times sent', isNumber: true },
      'Delivery',
    ],
    rows: rows.map(({ requestedAt, caller, purpose, channel, phoneNumberEnding, sends, delivery }) => [
      timeTag(requestedAt),
      html`${caller}`,
      html`${purpose}`,
      html`${channel ?? '–'}`,
      html`${phoneNumberEnding}`,
      String(sends),
      html`${delivery ?? '–'}`,
    ]),
    empty: 'None in the last 90 days.',
  })

const letters = (rows: NonNullable<WholePerson['letters']['rows']>) =>
  table({
    caption: 'Letters',
    columns: ['Requested', 'What', 'State', 'Last day', 'Letter'],
    rows: rows.map(({ letterId, kind, state, expiresOn, at }) => [
      at.requested ? timeTag(at.requested) : '–',
      html`${kind.replaceAll('-', ' ')}`,
      html`${state}`,
      html`${expiresOn ?? '–'}`,
      code(letterId),
    ]),
    empty: 'None.',
  })

const verifications = (rows: NonNullable<WholePerson['verifications']['rows']>, labels: Labels) =>
  table({
    caption: 'Recent verifications',
    columns: ['When', 'User ID', 'By way of', 'SSN verified', 'Result', 'Request'],
    rows: rows.map(({ requestedAt, bsoUserId, clientId, maskedSsn, result, requestId }) => [
      timeTag(requestedAt),
      html`${bsoUserId}`,
      clientName(clientId, labels),
      html`${maskedSsn}`,
      html`${result}`,
      code(requestId),
    ]),
    empty: 'None.',
  })
