import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorPage } from '@gatehouse/pages/error-page'
import { layout } from '@gatehouse/pages/layout'

const hostile = `<script>alert("1")</script>' onfocus='x`
const site = { service: 'bso', name: 'Business Services Online' }

test('the layout escapes markup and quotes in every slot but the main part (ASVS 1.2.1)', () => {
  const link = { href: hostile, text: hostile }
  const page = layout({
    site: { service: 'bso', name: hostile, tagline: hostile, footerLinks: [link], theme: hostile },
    title: hostile,
    main: '<h1>Fine</h1>',
    user: { name: hostile, signOut: { action: hostile, csrf: hostile } },
    nav: [link],
    breadcrumbs: [link, { text: hostile }],
    scripts: [hostile],
  })
  assert.ok((page.match(/&#60;script&#62;/g)?.length ?? 0) >= 16)
  assert.doesNotMatch(page, /<script>|' onfocus/)
  assert.match(page, /<h1>Fine<\/h1>/)
})

test('every page says in its language that this is no government website', () => {
  assert.match(layout({ site, title: 'T', main: '' }), /Test system, not a government website/)
  const spanish = layout({ site, title: 'T', main: '', lang: 'es' })
  assert.match(spanish, /<html lang="es">/)
  assert.match(spanish, /no es un sitio web del Gobierno/)
  assert.doesNotMatch(spanish, /Test system/)
})

test('the skip link leads to the main part, and the window title tells of an error first (WCAG 2.4.1, 2.4.2)', () => {
  const page = layout({ site, title: 'Sign in', main: '', error: true })
  assert.match(page, /href="#main-content"/)
  assert.match(page, /<main id="main-content"/)
  assert.match(page, /<title>Error: Sign in \| Business Services Online<\/title>/)
})

test('no page carries an inline script or style, so that the content security policy can forbid them', () => {
  const page = layout({
    site,
    title: 'T',
    main: '',
    scripts: ['/assets/a.js'],
    nav: [{ href: '/', text: 'A' }],
  })
  assert.doesNotMatch(page, /<style| style="| on[a-z]+="|javascript:/)
  for (const [tag] of page.matchAll(/<script[^>]*>/g)) assert.match(tag, / src="/)
})

test('the show-password script comes with the pages that have such a box, and only with them', () => {
  const withBox = layout({ site, title: 'T', main: '<div data-show-password="p" hidden></div>' })
  assert.match(withBox, /show-password\.js/)
  assert.doesNotMatch(layout({ site, title: 'T', main: '' }), /<script/)
})

test('the script for security keys comes with the pages that ask for one, and only with them', () => {
  const asking = layout({ site, title: 'T', main: '<form data-webauthn="get" hidden></form>' })
  assert.match(asking, /webauthn\.js/)
  assert.doesNotMatch(layout({ site, title: 'T', main: '' }), /webauthn/)
})

test('a failed CSRF check reads as an expired page, with the reference to look for in the log', () => {
  const page = errorPage({ status: 403, code: 'csrf', title: 'Forbidden', requestId: 'req-7' }, site)
  assert.match(page, /This page expired/)
  assert.match(page, /Go back and try again/)
  assert.match(page, /req-7/)
})

test('the page for a fault on our side shows nothing of what went wrong (ASVS 16.5.1)', () => {
  const page = errorPage({ status: 500, title: 'TypeError', detail: 'no such table: accounts' }, site)
  assert.doesNotMatch(page, /TypeError|accounts/)
  assert.match(page, /Something went wrong/)
  assert.doesNotMatch(errorPage({ status: 507, title: 'Disk full' }, site), /Disk full/)
})

test('the page for a refusal shows its title and detail, escaped', () => {
  const page = errorPage({ status: 409, title: hostile, detail: hostile, requestId: hostile }, site)
  assert.doesNotMatch(page, /<script>/)
  assert.match(page, /&#60;script&#62;/)
})
