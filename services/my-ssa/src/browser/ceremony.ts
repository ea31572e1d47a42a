// What a session keeps between two pages of a step, beside the code that it waits for. Signing in takes it away.

import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface Ceremony {
  /** The person went on without the extra security that a relying service asked for. */
  skipped?: boolean
  /** The id of an application for an account. */
  application?: string
  /** What the code of the session's challenge is for; the number sealed. */
  text?: { use: TextUse; sealedPhone: string; letterId?: string }
  /** The enrolment in extra security that this browser is in. */
  enrolmentId?: string
  /** The new phone of a reset, sealed, once it was confirmed in this session. */
  resetPhone?: string
}

/** What a text is sent for: a code for one of them is none for another. */
export type TextUse = 'sign-in' | 'enrolment' | 'new-phone' | 'reset'

export function ceremonyOf(session: Session | undefined): Ceremony {
  return (session?.ceremony ?? {}) as Ceremony
}

/** Changes single parts; `undefined` takes one away. */
export async function keepCeremony(
  visits: Visits,
  request: FastifyRequest,
  reply: FastifyReply,
  changes: { [Part in keyof Ceremony]: Ceremony[Part] | undefined },
): Promise<void> {
  await visits.keep(request, reply, { ceremony: { ...request.visit.session?.ceremony, ...changes } })
}
