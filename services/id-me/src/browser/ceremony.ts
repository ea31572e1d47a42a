// What a session keeps between two pages of a step, beside the code that it waits for.

import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface Ceremony {
  /** The person gives both factors again; set by the page for the password. */
  isAgain?: boolean
  /** Path, without language prefix, at which somebody goes on who was on the way to a page of the settings. */
  returnTo?: string
  /** Somebody who lost a method wants to get to the settings by another one. */
  updatesSettings?: boolean
  /** What a security key or passkey has to answer. */
  webAuthnChallenge?: string
  /** A question that is asked on a phone. */
  approval?: Asked
  /** A phone that is being added. */
  phone?: { number: string; prefers: 'text' | 'call' }
  /** The setup key of a Code Generator that is being added, sealed. */
  setupKey?: string
}

export interface Asked {
  approvalId: string
  /** E.164. */
  number: string
  /** The authenticator that is asked, unless it is being added. */
  authenticatorId?: string
  /** Milliseconds. */
  expiresAt: number
  /** It was the last try: without a yes the account is locked. */
  wasLast: boolean
}

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
