// The way of a browser through a sign-in and out again. Whom to let in, and what to show, the website says.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { App, Ground } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { OpaqueCookie } from './opaque-cookie.ts'
import { createPendingSignIns } from './pending-sign-ins.ts'
import { type RelyingParty, type SignInOrigin, SignInUnreachable, type Tokens } from './relying-party.ts'

/** Milliseconds a person may take to answer the question at sign-in whether to log out. */
const SIGN_OUT_LIFETIME = 60 * 60 * 1000

/** For the `refusals` of the website. */
export const signInRefusals = {
  sign_in_not_begun: { status: 400, title: 'This sign-in cannot be continued' },
  sign_in_failed: { status: 502, title: 'The sign-in was not completed' },
  sign_in_unavailable: { status: 503, title: 'Sign-in is not available right now' },
}

/** What to say about a refusal of `signInRefusals`, and the words of the link that begins anew. */
export const signInAdvice: Record<string, { body: string; link: string }> = {
  sign_in_not_begun: {
    body:
      'It was not begun in this browser, was finished before, or took longer than an hour. ' +
      'Check that your browser accepts cookies.',
    link: 'Start again',
  },
  sign_in_failed: {
    body: 'The answer of the sign-in service could not be accepted. You are not signed in.',
    link: 'Try again',
  },
  sign_in_unavailable: {
    body: 'The sign-in service does not answer. Wait a moment and try again.',
    link: 'Try again',
  },
}

const SignInQuery = Type.Object({
  return_to: Type.Optional(Type.String()),
  again: Type.Optional(
    Type.Literal('yes', { description: 'sign in also who is signed in, and choose anew' }),
  ),
})

/** How a person has just come to the welcome page: by leaving the sign-in, or out of a session. */
export type Arrival = 'left' | 'signed-out' | 'signed-out-here-only'

interface Website<Person> {
  relyingParty: RelyingParty<Person>
  sessionCookie: OpaqueCookie
  /** Tells apart the browsers in which sign-ins were begun. */
  browserCookie: OpaqueCookie
  sessions: {
    /** Starts a session under a new id and ends the one before, if any. Resolves once it is stored. */
    start(
      id: string,
      person: Person,
      tokens: Tokens,
      previousId: string | undefined,
      origin: SignInOrigin,
    ): Promise<void>
    end(id: string | undefined): Promise<void>
    /** Whether who has this session need not sign in again. */
    isEnough(id: string | undefined): Promise<boolean>
  }
  /** The page to go on to, out of what a request names: always one of the website's own. */
  placeOf(returnTo: string | undefined): string
  welcomePage(arrival?: Arrival): string
  /** Where the form posts that ends the session. */
  signOutPath: string
}

/** Adds `GET /sign-in`, `/callback`, `/left-sign-in` and `/signed-out`, and the post that ends a session. */
export function addSignInRoutes<Person>(
  app: App,
  { keyValue, secrets }: Pick<Ground, 'keyValue' | 'secrets'>,
  website: Website<Person>,
): void {
  const { relyingParty, sessionCookie, browserCookie, sessions, placeOf, welcomePage, signOutPath } = website
  const pendingSignIns = createPendingSignIns(keyValue, secrets)
  const page = { hide: true }

  app.get('/sign-in', { schema: { ...page, querystring: SignInQuery } }, async (request, reply) => {
    const { return_to: returnTo, again } = request.query
    const place = placeOf(returnTo)
    if (!again && (await sessions.isEnough(sessionCookie.read(request)))) return goTo(reply, place)
    const { url, expected } = await relyingParty
      .begin(again ? { prompt: 'consent' } : {})
      .catch((error: unknown) => {
        if (!(error instanceof SignInUnreachable)) throw error
        request.log.warn({ reason: error.message }, 'sign-in cannot be reached')
        throw new Refusal('sign_in_unavailable', undefined, {}, { 'retry-after': '5' })
      })
    // A browser keeps its mark, or a second tab would make the first one's sign-in useless.
    const browser = browserCookie.read(request) ?? browserCookie.renew(reply)
    await pendingSignIns.keep(browser, { expected, place })
    return goTo(reply, url.href)
  })

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
    await sessions.start(id, result.person, result.tokens, previous, result.origin)
    return goTo(reply, pending.place)
  })

  app.get('/left-sign-in', { schema: page }, async (_request, reply) => reply.page(welcomePage('left')))

  app.post(
    signOutPath,
    { schema: { ...page, body: Type.Object({}, { additionalProperties: false }) } },
    async (request, reply) => {
      await sessions.end(sessionCookie.read(request))
      sessionCookie.clear(reply)
      const state = randomBytes(16).toString('base64url')
      try {
        const url = await relyingParty.endSessionUrl(state)
        await keyValue.put(`logout:${state}`, {}, now() + SIGN_OUT_LIFETIME)
        return goTo(reply, url.href)
      } catch (error) {
        if (!(error instanceof SignInUnreachable)) throw error
        request.log.warn({ reason: error.message }, 'logged out here only')
        return reply.page(welcomePage('signed-out-here-only'))
      }
    },
  )

  app.get('/signed-out', { schema: page }, async (request, reply) => {
    // Said only to somebody who has just logged out, and not to whoever follows a link here.
    const state = queryOf(request).get('state')
    const isTrue = state !== null && (await keyValue.take(`logout:${state}`)) !== undefined
    return reply.page(welcomePage(isTrue ? 'signed-out' : undefined))
  })
}

/** The query as it was sent: openid-client refuses what is repeated, which a parsed one would hide. */
function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(request.url.split('?').slice(1).join('?'))
}

function goTo(reply: FastifyReply, address: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(address, 303)
}
