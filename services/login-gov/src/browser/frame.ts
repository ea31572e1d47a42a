// What all pages have around them: name, language links, the way back to the relying service.

import { layout } from '@gatehouse/pages/layout'
import type { Lang, Link, Site } from '@gatehouse/pages/site'
import type { Destination, Destinations } from '@gatehouse/provider/browser/destination'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { COUNTDOWN_SCRIPT } from './countdown.ts'
import { inLocale } from './language.ts'
import { SESSION_SCRIPT, sessionEnd } from './session-end.ts'

export { timeLeft } from './time-left.ts'

export const SITE: Site = { service: 'login-gov', name: 'Login.gov', tagline: 'A mock for testing' }

const TAGLINES = { en: 'A mock for testing', es: 'Una imitación para pruebas' }

const words = {
  en: { back: (name: string) => `‹ Back to ${name}` },
  es: { back: (name: string) => `‹ Volver a ${name}` },
}

export interface Page {
  title: string
  /** Trusted HTML with the one h1. */
  main: string
  /** Default 200. */
  status?: number
  error?: boolean
  /** Paths of scripts of our own; the page must work without them. */
  scripts?: string[]
  user?: { name: string; signOut: { action: string; csrf: string } }
  nav?: (Link & { current?: boolean })[]
}

/**
 * Sends a page in the language of the visit.
 *
 * @param leadsTo addresses outside to which a form of the page may lead, beside those of the waiting request
 */
export type Show = (
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page,
  leadsTo?: string[],
) => FastifyReply

/** @param warningMs how long before its end a session is warned of it */
export function createShow(destinations: Destinations, warningMs: number): Show {
  return (request, reply, { status = 200, ...page }, leadsTo = []) => {
    const { language, session } = request.visit
    const ending = session?.accountId ? sessionEnd(language, session.expiresAt, warningMs) : ''
    const document = layout({
      ...page,
      main: page.main + ending,
      scripts: [
        ...(page.scripts ?? []),
        ...(page.main.includes('data-countdown') ? [COUNTDOWN_SCRIPT] : []),
        ...(ending ? [SESSION_SCRIPT] : []),
      ],
      site: { ...SITE, tagline: TAGLINES[language.lang], footerLinks: languageLinks(request) },
      lang: language.lang,
      width: 'narrow',
    })
    const formAction = [...(destinations.of(session)?.leadsTo ?? []), ...leadsTo].filter(isWebAddress)
    return reply.page(document, { status, formAction })
  }
}

/** An app's own scheme cannot be named there; browsers hand those over without asking the policy. */
function isWebAddress(address: string): boolean {
  return /^https?:/i.test(address)
}

function languageLinks(request: FastifyRequest): Link[] {
  // A page that answers a post has an address of its own for GET as well.
  return [
    { href: inLocale(request.url, 'en'), text: 'English' },
    { href: inLocale(request.url, 'es'), text: 'Español' },
  ]
}

/** The link out of the sign-in; empty for somebody who came on their own. */
export function backLink(destination: Destination | undefined, base: string, lang: Lang): string {
  if (!destination) return ''
  return html`<p><a href="${base}${destination.cancelAt}">${words[lang].back(destination.name)}</a></p>`
}
