// What oidc-provider shows itself: its errors, and logging out. Everything else is a page of ours.

import type { Problem } from '@gatehouse/contracts/problem'
import { errorPage } from '@gatehouse/pages/error-page'
import { alert } from '@gatehouse/pages/forms'
import { layout } from '@gatehouse/pages/layout'
import { html } from 'ghtml'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { SITE } from '../site.ts'

function send(ctx: KoaContextWithOIDC, document: string): void {
  ctx.type = 'html'
  ctx.body = document
  ctx.set('cache-control', 'no-store')
  ctx.set(
    'content-security-policy',
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
  )
}

export const renderError: NonNullable<Configuration['renderError']> = (ctx, out, error) => {
  const status = 'statusCode' in error ? Number(error.statusCode) : 500
  const problem: Problem = {
    type: 'about:blank',
    status,
    code: out.error,
    title: status < 500 ? 'This sign-in request cannot be served' : 'Something went wrong here',
    ...(out.error_description ? { detail: out.error_description } : {}),
    // Set by the mount.
    requestId: String(ctx.res.getHeader('x-request-id') ?? ''),
  }
  send(ctx, errorPage(problem, SITE))
}

/**
 * Asks before the session ends. The buttons send the form that oidc-provider made, which holds its own protection
 * against cross-site requests.
 *
 * @param form has the id `op.logoutForm`
 */
export function showLogout(ctx: KoaContextWithOIDC, form: string): void {
  const main = html`<h1>Sign out</h1>
<p>Do you want to sign out of my Social Security?</p>
!${form}
<div class="usa-form">
<button class="usa-button" type="submit" form="op.logoutForm" value="yes" name="logout">Yes, sign out</button>
<button class="usa-button usa-button--outline" type="submit" form="op.logoutForm">No, stay signed in</button>
</div>`
  send(ctx, layout({ site: SITE, title: 'Sign out', width: 'narrow', main }))
}

/** Where who leaves goes on without a `post_logout_redirect_uri`. */
export async function showLoggedOut(ctx: KoaContextWithOIDC): Promise<void> {
  const { accountId } = await ctx.oidc.provider.Session.get(ctx)
  const title = accountId ? 'You are still signed in' : 'You are signed out'
  const body = accountId
    ? 'Your session goes on until you sign out.'
    : 'Close the browser if others use this computer too.'
  const main = html`<h1>${title}</h1>
!${alert({ kind: accountId ? 'info' : 'success', body })}`
  send(ctx, layout({ site: SITE, title, width: 'narrow', main }))
}
