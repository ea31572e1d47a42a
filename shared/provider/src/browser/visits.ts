// Between a browser and its session: the cookie, the language, and who may see a page.

import type { App } from '@gatehouse/http/service'
import type { Lang } from '@gatehouse/pages/site'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { Session, Sessions } from '../sessions/sessions.ts'
import type { Authentication, SessionChanges } from '../sessions/store.ts'

/** The language of a page. */
export interface Language {
  /** What the person asked for, as the provider names it. */
  locale: string
  /** What our texts are written in. */
  lang: Lang
  /** Prefix for links to our own pages that keeps the language. */
  base: string
}

export interface Visit {
  language: Language
  session: Session | undefined
  /** A cookie came whose session is over. */
  timedOut: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on the routes for browsers. */
    visit: Visit
  }
}

export interface Visits {
  /** Hook of every route for browsers. */
  open: onRequestAsyncHookHandler
  /** Lets pass who has given the password at least, whatever page is to come first; sends others to the sign-in page. */
  requireFirstFactor: onRequestAsyncHookHandler
  /** The same for whoever has passed the page that comes first, if any. */
  requirePassword: onRequestAsyncHookHandler
  /** Lets pass who is signed in; sends others to where they stopped. */
  requireSignIn: onRequestAsyncHookHandler
  /** Keeps `changes` in the session, beginning one where there is none. */
  keep(request: FastifyRequest, reply: FastifyReply, changes: SessionChanges): Promise<Session>
  /** The same with a new cookie: at every change of what the session may do. */
  renew(request: FastifyRequest, reply: FastifyReply, changes: SessionChanges): Promise<Session>
  signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    accountId: string,
    visited: string[],
    authentication: Omit<Authentication, 'at'>,
  ): Promise<Session | undefined>
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

export interface VisitOptions {
  /** Name of the session cookie. */
  cookieName: string
  /** Whether the cookie is for https alone. */
  secure: boolean
  /** Reads the language out of the URL and the `Accept-Language` header of a request. */
  languageOf(url: string, acceptLanguage: string | undefined): Language
  /** Paths, without language prefix, to which people are sent who are not far enough. */
  paths: { signIn: string; secondFactor: string }
}

export function createVisits(sessions: Sessions, options: VisitOptions): Visits {
  const { cookieName, languageOf, paths } = options
  const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure: options.secure } as const

  const signInPath = (timedOut: boolean) => `${paths.signIn}${timedOut ? '?timeout=session' : ''}`

  function enter(
    request: FastifyRequest,
    reply: FastifyReply,
    entered: { secret: string; session: Session },
  ): Session {
    reply.setCookie(cookieName, entered.secret, cookie)
    request.visit.session = entered.session
    return entered.session
  }

  async function begin(
    request: FastifyRequest,
    reply: FastifyReply,
    changes: SessionChanges,
  ): Promise<Session> {
    return enter(request, reply, await sessions.begin(changes))
  }

  return {
    async open(request) {
      const secret = request.cookies[cookieName]
      const session = secret ? await sessions.find(secret) : undefined
      request.visit = {
        language: languageOf(request.url, request.headers['accept-language']),
        session,
        timedOut: secret !== undefined && session === undefined,
      }
    },
    async requireFirstFactor(request, reply) {
      const { language, session, timedOut } = request.visit
      if (!session?.accountId) return reply.redirect(language.base + signInPath(timedOut))
    },
    async requirePassword(request, reply) {
      const { language, session, timedOut } = request.visit
      if (session?.accountId && !session.detour) return
      return reply.redirect(language.base + (session?.accountId ? session.detour : signInPath(timedOut)))
    },
    async requireSignIn(request, reply) {
      const { language, session, timedOut } = request.visit
      if (session?.signInId && !session.detour) return
      const step = session?.accountId ? (session.detour ?? paths.secondFactor) : signInPath(timedOut)
      return reply.redirect(language.base + step)
    },
    async keep(request, reply, changes) {
      const { session } = request.visit
      const kept = session && (await sessions.change(session, changes))
      if (!kept) return begin(request, reply, changes)
      request.visit.session = kept
      return kept
    },
    async renew(request, reply, changes) {
      const { session } = request.visit
      const renewed = session && (await sessions.renew(session, changes))
      return renewed ? enter(request, reply, renewed) : begin(request, reply, changes)
    },
    async signIn(request, reply, accountId, visited, authentication) {
      const { session } = request.visit
      const signedIn = session && (await sessions.signIn(session, accountId, visited, authentication))
      return signedIn && enter(request, reply, signedIn)
    },
    async end(request, reply) {
      if (request.visit.session) await sessions.end(request.visit.session)
      request.visit.session = undefined
      reply.clearCookie(cookieName, cookie)
    },
  }
}

/** Adds routes for browsers: without a language prefix and with each one. */
export function addBrowserRoutes(
  app: App,
  visits: Visits,
  locales: readonly string[],
  add: (scope: App) => void,
): void {
  // One route for all languages: each route that is added makes the start longer.
  for (const prefix of ['', `/:locale(^(?:${locales.join('|')})$)`]) {
    app.register(
      async (scope) => {
        scope.addHook('onRequest', visits.open)
        scope.addHook('onRoute', (route) => {
          route.schema = { ...route.schema, hide: true }
        })
        add(scope as unknown as App)
      },
      { prefix },
    )
  }
}
