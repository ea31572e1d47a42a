// "Sign In or Create an Account". What comes after the password is for extra security to say.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { PasswordOutcome } from '@gatehouse/provider/password/password-step'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { MySsaDestinations } from '../browser/destination.ts'
import type { Frame } from '../browser/frame.ts'
import type { ElectronicAccess } from '../electronic-access/electronic-access.ts'
import { PATHS } from '../paths.ts'
import type { Usernames } from '../usernames/store.ts'
import { type SignInPage, type SignInProblem, signInPage } from './pages.ts'
import { createMySsaPasswordStep, passwordTriesKey } from './password.ts'

const SignInForm = Type.Object(
  {
    // No control characters: PostgreSQL cannot even look for some.
    username: Type.String({ maxLength: 255, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    password: Type.String({ maxLength: 1024 }),
    /** Where to go on should the session be over by now. */
    continue: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

export interface SignInRouteParts {
  visits: Visits
  frame: Frame
  destinations: MySsaDestinations
  accounts: Accounts
  usernames: Usernames
  electronicAccess: ElectronicAccess
  /** What follows the right password: a text, the question about extra security, or the way on. */
  afterPassword(request: FastifyRequest, reply: FastifyReply, account: Account): Promise<FastifyReply>
  keyValue: KeyValue
  secrets: Secrets
  limits: { passwordTries: number; passwordBlockMs: number }
  audit: Audit
}

export function addSignInRoutes(app: App, parts: SignInRouteParts): void {
  const { visits, frame, destinations, usernames, electronicAccess, afterPassword, secrets, audit } = parts
  const passwordStep = createMySsaPasswordStep(parts)

  function page(request: FastifyRequest, reply: FastifyReply, given: SignInPage = {}) {
    return frame.show(request, reply, signInPage(frame.around(request, reply), given))
  }

  function continueAt(request: FastifyRequest): string {
    return destinations.of(request.visit.session)?.continueAt ?? PATHS.securitySettings
  }

  /** What keeps somebody out who knows the password, if anything. */
  async function closedBy({ outcome, account }: PasswordOutcome & { account: Account }) {
    if (await electronicAccess.isBlocked(account.id)) return 'blocked'
    return outcome === 'accepted' ? undefined : (outcome as SignInProblem)
  }

  async function note(request: FastifyRequest, reason: string) {
    const details = { reason }
    await audit.record({ event: 'password.refused', outcome: 'refusal', details, requestId: request.id })
  }

  app.get(PATHS.signIn, async (request, reply) => {
    const { session, timedOut } = request.visit
    if (session?.signInId) return reply.redirect(continueAt(request))
    return page(request, reply, { notice: session?.notice?.kind ?? (timedOut ? 'timeout' : undefined) })
  })

  app.post(PATHS.signIn, { schema: { body: SignInForm } }, async (request, reply) => {
    if (request.visit.session?.signInId) return reply.redirect(continueAt(request), 303)
    const { username, password } = request.body
    const pending = destinations.of(request.visit.session)
      ? undefined
      : destinations.resume(request.body.continue ?? '')
    if (pending) await visits.keep(request, reply, { pending })
    const missing: SignInPage['missing'] = []
    if (username.trim() === '') missing.push('username')
    if (password === '') missing.push('password')
    if (missing.length > 0) return page(request, reply, { missing, username })

    const key = await passwordTriesKey({ usernames, secrets }, username)
    const tried = await passwordStep.attempt(key, username, password)
    if ('account' in tried) {
      const problem = await closedBy(tried)
      if (!problem) return accept(request, reply, tried.account)
      await note(request, problem)
      return page(request, reply, { problem, username })
    }
    await note(request, tried.outcome)
    const until = tried.outcome === 'blocked' ? tried.until : tried.blockedUntil
    if (until === undefined) return page(request, reply, { problem: 'wrong', username })
    const left = Math.max(0, until - now())
    reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
    return page(request, reply, { tryAgainIn: left, username })
  })

  async function accept(request: FastifyRequest, reply: FastifyReply, account: Account) {
    await audit.record({
      event: 'password.accepted',
      outcome: 'success',
      actor: account.id,
      requestId: request.id,
    })
    return afterPassword(request, reply, account)
  }

  app.post(PATHS.signOut, async (request, reply) => {
    const { session } = request.visit
    if (session?.accountId) {
      const actor = session.accountId
      await audit.record({ event: 'signed-out', outcome: 'success', actor, requestId: request.id })
      // A relying service that waits goes on waiting for whoever signs in next.
      await visits.renew(request, reply, { ...SIGNED_OUT, notice: { kind: 'signed_out' } })
    }
    return reply.redirect(PATHS.signIn, 303)
  })
}
