// What all pages have around them: name, person, the links of the footer, and the way out.

import { buttonLink, form, submitButton } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import type { Link } from '@gatehouse/pages/site'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { PATHS } from '../paths.ts'
import { SITE } from '../site.ts'
import type { MySsaDestination, MySsaDestinations } from './destination.ts'

export interface Page {
  title: string
  /** Trusted HTML with the one h1. */
  main: string
  /** Default 200. */
  status?: number
  error?: boolean
  /** `narrow` unless given. */
  width?: 'narrow' | 'wide'
}

/** What a page needs to know of the request that it answers. */
export interface Around {
  /** For the forms of the page. */
  csrf: string
  /** Where the person is on the way to, if anywhere. */
  destination: MySsaDestination | undefined
  /** Whether the password was given in this session. */
  hasGivenPassword: boolean
}

export interface Frame {
  around(request: FastifyRequest, reply: FastifyReply): Around
  /** @param leadsTo addresses outside to which a form of the page may lead, beside those of the waiting request */
  show(request: FastifyRequest, reply: FastifyReply, page: Page, leadsTo?: string[]): FastifyReply
}

// Accessibility, Contact Us and FAQs, as the real header has them, have no pages here and are left out.
const FOOTER: Link[] = [
  { href: PATHS.privacyAct, text: 'Privacy Act Statement' },
  { href: PATHS.paperworkReduction, text: 'Paperwork Reduction Act' },
  { href: '/about', text: 'About this mock' },
]

export function createFrame(destinations: MySsaDestinations): Frame {
  return {
    around(request, reply) {
      const { session } = request.visit
      return {
        csrf: reply.csrfToken(),
        destination: destinations.of(session),
        hasGivenPassword: session?.accountId !== undefined,
      }
    },
    show(request, reply, { status = 200, width = 'narrow', ...page }, leadsTo = []) {
      const document = layout({ ...page, site: { ...SITE, footerLinks: FOOTER }, width })
      const outside = [...(destinations.of(request.visit.session)?.leadsTo ?? []), ...leadsTo]
      return reply.page(document, { status, formAction: webAddresses(outside) })
    },
  }
}

/** An app's own scheme cannot be named in a page's policy; browsers hand those over without asking it. */
function webAddresses(addresses: string[]): string[] {
  return addresses.filter((address) => /^https?:/i.test(address))
}

/** The name that document 002 has above the heading of a screen, for where the two differ. */
export function screenName(name: string): string {
  return html`<p class="text-bold margin-bottom-0">${name}</p>`
}

/**
 * Exit, to be put after the form of a page and not into it: back to the relying service that waits, else out of the
 * session, else to the first page.
 */
export function exit({ csrf, destination, hasGivenPassword }: Around): string {
  if (destination) return buttonLink('Exit', destination.cancelAt, { variant: 'outline' })
  if (!hasGivenPassword) return buttonLink('Exit', '/', { variant: 'outline' })
  return form({
    action: PATHS.signOut,
    csrf,
    label: 'Exit',
    body: submitButton('Exit', { variant: 'outline' }),
  })
}
