// Security keys, and face or touch unlock (WebAuthn).

import type { App } from '@gatehouse/http/service'
import type { WebAuthn } from '@gatehouse/provider/authenticators/webauthn'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { challengePath } from './methods.ts'
import type { SecondFactorStep } from './step.ts'
import { type WebAuthnMethod, webAuthnPage } from './webauthn-pages.ts'

/** `platform` is on the address of the pages for face or touch unlock. */
export const PlatformQuery = Type.Object({ platform: Type.Optional(Type.String({ maxLength: 10 })) })

/** What comes back from a browser's form, or the lab's. */
export const AnswerForm = Type.Object(
  {
    response: Type.Optional(Type.String()),
    remember_device: Type.Optional(Type.String({ maxLength: 10 })),
    name: Type.Optional(Type.String({ maxLength: 255 })),
  },
  { additionalProperties: false },
)

/** Where the lab's security keys are, and this service as a browser sees it. */
export interface LabKeys {
  url: string
  publicUrl: string
}

export interface WebAuthnRouteParts {
  step: SecondFactorStep
  webAuthn: WebAuthn
  visits: Visits
  show: Show
  lab: LabKeys
}

export function addWebAuthnRoutes(app: App, { step, webAuthn, visits, show, lab }: WebAuthnRouteParts): void {
  const place = challengePath('webauthn')
  const schema = { querystring: PlatformQuery }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    method: WebAuthnMethod,
    triesLeft?: number,
  ) {
    const { session } = request.visit
    const options = await webAuthn.authenticationOptions(session?.accountId ?? '', kindsOf(method))
    const ceremony = { ...session?.ceremony, webAuthnChallenge: options.challenge }
    await visits.keep(request, reply, { ceremony })
    const around = step.around(request, reply)
    const leadsTo = webAddresses(around.destination?.leadsTo ?? [])
    const built = webAuthnPage(around, {
      method,
      options,
      ...(triesLeft === undefined ? {} : { triesLeft }),
      lab: { ...lab, leadsTo },
    })
    return show(request, reply, built, [lab.url])
  }

  app.get(place, { onRequest: step.guards, schema }, async (request, reply) => {
    const method = methodOf(request.query.platform)
    const { methods } = await step.open(request)
    return methods.includes(method) ? page(request, reply, method) : step.restart(request, reply)
  })

  app.post(
    place,
    { onRequest: step.guards, schema: { ...schema, body: AnswerForm } },
    async (request, reply) => {
      const method = methodOf(request.query.platform)
      const { methods, account } = await step.open(request)
      if (!methods.includes(method)) return step.restart(request, reply)
      const { response = '', remember_device: remember } = request.body
      const { webAuthnChallenge: challenge, ...rest } = request.visit.session?.ceremony ?? {}
      // Nothing was given, or asked for: no try.
      if (response === '' || typeof challenge !== 'string') return page(request, reply, method)
      // A challenge is answered once, rightly or not.
      await visits.keep(request, reply, { ceremony: rest })
      const tried = await step.attempt(request, reply, method, () =>
        webAuthn.authenticate({
          accountId: account.id,
          kinds: kindsOf(method),
          challenge,
          response: parsed(response),
        }),
      )
      if (tried.outcome === 'answered') return tried.reply
      if (tried.outcome === 'refused') return page(request, reply, method, tried.triesLeft)
      return reply.redirect(
        await step.complete(request, reply, { method, remember: remember !== undefined }),
        303,
      )
    },
  )
}

export function methodOf(platform: string | undefined): WebAuthnMethod {
  return platform === 'true' ? 'webauthn_platform' : 'webauthn'
}

function kindsOf(method: WebAuthnMethod): ('platform_authenticator' | 'security_key')[] {
  return [method === 'webauthn' ? 'security_key' : 'platform_authenticator']
}

/** What is no JSON is no answer; who judges answers takes anything. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An app's own scheme is nothing that the lab's page could name. */
export function webAddresses(addresses: string[]): string[] {
  return addresses.filter((address) => /^https?:/i.test(address))
}
