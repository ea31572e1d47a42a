import { html } from 'ghtml'
import type { Personas } from '../personas/personas.ts'
import { labPage, timeTag } from '../site.ts'
import { type Mail, textParts, trayOf } from './mails.ts'
import type { Tray } from './store.ts'

const SCRIPTS = ['live.js']

/** Where the tray of an address is shown. */
export const trayPath = (address: string) => `/mail/${encodeURIComponent(trayOf(address))}`

function bodyOf(text: string): string {
  return textParts(text)
    .map((part) => (part.href ? html`<a href="${part.href}">${part.text}</a>` : html`${part.text}`))
    .join('')
}

function mailItem({ id, from, to, address, subject, text, receivedAt }: Mail, linked: boolean): string {
  const heading = linked ? 'h3' : 'h2'
  const recipient = linked ? html`<a href="${trayPath(address)}">${to}</a>` : html`${to}`
  return html`<li class="lab-message" id="m-${id}" data-version="received" data-news="Mail to ${to}">
<article aria-labelledby="s-${id}">
<p class="lab-message__head"><span class="lab-tag lab-tag--mail">Mail</span>
<span class="lab-message__when">!${timeTag(receivedAt)}</span></p>
<!${heading} class="lab-message__subject" id="s-${id}">${subject}</!${heading}>
<p class="lab-message__who">To <strong>!${recipient}</strong> <span class="lab-quiet">from ${from}</span></p>
<p class="lab-bubble">!${bodyOf(text)}</p>
</article></li>`
}

function feed(mails: Mail[], { address, empty }: { address?: string; empty: string }): string {
  const items = mails.map((mail) => mailItem(mail, address === undefined))
  const events = `/mail/events${address === undefined ? '' : `?address=${encodeURIComponent(address)}`}`
  return html`<p class="lab-live" role="status" data-live-status><noscript><a href="">Reload</a> to see what is new.</noscript></p>
<ol class="lab-feed" data-live="${events}">!${items}</ol>
<p class="lab-empty">${empty}</p>`
}

function trayItem(address: string, tray: Tray | undefined): string {
  const held = tray ? `${tray.mails} ${tray.mails === 1 ? 'mail' : 'mails'}, newest ` : 'empty'
  return html`<li><a class="lab-phone" href="${trayPath(address)}"><span>${address}</span>
<span class="lab-quiet">${held}!${tray ? timeTag(tray.newestAt) : ''}</span></a></li>`
}

/** All trays, the one with the newest mail first and those of personas without any last; under them the latest mails. */
export function traysPage({
  mails,
  trays,
  personas,
}: {
  mails: Mail[]
  trays: Tray[]
  personas: Personas
}): string {
  const withMail = new Set(trays.map(({ address }) => address))
  const empty = personas.all.map(({ email }) => trayOf(email)).filter((address) => !withMail.has(address))
  const items = [
    ...trays.map((tray) => trayItem(tray.address, tray)),
    ...empty.map((address) => trayItem(address, undefined)),
  ]
  return labPage({
    title: 'Mail',
    place: '/mail',
    scripts: SCRIPTS,
    main: html`<h1>Mail</h1>
<p>Whatever the providers send by mail comes here and goes nowhere else, for any address.</p>
!${items.length > 0 ? html`<ul class="lab-phones" aria-label="Trays">!${items}</ul>` : ''}
<h2>Latest in all trays</h2>
!${feed(mails, { empty: 'Nothing yet.' })}`,
  })
}

/** One tray, newest mail first. */
export function trayPage({
  address,
  mails,
  personas,
}: {
  address: string
  mails: Mail[]
  personas: Personas
}): string {
  const names = personas.all
    .filter(({ email }) => trayOf(email) === address)
    .map(({ firstName, lastName }) => `${firstName} ${lastName}`)
    .join(', ')
  return labPage({
    title: address,
    place: '/mail',
    scripts: SCRIPTS,
    main: html`<p class="lab-back"><a href="/mail">All trays</a></p>
<h1 class="lab-address">${address}</h1>
<p>${names ? `The mail of ${names}.` : 'No persona has this address.'}</p>
!${feed(mails, { address, empty: 'Nothing yet in this tray.' })}`,
  })
}
