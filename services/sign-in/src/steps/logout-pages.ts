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
<button class="usa-button" type="submit" form="op.logoutForm" value="yes" name="logout">Yes</button>
<button class="usa-button usa-button--outline" type="submit" form="op.logoutForm">No</button>`,
  })
}

export function loggedOutPage(): string {
  return layout({
    site,
    title: 'You are logged out',
    width: 'narrow',
    main: html`<h1>You are logged out</h1>
!${alert({ kind: 'success', body: 'Your session has ended. Close the browser if others use this computer too.' })}`,
  })
}
