import { csrfField } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import type { Site } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import type { Person } from './person.ts'

export const site: Site = { service: 'bso', name: 'Business Services Online' }

/** What every page of a signed-in person needs. */
export interface Viewer {
  person: Person
  csrf: string
}

interface PageOptions {
  viewer: Viewer
  title: string
  /** The pages above this one, below the main menu. */
  trail?: { href: string; text: string }[]
  /** Trusted HTML with the page's `h1`. */
  main: string
  error?: boolean
}

/** A page of a signed-in person: the name and Logout on top, Logout again at the bottom (CBSV User's Guide 4.6). */
export function memberPage({ viewer, title, trail = [], main, error }: PageOptions): string {
  const { person, csrf } = viewer
  const isMenu = title === MAIN_MENU
  const path = isMenu ? [] : [{ href: '/main-menu', text: MAIN_MENU }, ...trail]
  const nav = [
    { href: '/main-menu', text: MAIN_MENU, current: isMenu },
    ...(hasCbsv(person)
      ? [
          { href: '/cbsv', text: 'CBSV', current: title === CBSV },
          { href: '/cbsv/help', text: 'CBSV Help', current: title === CBSV_HELP },
        ]
      : []),
  ]
  return layout({
    site,
    title,
    nav,
    breadcrumbs: [{ href: '/', text: site.name }, ...path, { text: title }],
    error: error === true,
    main: html`<link rel="stylesheet" href="/assets/bso/bso.css">
<div class="bso-person">
<p><span class="usa-sr-only">Signed in as </span><strong>${person.name}</strong></p>
<dl><div><dt>User ID</dt> <dd>${person.bsoUserId}</dd></div> <div><dt>EIN</dt> <dd>${einText(person.ein)}</dd></div></dl>
!${logoutForm(csrf, 'Logout')}
</div>
!${main}
<div class="bso-page-end">!${logoutForm(csrf, 'Logout', 'bottom of page')}</div>`,
  })
}

export const MAIN_MENU = 'BSO Main Menu'
export const CBSV = 'CBSV Main Menu'
export const CBSV_HELP = 'CBSV Help'

export function hasCbsv({ services }: Person): boolean {
  return services.includes('CBSV')
}

function logoutForm(csrf: string, text: string, where?: string): string {
  const place = where ? html`<span class="usa-sr-only">, ${where}</span>` : ''
  return html`<form action="/logout" method="post">!${csrfField(csrf)}
<button class="usa-button usa-button--unstyled" type="submit">${text}!${place}</button></form>`
}

/** An EIN as the IRS writes it. */
export function einText(ein: string): string {
  return /^\d{9}$/.test(ein) ? `${ein.slice(0, 2)}-${ein.slice(2)}` : ein
}
