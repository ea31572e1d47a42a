// What the pages of all second factors share: who may see them, which methods are open to whom, and what happens when
// one was right, wrong or wrong too often.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { Destinations, RequiredAuthentication } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { Authentication } from '@gatehouse/provider/sessions/store'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { againOf } from './again.ts'
import type { Around } from './around.ts'
import type { LockOut } from './lock-out.ts'
import { accepted, type Means, type Method, meansOf } from './methods.ts'
import type { RememberedBrowser } from './remembered-browser.ts'

/** Where somebody sets up the methods that are lacking. */
export const SET_UP = '/authentication_methods_setup'
/** Where the method is picked. */
export const SECOND_FACTOR = '/users/two_factor_authentication'

export interface SecondFactorParts {
  visits: Visits
  accounts: Accounts
  authenticators: Authenticators
  lookUpSecrets: LookUpSecrets
  tries: Tries
  lockOut: LockOut
  rememberedBrowser: RememberedBrowser
  destinations: Destinations
  /** Whether somebody has authenticated as a request demands. */
  isAuthenticatedAs(required: RequiredAuthentication, authentication: Authentication | undefined): boolean
  audit: Audit
  /** From so many tries left on the person is told. */
  warnAt: number
}

/** What the person may be asked for now. */
export interface Open extends Means {
  account: Account
}

/** What came of a try whose secret was looked at here. */
export type Tried<Result> =
  | { outcome: 'accepted'; result: Result }
  | { outcome: 'refused'; triesLeft: number }
  /** The account is locked, and the page that says so was sent. */
  | { outcome: 'answered'; reply: FastifyReply }

export interface SecondFactorStep {
  /** Hooks of every page here: for who has given the password and still owes the second factor. */
  guards: onRequestAsyncHookHandler[]
  around(request: FastifyRequest, reply: FastifyReply): Around
  /** The account with the methods that are open to it now. */
  open(request: FastifyRequest): Promise<Open>
  /** To the page that picks the method. */
  restart(request: FastifyRequest, reply: FastifyReply): FastifyReply
  /** Counts the try, then looks; a lock-out has been answered. `check` gives nothing for what is wrong. */
  attempt<Result>(
    request: FastifyRequest,
    reply: FastifyReply,
    method: Method,
    check: () => Promise<Result | undefined>,
  ): Promise<Tried<Result>>
  noteRefused(request: FastifyRequest, method: Method): Promise<void>
  /**
   * Signs in, or adds to how somebody has authenticated who is signed in already.
   *
   * @returns false when the session ended meanwhile
   */
  authenticate(request: FastifyRequest, reply: FastifyReply, given: Given): Promise<boolean>
  /**
   * The same, with what belongs to it.
   *
   * @returns where to go on
   */
  complete(request: FastifyRequest, reply: FastifyReply, given: Given): Promise<string>
  continueAt(request: FastifyRequest): string
}

export interface Given {
  method: Method | 'remember_device'
  /** The person ticked “Remember this browser”. */
  remember?: boolean
  certificate?: Authentication['certificate']
  /** It stood for the password too. */
  alone?: boolean
}

