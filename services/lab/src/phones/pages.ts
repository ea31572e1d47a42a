import { csrfField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Approval } from '../approvals/approvals.ts'
import { approvalItem } from '../approvals/pages.ts'
import type { Personas } from '../personas/personas.ts'
import { FAULTS, nationalFormat } from '../phone-numbers.ts'
import { labPage, timeTag } from '../site.ts'
import { codeIn } from './codes.ts'
import type { Message, TranscriptLine } from './messages.ts'

interface PhonesPage {
  messages: Message[]
  approvals: Approval[]
  personas: Personas
  csrf: string
}

const phonePath = (number: string) => `/phones/${number}`
const isOpen = (status: string) => status === 'in-progress'
const hasFailed = (status: string) => ['undelivered', 'failed', 'busy', 'no-answer'].includes(status)

function statusTag({ status, errorCode }: Message): string {
  const kind = hasFailed(status) ? 'failed' : ['delivered', 'completed'].includes(status) ? 'done' : 'open'
  return html`<span class="lab-status lab-status--!${kind}">${status}${errorCode === null ? '' : ` (${errorCode})`}</span>`
}

function codeBlock(message: Message): string {
  if (hasFailed(message.status)) return '<p class="lab-quiet">This never reached the phone.</p>'
  const code = codeIn(message)
  if (!code) return ''
  return html`<p class="lab-digits"><span class="usa-sr-only">Code </span><strong>${code}</strong>
<button class="lab-copy" type="button" data-copy="${code}" aria-label="Copy the code ${code}">Copy</button></p>`
}

const LINE_WORDS: Record<TranscriptLine['kind'], string> = {
  said: '',
  paused: 'Pause',
  tones: 'Tones',
  waiting: 'Waiting',
  pressed: 'You pressed',
  ended: '',
  trouble: 'Trouble:',
}

function transcriptOf(message: Message): string {
  if (message.transcript.length === 0) return ''
  const lines = message.transcript.map(({ kind, text }) => {
    const digit = kind === 'said' && /^\d$/.test(text) ? ' lab-line--digit' : ''
    return html`<li class="lab-line lab-line--!${kind}!${digit}">${`${LINE_WORDS[kind]} ${text}`.trim()}</li>`
  })
  return html`<ol class="lab-transcript" aria-label="What was said">!${lines}</ol>`
}

function keypad({ id, to, status }: Message, csrf: string): string {
  if (!isOpen(status)) return ''
  const keys = [...'123456789*0#'].map(
    (key) => html`<button class="lab-key" type="submit" name="keys" value="${key}">${key}</button>`,
  )
  return html`<form class="lab-keypad" action="${phonePath(to)}/calls/${id}/keys" method="post" aria-label="Keypad">
!${csrfField(csrf)}!${keys}</form>`
}

/** Whose phone it is, as text and as it stands in an item. */
function recipient(to: string, personas: Personas, linked: boolean): { name: string; who: string } {
  const number = nationalFormat(to)
  const names = personas.namesAt(to).join(', ')
  const phone = linked ? html`<a href="${phonePath(to)}">${number}</a>` : html`${number}`
  return { name: names || number, who: html`<strong>!${phone}</strong>${names ? ` · ${names}` : ''}` }
}

function messageItem(message: Message, { personas, csrf }: PhonesPage, linked: boolean): string {
  const { id, channel, to, from, body, status, createdAt, updatedAt, transcript } = message
  const { name, who } = recipient(to, personas, linked)
  const kind = channel === 'text' ? 'Text' : 'Call'
  return html`<li class="lab-message" id="m-${id}" data-version="${updatedAt} ${status} ${transcript.length}"
 data-news="${kind} to ${name}">
<article aria-label="${kind} to ${name}">
<p class="lab-message__head"><span class="lab-tag lab-tag--!${channel}">${kind}</span>!${statusTag(message)}
<span class="lab-message__when">!${timeTag(createdAt)}</span></p>
<p class="lab-message__who">To !${who} <span class="lab-quiet">from ${nationalFormat(from)}</span></p>
!${codeBlock(message)}
!${channel === 'text' ? html`<p class="lab-bubble">${body}</p>` : transcriptOf(message)}
!${keypad(message, csrf)}
</article></li>`
}

