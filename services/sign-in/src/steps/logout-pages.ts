import { alert } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { html } from 'ghtml'
import { site } from '../site.ts'

/**
 * Asks before the session ends. The buttons send the form that oidc-provider made, which holds its own protection
 * against cross-site requests.
 *
 * @param logoutForm the form, with the id `op.logoutForm`
 */
export function logoutPage(logoutForm: string): string {
  return layout({
    site,
    title: 'Log out',
    width: 'narrow',
    main: html`<h1>Log out</h1>
<p>Do you want to end your session? You will have to sign in again to use Social Security’s online services.</p>
!${logoutForm}
<div class="usa-form">
<button class="usa-button" type="submit" form="op.logoutForm" value="yes" name="logout">Yes</button>
<button class="usa-button usa-button--outline" type="submit" form="op.logoutForm">No</button>
</div>`,
  })
}

/** @param isSignedIn the person chose to stay, or ended the session of one relying service only */
export function loggedOutPage(isSignedIn: boolean): string {
  const title = isSignedIn ? 'You are still signed in' : 'You are logged out'
  const body = isSignedIn
    ? 'Your session goes on until you log out or close the browser.'
    : 'Your session has ended. Close the browser if others use this computer too.'
  return layout({
    site,
    title,
    width: 'narrow',
    main: html`<h1>${title}</h1>
!${alert({ kind: isSignedIn ? 'info' : 'success', body })}`,
  })
}
