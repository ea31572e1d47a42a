// The first step of a sign-in: the choice of a provider among those that the relying service offers, and the way there.

import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import type { UnknownObject } from 'oidc-provider'
import { Type } from 'typebox'
import { offeredFor, requestedLevels } from '../federation/offered-providers.ts'
import type { IdentityProvider } from '../federation/providers.ts'
import type { Federation } from '../federation/routes.ts'
import type { Revocations } from '../revocations/revocations.ts'
import { findInteraction, type Interaction } from './interaction.ts'
import { leavingPage, NOTICES, providerChoicePage } from './provider-pages.ts'

interface Dependencies {
  provider: () => Provider
  federation: Federation
  revocations: Pick<Revocations, 'withoutEnded'>
}

const Uid = Type.Object({ uid: Type.String({ pattern: '^[\\w-]{1,64}$' }) })

/** Why oidc-provider asks for a sign-in (OpenID Connect Core §3.1.2.1: `prompt=login`, `max_age`). */
const AUTHENTICATE_AGAIN = new Set(['login_prompt', 'max_age'])

const originsOf = (providers: IdentityProvider[]) => providers.map(({ issuer }) => issuer)

export function addProviderSteps(app: App, dependencies: Dependencies): void {
  const { provider: current, federation, revocations } = dependencies

  const offeredNow = async (params: UnknownObject) =>
    offeredFor(params, current(), await revocations.withoutEnded(federation.providers))

  function goTo(
    request: FastifyRequest,
    reply: FastifyReply,
    interaction: Interaction,
    options: { providerId: string; signUp: boolean },
  ) {
    const { uid, prompt, params } = interaction
    // A relying service that sent prompt=login or max_age must not get an older session of the provider told as new.
    const authenticateAgain = prompt.reasons.some((reason) => AUTHENTICATE_AGAIN.has(reason))
    const levels = requestedLevels(params)
    return federation.begin(request, reply, options.providerId, uid, {
      authenticateAgain,
      signUp: options.signUp,
      levels,
    })
  }

  app.get(
    '/interaction/:uid',
    {
      schema: {
        hide: true,
        params: Uid,
        querystring: Type.Object({ notice: Type.Optional(Type.String({ maxLength: 16 })) }),
      },
    },
    async (request, reply) => {
      const interaction = await findInteraction(current(), request, reply)
      const { uid, prompt, params } = interaction
      if (prompt.name === 'consent') return reply.redirect(`/interaction/${uid}/user-id`, 303)
      const offered = await offeredNow(params)
      const notice = NOTICES.get(request.query.notice)
      const [only, ...others] = offered
      // Whoever has just left the only provider, or was failed by it, is not sent there again unasked.
      if (only && others.length === 0 && !notice) {
        if (!only.leavingPage) {
          return goTo(request, reply, interaction, { providerId: only.id, signUp: false })
        }
        const cancelAt = `/interaction/${uid}?notice=left`
        const page = leavingPage({ uid, csrf: reply.csrfToken(), provider: only, signUp: false, cancelAt })
        return reply.page(page, { formAction: originsOf(offered) })
      }
      const client = await current().Client.find(String(params.client_id))
      const page = providerChoicePage({
        uid,
        csrf: reply.csrfToken(),
        providers: offered,
        relyingService: client?.clientName ?? String(params.client_id),
        notice,
      })
      return reply.page(page, { formAction: originsOf(offered) })
    },
  )

  app.post(
    '/interaction/:uid/provider',
    {
      schema: {
        hide: true,
        params: Uid,
        body: Type.Object(
          {
            provider: Type.String({ maxLength: 64 }),
            signUp: Type.Optional(Type.Literal('yes')),
            leave: Type.Optional(Type.Literal('yes')),
          },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const interaction = await findInteraction(current(), request, reply)
      const { uid, params } = interaction
      const offered = await offeredNow(params)
      const chosen = offered.find(({ id }) => id === request.body.provider)
      if (!chosen) throw new Refusal('provider_not_offered')
      const signUp = request.body.signUp === 'yes'
      if (chosen.leavingPage && !request.body.leave) {
        const cancelAt = offered.length === 1 ? `/interaction/${uid}?notice=left` : `/interaction/${uid}`
        const page = leavingPage({ uid, csrf: reply.csrfToken(), provider: chosen, signUp, cancelAt })
        return reply.page(page, { formAction: originsOf(offered) })
      }
      return goTo(request, reply, interaction, { providerId: chosen.id, signUp })
    },
  )
}
