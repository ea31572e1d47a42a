import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import { type Accounts, canonicalEmail } from '@gatehouse/provider/accounts/accounts'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { readAddress } from '@gatehouse/provider/mail/address'
import type { PasswordOutcome, PasswordStep } from '@gatehouse/provider/password/password-step'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf, keepCeremony } from '../browser/ceremony.ts'
import type { IdMeDestinations } from '../browser/destination.ts'
import type { Frame } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import type { Locked } from '../recovery/locked.ts'
import { againPage, type SignInPage, signInPage } from './pages.ts'

const SignInForm = Type.Object(
  {
    // No control characters: PostgreSQL cannot even look for some.
    email: Type.String({ maxLength: 255, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    password: Type.String({ maxLength: 1024 }),
    /** Where to go on should the session be over by now. */
    continue: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
const AgainForm = Type.Object({ password: Type.String({ maxLength: 1024 }) }, { additionalProperties: false })

export interface SignInRouteParts {
  visits: Visits
  frame: Frame
  accounts: Accounts
  passwordStep: PasswordStep
  tries: Tries
  locked: Locked
  destinations: IdMeDestinations
  /** Whether the account has anything that can be its second factor. */
  hasSecondFactor(accountId: string): Promise<boolean>
  audit: Audit
}

export function addSignInRoutes(app: App, parts: SignInRouteParts): void {
  const { visits, frame, accounts, passwordStep, tries, locked, destinations, hasSecondFactor, audit } = parts

  function page(request: FastifyRequest, reply: FastifyReply, given: SignInPage = {}) {
    return frame.show(request, reply, signInPage(frame.around(request, reply), given))
  }

  /** Where somebody goes on who has given the password. */
  function continueAt(request: FastifyRequest): string {
    const { language, session } = request.visit
    return language.base + (destinations.of(session)?.continueAt ?? PATHS.settings)
  }

  /** Tries of an address that nobody has count as well: from outside the two look the same. */
  async function attempt(email: string, password: string) {
    const known = await accounts.findByEmail(email)
    return { known, ...(await passwordStep.attempt(known?.id ?? canonicalEmail(email), email, password)) }
  }

  async function noteRefused(request: FastifyRequest, reason: string) {
    await audit.record({
      event: 'password.refused',
      outcome: 'refusal',
      details: { reason },
      requestId: request.id,
    })
  }

  app.get('/', async (request, reply) => {
    const { language, session } = request.visit
    return reply.redirect(language.base + (session?.signInId ? PATHS.settings : PATHS.signIn))
  })

  app.get(PATHS.signIn, async (request, reply) => {
    const { session } = request.visit
    if (session?.signInId) return reply.redirect(continueAt(request))
    const timedOut = new URLSearchParams(request.url.split('?')[1]).get('timeout') === 'session'
    return page(request, reply, { notice: session?.notice?.kind ?? (timedOut ? 'timeout' : undefined) })
  })

  app.post(PATHS.signIn, { schema: { body: SignInForm } }, async (request, reply) => {
    if (request.visit.session?.signInId) return reply.redirect(continueAt(request), 303)
    const { email, password } = request.body
    const pending = destinations.of(request.visit.session)
      ? undefined
      : destinations.resume(request.body.continue ?? '')
    if (pending) await visits.keep(request, reply, { pending })
    const missing: SignInPage['missing'] = []
    if (email.trim() === '') missing.push('email')
    if (password === '') missing.push('password')
    if (missing.length > 0) return page(request, reply, { missing, email })

    const tried = await attempt(email, password)
    if (tried.outcome === 'accepted') return accept(request, reply, tried.account, email)
    await noteRefused(request, tried.outcome)
    if (tried.outcome === 'suspended' || tried.outcome === 'password_reset_required') {
      return page(request, reply, { problem: tried.outcome, email })
    }
    const retryAt = lockedUntil(tried)
    if (retryAt) {
      const unknown = tried.known ? undefined : readAddress(email)
      return locked.meet(request, reply, tried.known, { reason: 'password', retryAt, email: unknown })
    }
    return page(request, reply, { problem: 'wrong', email })
  })

  async function accept(request: FastifyRequest, reply: FastifyReply, account: Account, email: string) {
    const retryAt = await tries.lockedUntil(account.id)
    if (retryAt) return locked.meet(request, reply, account, { reason: 'second_factor', retryAt })
    if (!request.visit.session) await visits.keep(request, reply, {})
    const { returnTo } = ceremonyOf(request.visit.session)
    const signedIn = await visits.signIn(request, reply, account.id, [], { methods: ['password'] })
    if (!signedIn) return page(request, reply, { notice: 'timeout', email })
    if (returnTo) await keepCeremony(visits, request, reply, { returnTo })
    await accounts.useEmail(account.id, email)
    await audit.record({
      event: 'password.accepted',
      outcome: 'success',
      actor: account.id,
      requestId: request.id,
    })
    return reply.redirect(continueAt(request), 303)
  }

  app.get(PATHS.signInAgain, { onRequest: visits.requireSignIn }, async (request, reply) =>
    frame.show(request, reply, againPage(frame.around(request, reply))),
  )

  app.post(
    PATHS.signInAgain,
    { onRequest: visits.requireSignIn, schema: { body: AgainForm } },
    async (request, reply) => {
      const { language, session } = request.visit
      const account = await accounts.find(session?.accountId ?? '')
      if (!account) throw new Error('the account of a session is gone')
      const { password } = request.body
      const show = (problem: 'wrong' | 'blank') =>
        frame.show(request, reply, againPage(frame.around(request, reply), problem))
      if (password === '') return show('blank')
      const tried = await passwordStep.attempt(account.id, account.email, password)
      if (tried.outcome === 'accepted') {
        if (await hasSecondFactor(account.id)) {
          await keepCeremony(visits, request, reply, { isAgain: true })
          return reply.redirect(language.base + PATHS.secondFactor, 303)
        }
        const { returnTo = PATHS.settings } = ceremonyOf(session)
        await visits.renew(request, reply, {
          authentication: { methods: ['password'], at: now() },
          ceremony: null,
        })
        return reply.redirect(language.base + returnTo, 303)
      }
      await noteRefused(request, tried.outcome)
      const retryAt = lockedUntil(tried)
      if (retryAt) return locked.meet(request, reply, account, { reason: 'password', retryAt })
      return show('wrong')
    },
  )

  app.post(PATHS.signOut, { onRequest: visits.requirePassword }, async (request, reply) => {
    const { language, session } = request.visit
    const actor = session?.accountId ?? ''
    await audit.record({ event: 'signed-out', outcome: 'success', actor, requestId: request.id })
    // A relying service that waits goes on waiting for whoever signs in next.
    await visits.renew(request, reply, { ...SIGNED_OUT, notice: { kind: 'signed_out' } })
    return reply.redirect(language.base + PATHS.signIn, 303)
  })
}

/** The wrong try that was the last locks, and so does every one after it. */
function lockedUntil(tried: PasswordOutcome): number | undefined {
  if (tried.outcome === 'blocked') return tried.until
  return tried.outcome === 'refused' ? tried.blockedUntil : undefined
}
