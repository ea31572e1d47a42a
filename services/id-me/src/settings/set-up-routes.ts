// The choice of what to set up, passkeys and security keys, and codes on paper.

import type { App } from '@gatehouse/http/service'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { WebAuthn } from '@gatehouse/provider/authenticators/webauthn'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf, keepCeremony } from '../browser/ceremony.ts'
import type { Frame } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import type { LabKeys } from '../second-factor/webauthn-pages.ts'
import { parsed, WEBAUTHN_KINDS } from '../second-factor/webauthn-routes.ts'
import type { Changes } from './change.ts'
import {
  FIRST_METHODS,
  newCodesPage,
  PAPER_METHODS,
  paperPage,
  setUpChoicePage,
  setUpPath,
  setUpWebAuthnPage,
} from './set-up-pages.ts'
import { setUpWords as words } from './words.ts'

const ChoiceForm = Type.Object(
  { method: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)
const RegistrationForm = Type.Object(
  {
    response: Type.Optional(Type.String()),
    name: Type.Optional(Type.String({ maxLength: 40, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })),
  },
  { additionalProperties: false },
)

export interface SetUpParts {
  changes: Changes
  visits: Visits
  frame: Frame
  webAuthn: WebAuthn
  lookUpSecrets: LookUpSecrets
  lab: LabKeys
  /** How many backup codes a set has. */
  backupCodes: number
}

export function addSetUpChoice(app: App, { changes, frame }: SetUpParts): void {
  const guarded = { onRequest: changes.guards(PATHS.setUp) }

  async function offered(request: FastifyRequest) {
    const isFirst = (await changes.open(request)).methods.length === 0
    return { isFirst, methods: isFirst ? FIRST_METHODS : [...FIRST_METHODS, ...PAPER_METHODS] }
  }

  app.get(PATHS.setUp, guarded, async (request, reply) =>
    frame.show(request, reply, setUpChoicePage(frame.around(request, reply), await offered(request))),
  )

  app.post(PATHS.setUp, { ...guarded, schema: { body: ChoiceForm } }, async (request, reply) => {
    const given = await offered(request)
    const chosen = given.methods.find((method) => method === request.body.method)
    if (chosen) return reply.redirect(request.visit.language.base + setUpPath(chosen), 303)
    const page = setUpChoicePage(frame.around(request, reply), { ...given, problem: 'choose' })
    return frame.show(request, reply, page)
  })
}

export function addWebAuthnSetUp(app: App, { changes, visits, frame, webAuthn, lab }: SetUpParts): void {
  for (const method of ['passkey', 'security_key'] as const) {
    const place = setUpPath(method)
    const guarded = { onRequest: changes.guards(place) }
    const kind = WEBAUTHN_KINDS[method]

    async function page(request: FastifyRequest, reply: FastifyReply, problem?: 'refused' | 'too_many') {
      const { account } = await changes.open(request)
      const options = await webAuthn.registrationOptions(account, kind)
      await keepCeremony(visits, request, reply, { webAuthnChallenge: options.challenge })
      const built = setUpWebAuthnPage(frame.around(request, reply), { method, options, lab, problem })
      return frame.show(request, reply, built, [lab.url])
    }

    app.get(place, guarded, async (request, reply) => page(request, reply))

    app.post(place, { ...guarded, schema: { body: RegistrationForm } }, async (request, reply) => {
      const { response = '', name = '' } = request.body
      const { webAuthnChallenge: challenge } = ceremonyOf(request.visit.session)
      if (response === '' || challenge === undefined) return page(request, reply)
      // A challenge is answered once, rightly or not.
      await keepCeremony(visits, request, reply, { webAuthnChallenge: undefined })
      const { account } = await changes.open(request)
      const { label } = words[request.visit.language.lang].methods[method]
      const registered = await webAuthn.register({
        account,
        kind,
        name: name.trim() || label,
        challenge,
        response: parsed(response),
      })
      if (typeof registered === 'string') return page(request, reply, registered)
      return changes.added(request, reply, method)
    })
  }
}

/** Recovery code and backup codes (NIST SP 800-63B-4 §3.1.2): beside another second factor, never the only one. */
export function addPaperSetUp(app: App, parts: SetUpParts): void {
  const { changes, frame, lookUpSecrets, backupCodes } = parts
  const SETS = { recovery_code: { count: 1, groups: 6 }, backup_code: { count: backupCodes, groups: 3 } }
  for (const method of PAPER_METHODS) {
    const place = setUpPath(method)
    const guarded = { onRequest: changes.guards(place) }

    app.get(place, guarded, async (request, reply) => {
      const { methods } = await changes.open(request)
      if (methods.length === 0) return reply.redirect(request.visit.language.base + PATHS.setUp)
      return frame.show(request, reply, paperPage(frame.around(request, reply), method))
    })

    app.post(place, guarded, async (request, reply) => {
      const { account, methods } = await changes.open(request)
      if (methods.length === 0) return reply.redirect(request.visit.language.base + PATHS.setUp, 303)
      const codes = await lookUpSecrets.issue(account.id, method, SETS[method])
      await changes.tell(request, 'second-factor.added', method)
      return frame.show(request, reply, newCodesPage(frame.around(request, reply), method, codes))
    })
  }
}
