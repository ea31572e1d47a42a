import { Refusal } from '@gatehouse/http/refusal'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { errors, type InteractionResults } from 'oidc-provider'

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** What this suite adds to the results that oidc-provider carries from one prompt to the next. */
export interface Results extends InteractionResults {
  signInId?: string
}

/**
 * The interaction that the address names, for the browser that began it (oidc-provider ties it to a cookie).
 *
 * @throws Refusal `sign_in_expired` when there is none, it is over, or it belongs to another browser
 */
export async function findInteraction(
  provider: Provider,
  request: FastifyRequest<{ Params: { uid: string } }>,
  reply: FastifyReply,
): Promise<Interaction> {
  try {
    const interaction = await provider.interactionDetails(request.raw, reply.raw)
    if (interaction.uid === request.params.uid) return interaction
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error
  }
  throw new Refusal('sign_in_expired')
}

/** Ends the interaction with `results` and sends the person back into the authorization request. */
export async function finishInteraction(
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  results: Results,
): Promise<FastifyReply> {
  const url = await provider.interactionResult(request.raw, reply.raw, results, {
    mergeWithLastSubmission: true,
  })
  return reply.redirect(url, 303)
}

/** Ends the sign-in because the person chose Exit: the relying service hears `access_denied` (RFC 6749 §4.1.2.1). */
export async function exitInteraction(
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const results = { error: 'access_denied', error_description: 'The person left the sign-in.' }
  const url = await provider.interactionResult(request.raw, reply.raw, results, {
    mergeWithLastSubmission: false,
  })
  return reply.redirect(url, 303)
}

/** The origin that the person is sent to in the end; a form on the last page must be allowed to lead there. */
export function redirectOrigins(interaction: Interaction): string[] {
  const address = String(interaction.params.redirect_uri ?? '')
  return /^https?:/.test(address) ? [new URL(address).origin] : []
}
