import type { App } from '@gatehouse/http/service'
import type { WebAuthn } from '@gatehouse/provider/authenticators/webauthn'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import type { WebAuthnMethod } from '../second-factor/webauthn-pages.ts'
import {
  AnswerForm,
  type LabKeys,
  methodOf,
  PlatformQuery,
  parsed,
  webAddresses,
} from '../second-factor/webauthn-routes.ts'
import { nameOr } from './name.ts'
import type { SetUp } from './set-up.ts'
import { webAuthnSetUpPage } from './webauthn-pages.ts'

export interface WebAuthnSetUpParts {
  setUp: SetUp
  webAuthn: WebAuthn
  show: Show
  lab: LabKeys
}

const KINDS = { webauthn: 'security_key', webauthn_platform: 'platform_authenticator' } as const
const NAMES = { webauthn: 'Security key', webauthn_platform: 'Face or touch unlock' }

export function addWebAuthnRoutes(app: App, { setUp, webAuthn, show, lab }: WebAuthnSetUpParts): void {
  const place = '/webauthn_setup'
  const schema = { querystring: PlatformQuery }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    method: WebAuthnMethod,
    problem?: 'refused' | 'too_many',
  ) {
    const options = await webAuthn.registrationOptions(await setUp.accountOf(request), KINDS[method])
    await setUp.keep(request, reply, { registrationChallenge: options.challenge })
    const frame = await setUp.frame(request, reply)
    const leadsTo = webAddresses(frame.destination?.leadsTo ?? [])
    const built = webAuthnSetUpPage(frame, {
      method,
      options,
      ...(problem ? { problem } : {}),
      lab: { ...lab, leadsTo },
    })
    return show(request, reply, built, [lab.url])
  }

  app.get(place, { onRequest: setUp.guards, schema }, async (request, reply) =>
    page(request, reply, methodOf(request.query.platform)),
  )

  app.post(
    place,
    { onRequest: setUp.guards, schema: { ...schema, body: AnswerForm } },
    async (request, reply) => {
      const method = methodOf(request.query.platform)
      const { response = '', name } = request.body
      const challenge = setUp.kept(request, 'registrationChallenge')
      if (response === '' || typeof challenge !== 'string') return page(request, reply, method)
      // A challenge is answered once, rightly or not.
      await setUp.keep(request, reply, { registrationChallenge: null })
      const registered = await webAuthn.register({
        account: await setUp.accountOf(request),
        kind: KINDS[method],
        name: nameOr(NAMES[method], name),
        challenge,
        response: parsed(response),
      })
      if (typeof registered === 'string') return page(request, reply, method, registered)
      return reply.redirect(await setUp.added(request, reply, method, method), 303)
    },
  )
}
