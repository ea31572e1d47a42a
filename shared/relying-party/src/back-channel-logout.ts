// Sign-in tells a website that it ended what a session there came of (OpenID Connect Back-Channel Logout 1.0): a logout,
// or an administrator. No list of sessions is kept for it. What is kept is that everything from before is over, so that
// a session which is only just being made at that moment is over too.

import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { App, Ground } from '@gatehouse/http/service'
import { KeysUnavailable } from '@gatehouse/tokens/key-source'
import { createLogoutTokens, type LogoutToken, LogoutTokenRefused } from './logout-token.ts'
import type { SignInOrigin } from './relying-party.ts'

/** Milliseconds: no session of a website is longer than this, so that what is older need not be remembered. */
const LONGEST_SESSION = 12 * 60 * 60 * 1000

export interface BackChannelLogout {
  /**
   * Whether sign-in has ended what a session of this website came of. To be asked whenever a session is looked up.
   *
   * @param origin as `sessions.start` was given it. Without it nothing can be said, and the session counts as ended.
   */
  hasEnded(origin: SignInOrigin | undefined): Promise<boolean>
}

/**
 * Adds `POST /back-channel-logout`, the `backchannel_logout_uri` with which the website is registered.
 *
 * @param website.clientId whom logout tokens must be for
 */
export function addBackChannelLogout(
  app: App,
  {
    keyValue,
    secrets,
    urls,
    signInKeys,
    audit,
  }: Pick<Ground, 'keyValue' | 'secrets' | 'urls' | 'signInKeys' | 'audit'>,
  website: { clientId: string },
): BackChannelLogout {
  const read = createLogoutTokens({
    issuer: urls['sign-in'],
    clientId: website.clientId,
    keys: signInKeys,
    keyValue,
  })
  const keyOf = (what: 'sid' | 'sub', value: string) =>
    `ended-sign-in:${secrets.digest('ended sign-in', `${what} ${value}`)}`

  /** §2.7: with `sid` that session is meant, without it every one of the person. */
  async function remember({ subject, sid, issuedAt }: LogoutToken): Promise<void> {
    const key = sid === undefined ? keyOf('sub', subject ?? '') : keyOf('sid', sid)
    const before = (await keyValue.get<number>(key)) ?? 0
    await keyValue.put(key, Math.max(before, issuedAt), now() + LONGEST_SESSION)
  }

  app.post(
    '/back-channel-logout',
    { schema: { hide: true }, config: { csrf: false } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const given = (request.body as { logout_token?: unknown } | null)?.logout_token
      try {
        const token = await read(given)
        await remember(token)
        await audit.record({
          event: 'back-channel-logout.received',
          outcome: 'success',
          actor: 'sign-in',
          ...(token.subject === undefined ? {} : { subject: token.subject }),
          details: { wholePerson: token.sid === undefined },
          requestId: request.id,
        })
        return reply.code(200).send()
      } catch (error) {
        // Not the token's fault: sign-in tries again.
        if (error instanceof KeysUnavailable)
          throw new Refusal('service_unavailable', undefined, {}, { 'retry-after': '1' })
        if (!(error instanceof LogoutTokenRefused)) throw error
        request.log.warn({ reason: error.message }, 'logout token refused')
        // §2.8
        return reply.code(400).send({ error: 'invalid_request', error_description: error.message })
      }
    },
  )

  return {
    async hasEnded(origin) {
      if (!origin) return true
      const { subject, sid, issuedAt } = origin
      const ends = await Promise.all([
        keyValue.get<number>(keyOf('sub', subject)),
        sid === undefined ? undefined : keyValue.get<number>(keyOf('sid', sid)),
      ])
      // Both count whole seconds, by the clock of sign-in: in the same one, the end wins.
      return ends.some((endedAt) => endedAt !== undefined && issuedAt <= endedAt)
    },
  }
}