function feed(page: PhonesPage, { number, empty }: { number?: string; empty: string }): string {
  const isLinked = number === undefined
  const items = [
    ...page.messages.map((message) => ({
      sequence: message.sequence,
      item: messageItem(message, page, isLinked),
    })),
    ...page.approvals.map((approval) => ({
      sequence: approval.sequence,
      item: approvalItem(approval, {
        recipient: recipient(approval.phoneNumber, page.personas, isLinked),
        csrf: page.csrf,
      }),
    })),
  ]
    .sort((one, other) => other.sequence - one.sequence)
    .map(({ item }) => item)
  const events = `/phones/events${number ? `?number=${encodeURIComponent(number)}` : ''}`
  return html`<p class="lab-live" role="status" data-live-status><noscript><a href="">Reload</a> to see what is new.</noscript></p>
<ol class="lab-feed" data-live="${events}">!${items}</ol>
<p class="lab-empty">${empty}</p>`
}

function faultTable(): string {
  const rows = Object.entries(FAULTS).map(
    ([ending, { text, call }]) =>
      html`<tr><th scope="row">555-${ending}</th><td>${text}</td><td>${call}</td></tr>`,
  )
  return html`<details class="lab-details"><summary>Numbers where something goes wrong</summary>
<p>In any area code. All other numbers from 555-0100 to 555-0199 work; no number outside that range exists here (21211). A
sender that ends in 555-0196 does not belong to the account (21606, 21210).</p>
<table class="usa-table usa-table--borderless usa-table--compact lab-faults">
<thead><tr><th scope="col">Number</th><th scope="col">Text</th><th scope="col">Call</th></tr></thead>
<tbody>!${rows}</tbody></table></details>`
}

const SCRIPTS = ['copy.js', 'live.js']

/** All phones: what came, newest first. `numbers` are those that ever got anything. */
export function phonesPage(page: PhonesPage & { numbers: string[] }): string {
  const known = [
    ...new Set([...page.personas.all.map(({ phoneNumber }) => phoneNumber), ...page.numbers]),
  ].sort()
  const phones = known.map((number) => {
    const names = page.personas.namesAt(number).join(', ')
    return html`<li><a class="lab-phone" href="${phonePath(number)}"><span>${nationalFormat(number)}</span>
<span class="lab-quiet">${names || 'no persona'}</span></a></li>`
  })
  return labPage({
    title: 'Phones',
    place: '/phones',
    scripts: SCRIPTS,
    main: html`<h1>Phones</h1>
!${phones.length > 0 ? html`<ul class="lab-phones" aria-label="Phones">!${phones}</ul>` : ''}
<h2>Latest on all phones</h2>
!${feed(page, { empty: 'Nothing yet. Texts and calls to 555-0100 to 555-0199, in any area code, appear here.' })}
!${faultTable()}`,
  })
}

/** One phone. `authenticatorApp` is trusted HTML. */
export function phonePage(page: PhonesPage & { number: string; authenticatorApp: string }): string {
  const { number, personas, authenticatorApp } = page
  const names = personas.namesAt(number).join(', ')
  return labPage({
    title: nationalFormat(number),
    place: '/phones',
    scripts: [...SCRIPTS, 'authenticator-app.js'],
    main: html`<p class="lab-back"><a href="/phones">All phones</a></p>
<h1>${nationalFormat(number)}</h1>
<p>${names ? `The phone of ${names}.` : 'No persona has this number.'} <span class="lab-quiet">${number}</span></p>
<p><a href="#authenticator-app">Authenticator app</a></p>
!${feed(page, { number, empty: 'Nothing yet on this phone.' })}
!${authenticatorApp}`,
  })
}
