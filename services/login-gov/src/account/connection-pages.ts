import { alert, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'
import { type AccountAround, accountPage, CONNECTED } from './frame.ts'
import { words } from './words.ts'

/** A relying service as its person sees it. */
export interface ConnectedService {
  /** Path of its own pages, without language prefix. */
  path: string
  name: string
  /** YYYY-MM-DD. */
  since: string
  /** The e-mail address it gets; absent when it gets none. */
  email?: string
}

export function connectionsPage(
  given: AccountAround & { services: ConnectedService[]; notice?: 'disconnected' | 'shared' },
): Page {
  const { lang, base, services, notice } = given
  const say = words[lang]
  const items = services.map(({ path, name, since, email }) => {
    const shared = email
      ? html`<p>${say.gets(email)} <a href="${base}${path}/selected_email">${say.changeShared}<span class="usa-sr-only">: ${name}</span></a></p>`
      : ''
    return html`<li><h2>${name}</h2><p>${say.connectedOn(since)}</p>!${shared}
<p><a href="${base}${path}/disconnect">${say.disconnect}<span class="usa-sr-only">: ${name}</span></a></p></li>`
  })
  const list =
    items.length > 0
      ? html`<p>${say.connectedIntro}</p><ul class="usa-list usa-list--unstyled">!${items}</ul>`
      : html`<p>${say.notConnected}</p>`
  const main = html`!${notice ? alert({ kind: 'success', body: say.done[notice] }) : ''}<h1>${say.connected}</h1>
!${list}`
  return accountPage(given, { title: say.connected, main }, CONNECTED)
}

export function disconnectPage(given: AccountAround & { name: string; path: string }): Page {
  const { lang, base, csrf, name, path } = given
  const say = words[lang]
  const title = say.disconnectTitle(name)
  const body = submitButton(say.disconnect, { variant: 'secondary' })
  const main = html`<h1>${title}</h1>
<p>${say.disconnectBody(name)}</p>
!${form({ action: `${base}${path}/disconnect`, csrf, body })}
<p><a href="${base}${CONNECTED}">${say.cancel}</a></p>`
  return accountPage(given, { title, main })
}
