// What all pages have around them: name, language links, the way back to the relying service.

import { layout } from '@gatehouse/pages/layout'
import type { Lang, Link } from '@gatehouse/pages/site'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { SITE } from '../site.ts'
import type { IdMeDestination, IdMeDestinations } from './destination.ts'
import { inLocale } from './language.ts'

const TAGLINES = { en: SITE.tagline, es: 'Una imitación para pruebas' }

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

/** What a page needs to know of the request that it answers. */
export interface Around {
  lang: Lang
  /** Prefix for links to our own pages. */
  base: string
  /** For the forms of the page. */
  csrf: string
  /** Where the person is on the way to, if anywhere. */
  destination: IdMeDestination | undefined
}

export interface Frame {
  around(request: FastifyRequest, reply: FastifyReply): Around
  /**
   * Sends a page in the language of the visit.
   *
   * @param leadsTo addresses outside to which a form of the page may lead, beside those of the waiting request
   */
  show(request: FastifyRequest, reply: FastifyReply, page: Page, leadsTo?: string[]): FastifyReply
}

export function createFrame(destinations: IdMeDestinations): Frame {
  return {
    around(request, reply) {
      const { language, session } = request.visit
      const { lang, base } = language
      return { lang, base, csrf: reply.csrfToken(), destination: destinations.of(session) }
    },
    show(request, reply, { status = 200, ...page }, leadsTo = []) {
      const { language, session } = request.visit
      const document = layout({
        ...page,
        site: { ...SITE, tagline: TAGLINES[language.lang], footerLinks: languageLinks(request) },
        lang: language.lang,
        width: 'narrow',
      })
      const outside = [...(destinations.of(session)?.leadsTo ?? []), ...leadsTo]
      return reply.page(document, { status, formAction: webAddresses(outside) })
    },
  }
}

/** An app's own scheme cannot be named in a page's policy; browsers hand those over without asking it. */
export function webAddresses(addresses: string[]): string[] {
  return addresses.filter((address) => /^https?:/i.test(address))
}

function languageLinks(request: FastifyRequest): Link[] {
  // A page that answers a post has an address of its own for GET as well.
  return [
    { href: inLocale(request.url, 'en'), text: 'English' },
    { href: inLocale(request.url, 'es'), text: 'Español' },
  ]
}

/** The link out of the sign-in; empty for somebody who came on their own. */
export function backLink({ lang, base, destination }: Pick<Around, 'lang' | 'base' | 'destination'>): string {
  if (!destination) return ''
  return html`<p><a href="${base}${destination.cancelAt}">${words[lang].back(destination.name)}</a></p>`
}

/** Of a redirect: after a form the next request is a GET. */
export function statusFor({ method }: FastifyRequest): 302 | 303 {
  return method === 'GET' || method === 'HEAD' ? 302 : 303
}

/** A length of time in words: whole hours, minutes or seconds, never less than there is to wait. */
export function timeLeft(milliseconds: number, lang: Lang): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
  const units = { en: ['second', 'minute', 'hour'], es: ['segundo', 'minuto', 'hora'] }
  const size = seconds >= 3_600 ? 2 : seconds >= 60 ? 1 : 0
  const value = Math.ceil(seconds / [1, 60, 3_600][size]!)
  return `${value} ${units[lang][size]}${value === 1 ? '' : 's'}`
}
