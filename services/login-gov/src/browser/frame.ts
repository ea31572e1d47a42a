// What all pages have around them: name, language links, the way back to the relying service.

import { layout } from '@gatehouse/pages/layout'
import type { Lang, Link, Site } from '@gatehouse/pages/site'
import type { Destination, Destinations } from '@gatehouse/provider/browser/destination'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { inLocale } from './language.ts'

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
  user?: { name: string; signOut: { action: string; csrf: string } }
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

export function createShow(destinations: Destinations): Show {
  return (request, reply, { status = 200, ...page }, leadsTo = []) => {
    const { language, session } = request.visit
    const document = layout({
      ...page,
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

/** A time to wait, in words: whole minutes from one minute on, else seconds; never less than there is to wait. */
export function timeLeft(milliseconds: number, lang: Lang): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
  const inMinutes = seconds >= 60
  const value = inMinutes ? Math.ceil(seconds / 60) : seconds
  const units = { en: ['second', 'minute'], es: ['segundo', 'minuto'] }
  return `${value} ${units[lang][inMinutes ? 1 : 0]}${value === 1 ? '' : 's'}`
}
