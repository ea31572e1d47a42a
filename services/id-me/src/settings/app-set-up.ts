// A Code Generator, and ID.me's own app that is asked by push.

import { now } from '@gatehouse/clock/clock'
import { CallRefused } from '@gatehouse/contracts/calls'
import type { Approvals } from '@gatehouse/contracts/lab'
import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import { newTotpSecret, qrCode, totpStep, totpUri } from '@gatehouse/provider/authenticators/totp'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf, keepCeremony } from '../browser/ceremony.ts'
import type { Frame } from '../browser/frame.ts'
import { stateOf } from '../second-factor/approval.ts'
import { readPhoneNumber } from '../second-factor/phone-numbers.ts'
import { CodeForm } from '../second-factor/phone-routes.ts'
import { SITE } from '../site.ts'
import type { Changes } from './change.ts'
import { codeGeneratorPage, numberPage, setUpPath, setUpWaitingPage } from './set-up-pages.ts'
import { setUpWords as words } from './words.ts'

const NumberForm = Type.Object(
  { number: Type.Optional(Type.String({ maxLength: 60 })) },
  { additionalProperties: false },
)

const PURPOSE = 'code generator set-up'

export interface AppSetUpParts {
  changes: Changes
  visits: Visits
  frame: Frame
  authenticators: Authenticators
  approvals: Approvals
  secrets: Pick<Secrets, 'seal' | 'unseal'>
  /** `approvalMs` in milliseconds; how many of each an account may have. */
  limits: { approvalMs: number; codeGenerators: number; pushApps: number }
}

export function addCodeGeneratorSetUp(app: App, parts: AppSetUpParts): void {
  const { changes, visits, frame, authenticators, secrets, limits } = parts
  const place = setUpPath('code_generator')
  const guarded = { onRequest: changes.guards(place) }

  async function show(request: FastifyRequest, reply: FastifyReply, problem?: 'blank' | 'invalid' | 'taken') {
    const { account } = await changes.open(request)
    const known = ceremonyOf(request.visit.session).setupKey
    const setupKey = known ? secrets.unseal(PURPOSE, known) : newTotpSecret()
    if (!known) await keepCeremony(visits, request, reply, { setupKey: secrets.seal(PURPOSE, setupKey) })
    const page = codeGeneratorPage(frame.around(request, reply), {
      setupKey,
      qr: qrCode(totpUri({ issuer: SITE.name, account: account.email, secret: setupKey })),
      error: problem && words[request.visit.language.lang][problem],
    })
    return frame.show(request, reply, page)
  }

  app.get(place, guarded, async (request, reply) => show(request, reply))

  app.post(place, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const { code = '' } = request.body
    const sealed = ceremonyOf(request.visit.session).setupKey
    if (!sealed) return show(request, reply)
    if (code.trim() === '') return show(request, reply, 'blank')
    const secret = secrets.unseal(PURPOSE, sealed)
    const counter = totpStep(secret, code)
    if (counter === undefined) return show(request, reply, 'invalid')
    const added = await authenticators.add(
      {
        accountId: request.visit.session?.accountId ?? '',
        kind: 'authenticator_app',
        name: words[request.visit.language.lang].methods.code_generator.label,
        details: { secret },
        // The code that was shown is used.
        counter,
        identifier: secret,
      },
      limits.codeGenerators,
    )
    return added ? changes.added(request, reply, 'code_generator') : show(request, reply, 'taken')
  })
}

export function addPushSetUp(app: App, parts: AppSetUpParts): void {
  const { changes, visits, frame, authenticators, approvals, limits } = parts
  const place = setUpPath('push')
  const guarded = { onRequest: changes.guards(place) }
  type Problem = 'blank' | 'malformed' | 'extension' | 'no_such_phone' | 'denied' | 'taken'

  function ask(request: FastifyRequest, reply: FastifyReply, number = '', problem?: Problem) {
    const error = problem && words[request.visit.language.lang][problem]
    return frame.show(request, reply, numberPage(frame.around(request, reply), 'push', { number, error }))
  }

  async function look(request: FastifyRequest, reply: FastifyReply) {
    const { approval } = ceremonyOf(request.visit.session)
    if (!approval || approval.authenticatorId) return reply.redirect(request.visit.language.base + place, 303)
    const { number } = approval
    const state = await stateOf(approvals, approval.approvalId)
    if (state === 'pending') {
      return frame.show(request, reply, setUpWaitingPage(frame.around(request, reply), number))
    }
    await keepCeremony(visits, request, reply, { approval: undefined })
    if (state !== 'approved') return ask(request, reply, number, 'denied')
    const added = await authenticators.add(
      {
        accountId: request.visit.session?.accountId ?? '',
        kind: 'push_app',
        name: words[request.visit.language.lang].methods.push.label,
        details: { number },
      },
      limits.pushApps,
    )
    return added ? changes.added(request, reply, 'push') : ask(request, reply, number, 'taken')
  }

  app.get(place, guarded, async (request, reply) => {
    const [phone] = (await changes.open(request)).phones
    return ask(request, reply, phone?.details.number)
  })

  app.post(place, { ...guarded, schema: { body: NumberForm } }, async (request, reply) => {
    const { lang, base } = request.visit.language
    const { number: given = '' } = request.body
    const read = readPhoneNumber(given)
    if ('problem' in read) return ask(request, reply, given, read.problem)
    const { number } = read
    const { pushApps } = await changes.open(request)
    if (pushApps.some(({ details }) => details.number === number)) return ask(request, reply, given, 'taken')
    const expiresAt = now() + limits.approvalMs
    try {
      const { question } = words[lang]
      const { approvalId } = await approvals.ask({
        phoneNumber: number,
        from: SITE.name,
        question,
        expiresAt,
      })
      await keepCeremony(visits, request, reply, {
        approval: { approvalId, number, expiresAt, wasLast: false },
      })
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error
      return ask(request, reply, given, 'no_such_phone')
    }
    return reply.redirect(`${base}${place}/approval`, 303)
  })

  app.get(`${place}/approval`, guarded, look)
  app.post(`${place}/approval`, guarded, look)
}
