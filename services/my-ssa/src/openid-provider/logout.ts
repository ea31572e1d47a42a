// RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0) by oidc-provider, and with it the end of our own session.

import type { Audit } from '@gatehouse/audit/audit'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'

export interface LogoutParts {
  sessions: Sessions
  sessionCookie: string
  secure: boolean
  audit: Audit
}

/**
 * Ends our session when the person says yes to logging out. Whoever says no goes on being signed in; and where there was
 * nothing to ask about, because nobody came here by way of a relying service, nothing is ended either.
 */
export function endSessionAtLogout(provider: Provider, parts: LogoutParts): void {
  const { sessions, sessionCookie, secure, audit } = parts

  async function endSession(ctx: KoaContextWithOIDC, clientId: string | undefined): Promise<void> {
    const secret = ctx.cookies.get(sessionCookie, { signed: false })
    const session = secret ? await sessions.find(secret) : undefined
    if (!session) return
    await sessions.end(session)
    ctx.cookies.set(sessionCookie, '', {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure,
      signed: false,
      expires: new Date(0),
    })
    if (!session.accountId) return
    await audit.record({
      event: 'signed-out',
      outcome: 'success',
      actor: session.accountId,
      ...(clientId ? { subject: clientId } : {}),
      requestId: String(ctx.res.getHeader('x-request-id') ?? ''),
    })
  }

  provider.use(async (context, next) => {
    await next()
    const ctx = context as unknown as KoaContextWithOIDC
    if (ctx.oidc?.route !== 'end_session_confirm' || ctx.status !== 303) return
    const { session, params, client } = ctx.oidc
    if (params?.logout && session?.accountId) await endSession(ctx, client?.clientId)
  })
}