export function createSecondFactorStep(parts: SecondFactorParts): SecondFactorStep {
  const {
    visits,
    accounts,
    tries,
    lockOut,
    rememberedBrowser,
    destinations,
    isAuthenticatedAs,
    audit,
    warnAt,
  } = parts

  const requiredFor = (request: FastifyRequest) => destinations.of(request.visit.session)?.requires

  const isEnough = (request: FastifyRequest) => {
    const requires = requiredFor(request)
    return !requires || isAuthenticatedAs(requires, request.visit.session?.authentication)
  }

  function continueAt(request: FastifyRequest): string {
    const { language, session } = request.visit
    return language.base + (destinations.of(session)?.continueAt ?? '/account')
  }

  /** Whether the session needs no second factor now. */
  function isDone(request: FastifyRequest): boolean {
    const { session } = request.visit
    return session?.signInId !== undefined && isEnough(request) && !againOf(session)
  }

  const goOn: onRequestAsyncHookHandler = async (request, reply) => {
    if (isDone(request)) return reply.redirect(continueAt(request), statusFor(request))
  }

  async function open(request: FastifyRequest): Promise<Open> {
    const { session } = request.visit
    const account = await accounts.find(session?.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    const means = await meansOf(account.id, parts)
    const fitting = accepted(means.methods, requiredFor(request))
    // Whoever has nothing that fits proves by what there is that the account is theirs, and sets up the rest then.
    const isProven = hasGivenSecondFactor(session) && !againOf(session)
    const methods = fitting.length > 0 || isProven ? fitting : means.methods
    return { ...means, methods, account }
  }

  async function noteRefused(request: FastifyRequest, method: Method): Promise<void> {
    await audit.record({
      event: 'second-factor.refused',
      outcome: 'refusal',
      actor: request.visit.session?.accountId ?? '',
      details: { method },
      requestId: request.id,
    })
  }

  async function authenticate(request: FastifyRequest, reply: FastifyReply, given: Given): Promise<boolean> {
    const { session } = request.visit
    const { method, certificate } = given
    const isRemembered = method === 'remember_device'
    const more = { ...(certificate ? { certificate } : {}), ...(isRemembered ? { isRemembered } : {}) }
    if (session?.signInId && session.authentication) {
      // A further factor in a sign-in that goes on: the tokens that hang on it live.
      const { methods: before, certificate: earlier, at } = session.authentication
      const methods = [...before.filter((one) => one !== 'remember_device' && one !== method), method]
      const renewed = await visits.renew(request, reply, {
        authentication: {
          ...(earlier ? { certificate: earlier } : {}),
          ...more,
          methods,
          at: againOf(session) ? now() : at,
        },
        challenge: null,
        ceremony: null,
        notice: null,
      })
      return renewed.signInId !== undefined
    }
    const destination = destinations.of(session)
    const visited = destination ? [destination.clientId] : []
    const methods = given.alone ? [method] : ['password', method]
    // Signed out while the second factor was judged.
    if (!session?.accountId) return false
    return (
      (await visits.signIn(request, reply, session.accountId, visited, { methods, ...more })) !== undefined
    )
  }

  return {
    guards: [visits.requirePassword, goOn],
    continueAt,
    authenticate,
    open,
    noteRefused,
    around(request, reply) {
      const { language, session } = request.visit
      const { lang, base } = language
      const destination = destinations.of(session)
      const isSignedIn = session?.signInId !== undefined
      const offersRemembering = !isSignedIn && rememberedBrowser.isOffered(destination?.requires)
      return { lang, base, csrf: reply.csrfToken(), destination, offersRemembering, isSignedIn, warnAt }
    },
    restart: (request, reply) =>
      reply.redirect(request.visit.language.base + SECOND_FACTOR, statusFor(request)),
    async attempt(request, reply, method, check) {
      const accountId = request.visit.session?.accountId ?? ''
      const tried = await tries.attempt(accountId, check)
      if (tried.outcome === 'accepted') return { outcome: 'accepted', result: tried.result }
      await noteRefused(request, method)
      if (tried.outcome === 'refused') return tried
      return { outcome: 'answered', reply: await lockOut.afterTry(request, reply, tried.retryAt) }
    },
    async complete(request, reply, given) {
      const { language, session } = request.visit
      const actor = session?.accountId ?? ''
      const again = againOf(session)
      const requires = requiredFor(request)
      if (!(await authenticate(request, reply, given))) return `${language.base}/?timeout=session`
      if (given.remember && rememberedBrowser.isOffered(requires))
        await rememberedBrowser.remember(reply, actor)
      await audit.record({
        event: session?.signInId ? 'second-factor.accepted' : 'sign-in.completed',
        outcome: 'success',
        actor,
        details: { method: given.method },
        requestId: request.id,
      })
      if (!isEnough(request)) return language.base + SECOND_FACTOR
      return again ? language.base + again.returnTo : continueAt(request)
    },
  }
}

/** Whether a second factor was given in this session, and not only stood in for. */
function hasGivenSecondFactor(session: Session | undefined): boolean {
  return session?.signInId !== undefined && !session.authentication?.isRemembered
}

/** After a post the next page is always got anew. */
export function statusFor({ method }: FastifyRequest): 302 | 303 {
  return method === 'GET' ? 302 : 303
}
