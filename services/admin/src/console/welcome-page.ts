import { type AlertOptions, alert, buttonLink } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import type { Arrival } from '@gatehouse/relying-party/sign-in-routes'
import { html } from 'ghtml'
import { site } from './site.ts'

const NOTICES: Record<Arrival, AlertOptions> = {
  left: { kind: 'info', heading: 'You left the sign-in', body: 'Select Sign in to start again.' },
  'signed-out': { kind: 'success', heading: 'You are signed out' },
  'signed-out-here-only': {
    kind: 'warning',
    heading: 'You are signed out of this console only',
    body: 'The sign-in service could not be reached and may still know you. Close your browser.',
  },
}

/** For whoever is not signed in. */
export function welcomePage(arrival?: Arrival): string {
  return layout({
    site,
    title: 'Sign in',
    width: 'narrow',
    main: html`!${arrival ? alert(NOTICES[arrival]) : ''}
<h1>Gatehouse administration</h1>
<p>For administrators who look after access: find a person, see what goes on in their name, and end it.</p>
<p>Sign in with Login.gov and your <strong>security key</strong>. With any other method you may look, and change nothing.
If your account has no security key yet, you add one on the way.</p>
<p>!${buttonLink('Sign in', '/sign-in')}</p>`,
  })
}
