// What the pages that set up, rename and remove second factors share: who may see them, and what a change brings with it.

import type { Audit } from '@gatehouse/audit/audit'
import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { RememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { METHODS_PAGE } from '../account/frame.ts'
import type { Post } from '../mail/post.ts'
import type { RecentAuthentication } from '../reauthentication/recent-authentication.ts'
import { type Method, meansOf } from '../second-factor/methods.ts'
import { SECOND_FACTOR, type SecondFactorStep } from '../second-factor/step.ts'
import { changeLetter } from './letters.ts'
import type { SetUpFrame } from './set-up-frame.ts'

export interface SetUpParts {
  step: SecondFactorStep
  visits: Visits
  accounts: Accounts
  authenticators: Authenticators
  lookUpSecrets: LookUpSecrets
  rememberedBrowsers: RememberedBrowsers
  recent: RecentAuthentication
  destinations: Destinations
  events: AccountEvents
  post: Post
  audit: Audit
}

/** A kind of second factor, as pages and letters call it. */
export type Kind = 'phone' | 'totp' | 'webauthn' | 'webauthn_platform' | 'piv_cac' | 'backup_code'

export interface SetUp {
  /** Hooks of every page here: for who authenticated a short while ago, or has no second factor yet. */
  guards: onRequestAsyncHookHandler[]
  accountOf(request: FastifyRequest): Promise<Account>
  frame(request: FastifyRequest, reply: FastifyReply): Promise<SetUpFrame>
  /** Keeps something until the next request of this set-up, beside what others keep. */
  keep(request: FastifyRequest, reply: FastifyReply, what: Record<string, unknown>): Promise<void>
  kept(request: FastifyRequest, name: string): unknown
  /**
   * A second factor was added and given at the same time.
   *
   * @returns where to go on
   */
  added(
    request: FastifyRequest,
    reply: FastifyReply,
    kind: Kind,
    method: Method,
    more?: Given,
  ): Promise<string>
  /** A second factor was removed. */
  removed(request: FastifyRequest, kind: Kind): Promise<void>
}

type Given = Pick<Parameters<SecondFactorStep['authenticate']>[2], 'certificate'>

export function createSetUp(parts: SetUpParts): SetUp {
  const { step, visits, accounts, recent, destinations, events, rememberedBrowsers, post, audit } = parts

  async function accountOf(request: FastifyRequest): Promise<Account> {
    const account = await accounts.find(request.visit.session?.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    return account
  }

  /** A password alone sets up the first second factor and no other (NIST SP 800-63B-4 §4.1.2). */
  const firstOrRecent: onRequestAsyncHookHandler = async function guard(request, reply) {
    const { session, language } = request.visit
    if (session?.signInId) {
      for (const hook of recent.requireRecentAuthentication) {
        await hook.call(this, request, reply)
        if (reply.sent) return reply
      }
      return
    }
    const { methods } = await meansOf(session?.accountId ?? '', parts)
    if (methods.length > 0) {
      return reply.redirect(language.base + SECOND_FACTOR, request.method === 'GET' ? 302 : 303)
    }
  }

  async function changed(request: FastifyRequest, change: 'added' | 'removed', kind: Kind): Promise<void> {
    const account = await accountOf(request)
    await events.publish({ kind: 'recovery-information-changed', accountId: account.id })
    // Whoever changes these may have lost one, and a browser with it.
    await rememberedBrowsers.forget(account.id)
    await audit.record({
      event: `authenticator.${change}`,
      outcome: 'success',
      actor: account.id,
      details: { kind },
      requestId: request.id,
    })
    const { lang } = request.visit.language
    try {
      await post.send(account.emails, changeLetter(change, kind, lang), lang)
    } catch (error) {
      // The change stands; a mail tray that is down does not undo it.
      if (!(error instanceof CallFailed || error instanceof CallRefused)) throw error
      request.log.warn({ event: 'letter.not-sent', change, kind }, 'a letter could not be sent')
    }
  }

  return {
    guards: [visits.requirePassword, firstOrRecent],
    accountOf,
    async frame(request, reply) {
      const { language, session } = request.visit
      const { lang, base } = language
      const csrf = reply.csrfToken()
      const isSignedIn = session?.signInId !== undefined
      const destination = destinations.of(session)
      const { email } = await accountOf(request)
      const user = { name: email, signOut: { action: `${base}/logout`, csrf } }
      return { lang, base, csrf, destination, isSignedIn, ...(isSignedIn ? { user } : {}) }
    },
    async keep(request, reply, what) {
      await visits.keep(request, reply, { ceremony: { ...request.visit.session?.ceremony, ...what } })
    },
    kept: (request, name) => request.visit.session?.ceremony?.[name],
    async added(request, reply, kind, method, more = {}) {
      const { language, session } = request.visit
      const isFirst = session?.signInId === undefined
      await changed(request, 'added', kind)
      if (!(await step.authenticate(request, reply, { method, ...more })))
        return `${language.base}/?timeout=session`
      if (isFirst || destinations.of(request.visit.session)) return step.continueAt(request)
      await visits.keep(request, reply, { notice: { kind: 'authenticator_added' } })
      return language.base + METHODS_PAGE
    },
    removed: (request, kind) => changed(request, 'removed', kind),
  }
}
