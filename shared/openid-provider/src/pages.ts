// What oidc-provider shows itself: its errors, and logging out. The words are the service's, the answers are here.

import type { Problem } from '@gatehouse/contracts/problem'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'

/** Whole documents. */
export interface ProviderPages {
  error(problem: Problem): string
  /** @param form of oidc-provider, with its own protection against cross-site requests; its id is `op.logoutForm` */
  logout(form: string): string
  /** Where who leaves goes on without a `post_logout_redirect_uri`. */
  loggedOut(isSignedIn: boolean): string
}

function send(ctx: KoaContextWithOIDC, document: string): void {
  ctx.type = 'html'
  ctx.body = document
  ctx.set('cache-control', 'no-store')
  ctx.set(
    'content-security-policy',
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
  )
}

/** For the configuration of oidc-provider: `renderError`, and `rpInitiatedLogout` of its features. */
export function createProviderPages(pages: ProviderPages): Required<Pick<Configuration, 'renderError'>> & {
  rpInitiatedLogout: NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>
} {
  return {
    renderError(ctx, out, error) {
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
      send(ctx, pages.error(problem))
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => send(ctx, pages.logout(form)),
      async postLogoutSuccessSource(ctx) {
        const { accountId } = await ctx.oidc.provider.Session.get(ctx)
        send(ctx, pages.loggedOut(accountId !== undefined))
      },
    },
  }
}
