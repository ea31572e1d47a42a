// Where an authorization request becomes a sign-in: the person is sent through the steps that are lacking, and comes back
// here after each. What is told to the relying service is what our session says, whatever the request asked for.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { errors, type InteractionResults } from 'oidc-provider'
import { Type } from 'typebox'
import { ceremonyOf } from '../browser/ceremony.ts'
import { PATHS } from '../paths.ts'
import { acrAndAmr, asksForExtraSecurity, hasExtraSecurity } from './authentication.ts'
import { EXIT, INTERACTION, type PendingRequest, pendingOf } from './pending-request.ts'
import type { People } from './people.ts'

export interface InteractionParts {
  provider: Provider
  visits: Visits
  people: People
  extraSecurity: { stateOf(accountId: string): Promise<'off' | 'requested' | 'on'> }
  audit: Audit
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>
type InteractionRequest = FastifyRequest<{ Params: { uid: string } }>

const schema = { params: Type.Object({ uid: Type.String({ maxLength: 100 }) }) }

/** Where somebody who signed in by password gets extra security, by the state that it is in. */
const NEXT = { on: PATHS.securityCode, requested: PATHS.enable, off: PATHS.needed } as const

export function addInteractionRoutes(app: App, parts: InteractionParts): void {
  const { provider, visits, people, extraSecurity, audit } = parts

  /** The interaction that the address names, for the browser that began it (oidc-provider ties it to a cookie). */
  async function find(request: InteractionRequest, reply: FastifyReply): Promise<Interaction> {
    const { uid } = request.params
    try {
      const interaction = await provider.interactionDetails(request.raw, reply.raw)
      if (interaction.uid === uid) return interaction
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error
    }
    if (pendingOf(request.visit.session)?.uid === uid) await visits.keep(request, reply, { pending: null })
    throw new Refusal('sign_in_expired')
  }

  /** Ends the interaction, and sends the person back into the authorization request. */
  async function finish(request: FastifyRequest, reply: FastifyReply, results: InteractionResults) {
    const url = await provider.interactionResult(request.raw, reply.raw, results)
    return reply.redirect(url, 303)
  }

  /**
   * Notes the request in the session when it first comes. Where it wants the person to sign in anew, the session is signed
   * out: whoever is signed in to it afterwards has just done so.
   */
  async function begin(request: FastifyRequest, reply: FastifyReply, interaction: Interaction) {
    const { session } = request.visit
    if (pendingOf(session)?.uid === interaction.uid && pendingOf(session)?.request) return
    const { client_id, redirect_uri, acr_values } = interaction.params
    const pending: PendingRequest = {
      uid: interaction.uid,
      request: {
        clientId: String(client_id),
        redirectUri: String(redirect_uri),
        needsExtraSecurity: asksForExtraSecurity(acr_values as string | undefined),
      },
    }
    if (session?.accountId && wantsAnew(interaction, session)) {
      await visits.renew(request, reply, { ...SIGNED_OUT, pending })
      return
    }
    // What was skipped on the way to an earlier request is asked again for this one.
    const { skipped, ...ceremony } = ceremonyOf(session)
    const asksAgain = skipped && pendingOf(session)?.uid !== interaction.uid
    await visits.keep(request, reply, { pending, ...(asksAgain ? { ceremony } : {}) })
  }

  app.get(INTERACTION, { schema }, async (request, reply) => {
    const interaction = await find(request, reply)
    await begin(request, reply, interaction)
    const { session } = request.visit
    if (!session?.accountId) return reply.redirect(PATHS.signIn, 303)
    // A page that comes before every other one, and the text that is still to be given.
    if (session.detour) return reply.redirect(session.detour, 303)
    if (!session.signInId || !session.authentication) return reply.redirect(PATHS.securityCode, 303)

    const account = await people.find(session.accountId)
    if (!account) {
      await visits.renew(request, reply, SIGNED_OUT)
      return reply.redirect(PATHS.signIn, 303)
    }
    const { authentication } = session
    const needed = pendingOf(session)?.request?.needsExtraSecurity ?? false
    if (needed && !hasExtraSecurity(authentication) && !ceremonyOf(session).skipped) {
      return reply.redirect(NEXT[await extraSecurity.stateOf(account.id)], 303)
    }
    const clientId = String(interaction.params.client_id)
    const { acr, amr } = acrAndAmr(authentication)
    await visits.keep(request, reply, { pending: null })
    await audit.record({
      event: 'sign-in.completed',
      outcome: 'success',
      actor: account.id,
      subject: clientId,
      details: { acr },
      requestId: request.id,
    })
    const ts = Math.floor(authentication.at / 1000)
    return finish(request, reply, { login: { accountId: account.id, acr, amr, ts } })
  })

  app.get(EXIT, { schema }, async (request, reply) => {
    const interaction = await find(request, reply)
    const { session } = request.visit
    // Whoever stops half way is not left half signed in.
    if (session?.signInId && !session.detour) await visits.keep(request, reply, { pending: null })
    else await visits.end(request, reply)
    await audit.record({
      event: 'sign-in.left',
      outcome: 'refusal',
      ...(session?.accountId ? { actor: session.accountId } : {}),
      subject: String(interaction.params.client_id),
      requestId: request.id,
    })
    return finish(request, reply, {
      error: 'access_denied',
      error_description: 'The person left the sign-in.',
    })
  })
}

/** Whether what the session says is not recent enough for the request: `prompt=login`, or older than `max_age`. */
function wantsAnew({ params, iat }: Interaction, { authentication }: Session): boolean {
  const prompts = String(params.prompt ?? '').split(' ')
  // A password that waits for its text has no instant of its own.
  const at = authentication?.at ?? 0
  // The request is known to the second only: in the same one the sign-in may have been before it.
  if (prompts.includes('login') && Math.floor(at / 1000) <= (iat ?? now())) return true
  return params.max_age !== undefined && at < now() - Number(params.max_age) * 1000
}
