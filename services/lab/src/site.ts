import { fileURLToPath } from 'node:url'
import { layout } from '@gatehouse/pages/layout'
import type { Site } from '@gatehouse/pages/site'
import { html } from 'ghtml'

export const site: Site = {
  service: 'lab',
  name: 'QA desk',
  tagline: 'Phones, mail, post, personas and the clock of this test system',
}

/** Served under `/assets/lab/`. */
export const assets = fileURLToPath(new URL('./assets', import.meta.url))

const PLACES = [
  { href: '/phones', text: 'Phones' },
  { href: '/mail', text: 'Mail' },
  { href: '/post', text: 'Post' },
  { href: '/security-keys', text: 'Security keys' },
  { href: '/personas', text: 'Personas' },
  { href: '/clock', text: 'Clock' },
]

/** Where copy.js says what became of a copy: the name of a button stays its `aria-label`, whatever it shows. */
const COPY_STATUS = '<p class="usa-sr-only" role="status" data-copy-status></p>'

interface PageOptions {
  title: string
  /** Which place of the navigation this is. */
  place?: string
  /** Trusted HTML with the one h1. */
  main: string
  error?: boolean
  scripts?: string[]
  /** On top of lab.css. */
  styles?: string[]
}

/** A page of the lab: the suite's frame with the lab's navigation and looks. */
export function labPage({
  title,
  place,
  main,
  error = false,
  scripts = [],
  styles = [],
}: PageOptions): string {
  const sheets = ['lab.css', ...styles].map(
    (name) => html`<link rel="stylesheet" href="/assets/lab/${name}">`,
  )
  return layout({
    site,
    title,
    error,
    nav: PLACES.map((link) => ({ ...link, current: link.href === place })),
    main: html`!${sheets}!${main}!${scripts.includes('copy.js') ? COPY_STATUS : ''}`,
    scripts: scripts.map((name) => `/assets/lab/${name}`),
  })
}

/** An instant as people read it, in UTC, with a machine-readable form beside it. */
export function timeTag(milliseconds: number): string {
  const date = new Date(milliseconds)
  const text = date.toLocaleString('en-US', {
    timeZone: 'UTC',
    month: 'short',
    day: 'numeric',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
  })
  return html`<time datetime="${date.toISOString()}">${text} UTC</time>`
}
