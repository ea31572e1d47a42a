// Passkeys and security keys (WebAuthn).

import type { App } from '@gatehouse/http/service'
import type { WebAuthn, WebAuthnKind } from '@gatehouse/provider/authenticators/webauthn'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf, keepCeremony } from '../browser/ceremony.ts'
import type { Frame } from '../browser/frame.ts'
import { pathOf } from './choice-routes.ts'
import type { SecondFactorStep } from './step.ts'
import { type LabKeys, type WebAuthnMethod, webAuthnPage } from './webauthn-pages.ts'

/** What comes back from the browser's form, or the lab's. */
const AnswerForm = Type.Object({ response: Type.Optional(Type.String()) }, { additionalProperties: false })

export interface WebAuthnRouteParts {
  step: SecondFactorStep
  webAuthn: WebAuthn
  visits: Visits
  frame: Frame
  lab: LabKeys
}

export const WEBAUTHN_KINDS: Record<WebAuthnMethod, WebAuthnKind> = {
  passkey: 'platform_authenticator',
  security_key: 'security_key',
}

export function addWebAuthnRoutes(app: App, parts: WebAuthnRouteParts): void {
  const { step, webAuthn, visits, frame, lab } = parts
  for (const method of ['passkey', 'security_key'] as const) {
    const place = pathOf(method)
    const kinds = [WEBAUTHN_KINDS[method]]

    async function page(request: FastifyRequest, reply: FastifyReply, failed?: { triesLeft: number }) {
      const options = await webAuthn.authenticationOptions(request.visit.session?.accountId ?? '', kinds)
      await keepCeremony(visits, request, reply, { webAuthnChallenge: options.challenge })
      const built = webAuthnPage(step.around(request, reply), { method, options, lab, failed })
      return frame.show(request, reply, built, [lab.url])
    }

    app.get(place, { onRequest: step.guards }, async (request, reply) =>
      (await step.openFor(request, method)) ? page(request, reply) : step.restart(request, reply),
    )

    app.post(place, { onRequest: step.guards, schema: { body: AnswerForm } }, async (request, reply) => {
      const open = await step.openFor(request, method)
      if (!open) return step.restart(request, reply)
      const { response = '' } = request.body
      const { webAuthnChallenge: challenge } = ceremonyOf(request.visit.session)
      // Nothing was given, or asked for: no try.
      if (response === '' || challenge === undefined) return page(request, reply)
      // A challenge is answered once, rightly or not.
      await keepCeremony(visits, request, reply, { webAuthnChallenge: undefined })
      const accountId = open.account.id
      const tried = await step.attempt(request, reply, method, () =>
        webAuthn.authenticate({ accountId, kinds, challenge, response: parsed(response) }),
      )
      if (tried.outcome === 'answered') return tried.reply
      if (tried.outcome === 'refused') return page(request, reply, tried)
      return step.complete(request, reply, method)
    })
  }
}

/** What is no JSON is no answer; who judges answers takes anything. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
