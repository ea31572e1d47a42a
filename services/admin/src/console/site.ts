// The frame of the console's pages: the sections, who is signed in and with which rights.

import { alert, errorSummary } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import type { Site } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import type { Actor } from '../access/roles.ts'
import type { OperationId } from '../operations.ts'
import { type Errors, listed } from './order-fields.ts'

export const site: Site = {
  service: 'admin',
  name: 'Gatehouse administration',
  tagline: 'Who has access, and how it ends',
}

/** What every page of a signed-in administrator needs. */
export interface Frame {
  actor: Actor
  csrf: string
  /** Whether the administrator may do this: what nobody may is not shown, and refused all the same. */
  may(operationId: OperationId): boolean
}

const SECTIONS = [
  { href: '/people', text: 'People' },
  { href: '/user-ids', text: 'User IDs' },
  { href: '/companies', text: 'Companies' },
  { href: '/revocations', text: 'Revocations' },
  { href: '/approvals', text: 'Approvals' },
  { href: '/enrolments', text: 'Ticket Portal' },
  { href: '/terms', text: 'Terms' },
  { href: '/relying-services', text: 'Relying services' },
  { href: '/signing-keys', text: 'Signing keys' },
  { href: '/audit', text: 'Audit' },
] as const

export type Section = (typeof SECTIONS)[number]['href']

export interface ConsolePage {
  frame: Frame
  title: string
  section?: Section
  /** The pages between the section and this one. */
  trail?: { href: string; text: string }[]
  /** Trusted HTML with the page's `h1`. */
  main: string
  /** What to fix: the window title then begins with it. */
  errors?: Errors | undefined
}

export function consolePage({ frame, title, section, trail = [], main, errors = {} }: ConsolePage): string {
  const { actor, csrf } = frame
  const place = SECTIONS.find(({ href }) => href === section)
  const path = [...(place ? [place] : []), ...trail, { text: title }]
  const isSection = place?.text === title
  return layout({
    site,
    title,
    user: {
      name: `${actor.name ?? actor.email} (${[...actor.rights].join(', ')})`,
      signOut: { action: SIGN_OUT_PATH, csrf },
    },
    nav: SECTIONS.map((item) => ({ ...item, current: item.href === section })),
    ...(isSection || path.length < 2 ? {} : { breadcrumbs: path }),
    error: Object.values(errors).some(Boolean),
    main: html`<link rel="stylesheet" href="/assets/admin/admin.css">
!${actor.isPhishingResistant ? '' : mayOnlyLook()}!${troubles(errors)}!${main}`,
  })
}

export const SIGN_OUT_PATH = '/sign-out'

function mayOnlyLook(): string {
  return alert({
    kind: 'warning',
    slim: true,
    html: html`<p class="usa-alert__text">You signed in without a security key, so you may look and change nothing.
<a class="usa-link" href="/sign-in?again=yes">Sign in again</a> with your security key for more.</p>`,
  })
}

/** What is wrong with single fields links to them; what is wrong with the whole has none. */
function troubles(errors: Errors): string {
  const { whole, ...fields } = errors
  const summary = errorSummary(listed(fields))
  return whole ? alert({ kind: 'error', heading: 'Not done', body: whole }) + summary : summary
}
