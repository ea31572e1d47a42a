// The end of a sign-in, by whatever factors, and where it goes on.

import type { Audit } from '@gatehouse/audit/audit'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { MySsaDestinations } from '../browser/destination.ts'
import { PATHS } from '../paths.ts'

/** RFC 8176: what a session keeps of how the person signed in. */
export const METHODS = { password: ['pwd'], text: ['pwd', 'sms'] } as const

/** Whether the person of the session has given the code of a text. */
export function hasGivenText(session: Session | undefined): boolean {
  return session?.authentication?.methods.includes('sms') ?? false
}

export interface Completion {
  /** Where somebody goes on who is signed in. */
  continueAt(request: FastifyRequest): string
  /**
   * Signs in and goes on.
   *
   * @param detour path of the page that comes first
   */
  complete(
    request: FastifyRequest,
    reply: FastifyReply,
    accountId: string,
    methods: readonly string[],
    detour?: string,
  ): Promise<FastifyReply>
  /** The same without going anywhere; false when the session ended meanwhile, or nobody may sign in to the account. */
  signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    accountId: string,
    methods: readonly string[],
    detour?: string,
  ): Promise<boolean>
}

export function createCompletion(parts: {
  visits: Visits
  destinations: MySsaDestinations
  audit: Audit
}): Completion {
  const { visits, destinations, audit } = parts

  const continueAt = ({ visit }: FastifyRequest) =>
    destinations.of(visit.session)?.continueAt ?? PATHS.securitySettings

  async function signIn(
    request: FastifyRequest,
    reply: FastifyReply,
    accountId: string,
    methods: readonly string[],
    detour?: string,
  ): Promise<boolean> {
    if (!request.visit.session) await visits.keep(request, reply, {})
    const { visited = [] } = request.visit.session ?? {}
    const signedIn = await visits.signIn(request, reply, accountId, visited, { methods: [...methods] })
    if (!signedIn) return false
    if (signedIn.detour !== detour) await visits.keep(request, reply, { detour: detour ?? null })
    await audit.record({
      event: 'signed-in',
      outcome: 'success',
      actor: accountId,
      details: { method: methods.at(-1) ?? '' },
      requestId: request.id,
    })
    return true
  }

  return {
    continueAt,
    signIn,
    async complete(request, reply, accountId, methods, detour) {
      if (!(await signIn(request, reply, accountId, methods, detour))) {
        return reply.redirect(`${PATHS.signIn}?timeout=session`, 303)
      }
      return reply.redirect(detour ?? continueAt(request), 303)
    },
  }
}

/** Of a redirect: after a form the next request is a GET. */
export function statusFor({ method }: FastifyRequest): 302 | 303 {
  return method === 'GET' || method === 'HEAD' ? 302 : 303
}

/** Records what was not taken, of the person whose session it is. */
export async function noteRefused(audit: Audit, request: FastifyRequest, event: string): Promise<void> {
  const actor = request.visit.session?.accountId ?? ''
  await audit.record({ event, outcome: 'refusal', actor, requestId: request.id })
}
