// What oidc-provider shows itself: its errors, and logging out. Everything else is a page of the folders beside this one.

import type { ProviderPages } from '@gatehouse/openid-provider/pages'
import { errorPage } from '@gatehouse/pages/error-page'
import { alert } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { html } from 'ghtml'
import { SITE } from '../site.ts'

export const PAGES: ProviderPages = {
  error: (problem) => errorPage(problem, SITE),

  logout(form) {
    const main = html`<h1>Sign out</h1>
<p>Do you want to sign out of my Social Security?</p>
!${form}
<div class="usa-form">
<button class="usa-button" type="submit" form="op.logoutForm" value="yes" name="logout">Yes, sign out</button>
<button class="usa-button usa-button--outline" type="submit" form="op.logoutForm">No, stay signed in</button>
</div>`
    return layout({ site: SITE, title: 'Sign out', width: 'narrow', main })
  },

  loggedOut(isSignedIn) {
    const title = isSignedIn ? 'You are still signed in' : 'You are signed out'
    const body = isSignedIn
      ? 'Your session goes on until you sign out.'
      : 'Close the browser if others use this computer too.'
    const main = html`<h1>${title}</h1>
!${alert({ kind: isSignedIn ? 'info' : 'success', body })}`
    return layout({ site: SITE, title, width: 'narrow', main })
  },
}
