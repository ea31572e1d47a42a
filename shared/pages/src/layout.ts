// The whole document around a page's main part: banner, header, footer. Nothing in it needs a script.
import { html } from 'ghtml'
import { gatehouseCss, showPasswordScript, uswdsCss, webAuthnScript } from './assets.ts'
import { attributes } from './attributes.ts'
import { csrfField } from './forms.ts'
import type { Lang, Link, Site } from './site.ts'

export interface LayoutOptions {
  site: Site
  /** Title of this page, without the site's name. */
  title: string
  lang?: Lang
  /** Trusted HTML. It holds the page's only `h1`. */
  main: string
  /** Puts `Error: ` before the window title, which screen readers read first. */
  error?: boolean
  /** `narrow` centres the page in a card, for sign-in steps; `wide` (default) fills the grid. */
  width?: 'narrow' | 'wide'
  /** Who is signed in; signing out is a post with a CSRF token. */
  user?: { name: string; signOut?: { action: string; csrf: string } }
  nav?: (Link & { current?: boolean })[]
  /** The way here; the last one is this page and needs no `href`. */
  breadcrumbs?: { href?: string; text: string }[]
  /** Paths of scripts of our own origin. The page must work without them. */
  scripts?: string[]
}

const words = {
  en: {
    skip: 'Skip to main content',
    bannerLabel: 'Test system notice',
    banner: 'Test system, not a government website.',
    bannerMore: 'Do not enter real personal information.',
    error: 'Error: ',
    nav: 'Main navigation',
    breadcrumbs: 'Breadcrumbs',
    signedIn: 'Signed in as',
    signOut: 'Sign out',
    footer: 'Footer navigation',
    about: 'Part of Gatehouse, a test system. People, numbers and companies shown here are made up.',
  },
  es: {
    skip: 'Saltar al contenido principal',
    bannerLabel: 'Aviso de sistema de prueba',
    banner: 'Sistema de prueba, no es un sitio web del Gobierno.',
    bannerMore: 'No ingrese información personal real.',
    error: 'Error: ',
    nav: 'Navegación principal',
    breadcrumbs: 'Ruta de navegación',
    signedIn: 'Sesión iniciada como',
    signOut: 'Cerrar sesión',
    footer: 'Navegación al pie de página',
    about:
      'Parte de Gatehouse, un sistema de prueba. Las personas, los números y las empresas son ficticios.',
  },
} as const

export function layout(options: LayoutOptions): string {
  const { site, title, lang = 'en', main, error, width = 'wide' } = options
  const say = words[lang]
  const scripts = new Set(options.scripts)
  if (main.includes('data-show-password')) scripts.add(showPasswordScript)
  if (main.includes('data-webauthn')) scripts.add(webAuthnScript)
  const tags = [...scripts].map((src) => html`<script src="${src}" defer></script>`)
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${error ? say.error : ''}${title} | ${site.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${uswdsCss}">
<link rel="stylesheet" href="${gatehouseCss}">
!${tags}
</head>
<body class="gh-page ${site.theme ?? `theme-${site.service}`}">
<a class="usa-skipnav" href="#main-content">${say.skip}</a>
<section class="gh-banner" aria-label="${say.bannerLabel}">
<p class="grid-container gh-banner__text"><strong>${say.banner}</strong> ${say.bannerMore}</p>
</section>
!${header(options, lang)}
<main id="main-content" tabindex="-1" class="gh-main gh-main--!${width}">
<div class="grid-container">
!${breadcrumbs(options.breadcrumbs, lang)}
<div class="gh-content">!${main}</div>
</div>
</main>
!${footer(site, lang)}
</body>
</html>
`
}

function header({ site, user, nav = [] }: LayoutOptions, lang: Lang): string {
  const say = words[lang]
  const links = nav.map(({ href, text, current }) => {
    const attrs = attributes({ class: 'gh-nav__link', href, 'aria-current': current ? 'page' : undefined })
    return html`<li><a!${attrs}>${text}</a></li>`
  })
  const list = nav.length
    ? html`<nav class="gh-nav" aria-label="${say.nav}"><div class="grid-container"><ul>!${links}</ul></div></nav>`
    : ''
  const signOut = user?.signOut
    ? html`<form action="${user.signOut.action}" method="post">!${csrfField(user.signOut.csrf)}
<button class="usa-button usa-button--unstyled gh-user__sign-out" type="submit">${say.signOut}</button></form>`
    : ''
  const person = user
    ? html`<div class="gh-user"><p><span class="usa-sr-only">${say.signedIn} </span>${user.name}</p>!${signOut}</div>`
    : ''
  const tagline = site.tagline ? html`<p class="gh-header__tagline">${site.tagline}</p>` : ''
  return html`<header class="gh-header">
<div class="grid-container gh-header__row">
<div><a class="gh-header__name" href="/">${site.name}</a>!${tagline}</div>
!${person}
</div>
!${list}
</header>`
}

function breadcrumbs(trail: LayoutOptions['breadcrumbs'], lang: Lang): string {
  if (!trail?.length) return ''
  const items = trail.map(({ href, text }, index) =>
    href && index < trail.length - 1
      ? html`<li class="usa-breadcrumb__list-item"><a class="usa-breadcrumb__link" href="${href}"><span>${text}</span></a></li>`
      : html`<li class="usa-breadcrumb__list-item usa-current" aria-current="page"><span>${text}</span></li>`,
  )
  return html`<nav class="usa-breadcrumb usa-breadcrumb--wrap" aria-label="${words[lang].breadcrumbs}">
<ol class="usa-breadcrumb__list">!${items}</ol></nav>`
}

function footer({ name, footerLinks = [] }: Site, lang: Lang): string {
  const say = words[lang]
  const links = footerLinks.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)
  const nav = links.length ? html`<nav aria-label="${say.footer}"><ul>!${links}</ul></nav>` : ''
  return html`<footer class="gh-footer"><div class="grid-container">
!${nav}
<p><strong>${name}</strong><br>${say.about}</p>
</div></footer>`
}
