import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { OpaqueCookie } from '../cookies.ts'
import { placeOf } from '../places.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { welcomePage } from '../welcome/page.ts'
import type { PendingSignIns } from './pending-sign-ins.ts'
import { type RelyingParty, SignInUnreachable } from './relying-party.ts'

/** Milliseconds a person may take to answer the question at sign-in whether to log out. */
const LOGOUT_LIFETIME = 60 * 60 * 1000

interface Dependencies {
  relyingParty: RelyingParty
  pendingSignIns: PendingSignIns
  sessions: Sessions
  sessionCookie: OpaqueCookie
  /** Tells apart the browsers in which sign-ins were begun. */
  browserCookie: OpaqueCookie
  keyValue: KeyValue
}

export function addSignInRoutes(app: App, dependencies: Dependencies): void {
  const { relyingParty, pendingSignIns, sessions, sessionCookie, browserCookie, keyValue } = dependencies
  const page = { hide: true }

  app.get(
    '/sign-in',
    { schema: { ...page, querystring: Type.Object({ return_to: Type.Optional(Type.String()) }) } },
    async (request, reply) => {
      const place = placeOf(request.query.return_to)
      if (await sessions.exists(sessionCookie.read(request))) return goTo(reply, place)
      const { url, expected } = await relyingParty.begin().catch((error: unknown) => {
        if (!(error instanceof SignInUnreachable)) throw error
        request.log.warn({ reason: error.message }, 'sign-in cannot be reached')
        throw new Refusal('sign_in_unavailable', undefined, {}, { 'retry-after': '5' })
      })
      // A browser keeps its mark, or a second tab would make the first one's sign-in useless.
      const browser = browserCookie.read(request) ?? browserCookie.renew(reply)
      await pendingSignIns.keep(browser, { expected, place })
      return goTo(reply, url.href)
    },
  )

  app.get('/callback', { schema: page }, async (request, reply) => {
    const query = queryOf(request)
    const pending = await pendingSignIns.take(browserCookie.read(request), query.get('state'))
    if (!pending) throw new Refusal('sign_in_not_begun')
    const result = await relyingParty.finish(query, pending.expected)
    if (result.kind === 'left') return goTo(reply, '/left-sign-in')
    if (result.kind !== 'signed-in') {
      request.log.warn({ reason: result.reason }, 'sign-in not completed')
      throw new Refusal(result.kind === 'failed' ? 'sign_in_failed' : 'sign_in_unavailable')
    }
    // A new id at sign-in: one that was put into the browser before opens nothing (ASVS 7.2.4).
    const previous = sessionCookie.read(request)
    const id = sessionCookie.renew(reply)
    await sessions.start(id, result.person, result.tokens, previous)
    return goTo(reply, pending.place)
  })

  app.get('/left-sign-in', { schema: page }, async (_request, reply) =>
    reply.page(
      welcomePage({
        kind: 'info',
        heading: 'You left the sign-in',
        body: 'Nothing was changed. Select Sign in to start again.',
      }),
    ),
  )

  app.post(
    '/logout',
    { schema: { ...page, body: Type.Object({}, { additionalProperties: false }) } },
    async (request, reply) => {
      await sessions.end(sessionCookie.read(request), 'logout')
      sessionCookie.clear(reply)
      const state = randomBytes(16).toString('base64url')
      try {
        const url = await relyingParty.endSessionUrl(state)
        await keyValue.put(`logout:${state}`, {}, now() + LOGOUT_LIFETIME)
        return goTo(reply, url.href)
      } catch (error) {
        if (!(error instanceof SignInUnreachable)) throw error
        request.log.warn({ reason: error.message }, 'logged out here only')
        return reply.page(
          welcomePage({
            kind: 'warning',
            heading: 'You are logged out of BSO only',
            body: 'The sign-in service could not be reached and may still know you. Close your browser.',
          }),
        )
      }
    },
  )

  app.get('/signed-out', { schema: page }, async (request, reply) => {
    // Said only to somebody who has just logged out, and not to whoever follows a link here.
    const state = queryOf(request).get('state')
    const isTrue = state !== null && (await keyValue.take(`logout:${state}`)) !== undefined
    const done = { kind: 'success', heading: 'You are logged out of Business Services Online' } as const
    return reply.page(welcomePage(isTrue ? done : undefined))
  })
}

/** The query as it was sent: openid-client refuses what is repeated, which a parsed one would hide. */
function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(request.url.split('?').slice(1).join('?'))
}

function goTo(reply: FastifyReply, address: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(address, 303)
}
