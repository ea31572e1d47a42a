// Approval in ID.me's own app on a phone. Asking counts as a try and a yes takes it back: whoever has the password alone
// cannot go on asking until somebody gives in.

import { now } from '@gatehouse/clock/clock'
import { CallRefused } from '@gatehouse/contracts/calls'
import type { Approvals } from '@gatehouse/contracts/lab'
import type { App } from '@gatehouse/http/service'
import type { Authenticator, Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Asked, ceremonyOf, keepCeremony } from '../browser/ceremony.ts'
import type { Frame } from '../browser/frame.ts'
import { SITE } from '../site.ts'
import { stateOf } from './approval.ts'
import { pathOf } from './choice-routes.ts'
import { type PushProblem, pushPage, waitingPage } from './push-pages.ts'
import type { SecondFactorStep } from './step.ts'

const PushForm = Type.Object(
  { phone: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)

const words = {
  en: (name: string) => `Do you want to sign in to ${name}?`,
  es: (name: string) => `¿Quiere iniciar sesión en ${name}?`,
}

export interface PushRouteParts {
  step: SecondFactorStep
  visits: Visits
  frame: Frame
  approvals: Approvals
  authenticators: Authenticators
  tries: Tries
  /** Milliseconds. */
  approvalMs: number
}

export function addPushRoutes(app: App, parts: PushRouteParts): void {
  const { step, visits, frame, approvals, authenticators, tries, approvalMs } = parts
  const place = pathOf('push')
  const approvalPath = `${place}/approval`
  const guarded = { onRequest: step.guards }

  async function start(request: FastifyRequest, reply: FastifyReply, problem?: PushProblem) {
    const open = await step.openFor(request, 'push')
    if (!open) return step.restart(request, reply)
    return frame.show(request, reply, pushPage(step.around(request, reply), { apps: open.pushApps, problem }))
  }

  async function ask(request: FastifyRequest, reply: FastifyReply, device: Authenticator<'push_app'>) {
    const { lang } = request.visit.language
    const { number } = device.details
    const expiresAt = now() + approvalMs
    const question = words[lang](step.around(request, reply).destination?.name ?? SITE.name).slice(0, 200)
    const asked: { approvalId?: string } = {}
    const tried = await tries.attempt(device.accountId, async () => {
      try {
        asked.approvalId = (
          await approvals.ask({ phoneNumber: number, from: SITE.name, question, expiresAt })
        ).approvalId
      } catch (error) {
        // A phone that is none of the lab's: nothing was asked.
        if (!(error instanceof CallRefused)) throw error
      }
      return undefined
    })
    const { approvalId } = asked
    if (approvalId === undefined) {
      if (tried.outcome === 'locked') return step.lock(request, reply, tried.retryAt)
      return start(request, reply, { kind: 'unreachable' })
    }
    const wasLast = tried.outcome === 'locked'
    const approval: Asked = { approvalId, number, authenticatorId: device.id, expiresAt, wasLast }
    await keepCeremony(visits, request, reply, { approval })
    return reply.redirect(request.visit.language.base + approvalPath, 303)
  }

  async function look(request: FastifyRequest, reply: FastifyReply, looked: boolean) {
    const { approval } = ceremonyOf(request.visit.session)
    if (!approval?.authenticatorId) return step.restart(request, reply)
    const state = await stateOf(approvals, approval.approvalId)
    const account = request.visit.session?.accountId ?? ''
    const lockedUntil = await tries.lockedUntil(account)
    if (state === 'pending') {
      return frame.show(
        request,
        reply,
        waitingPage(step.around(request, reply), { number: approval.number, looked }),
      )
    }
    const counts = state === 'approved' && (!lockedUntil || approval.wasLast)
    // A phone that was taken off the account since says nothing any more.
    if (counts && (await authenticators.use(approval.authenticatorId))) {
      await tries.forget(account)
      return step.complete(request, reply, 'push')
    }
    await step.noteRefused(request, 'push')
    if (lockedUntil) return step.lock(request, reply, lockedUntil)
    await keepCeremony(visits, request, reply, { approval: undefined })
    return start(request, reply, { kind: state === 'denied' ? 'denied' : 'expired' })
  }

  app.get(place, guarded, async (request, reply) => start(request, reply))

  app.post(place, { ...guarded, schema: { body: PushForm } }, async (request, reply) => {
    const { pushApps } = await step.open(request)
    const { phone: wanted } = request.body
    const device = wanted === undefined ? pushApps[0] : pushApps.find(({ id }) => id === wanted)
    return device ? ask(request, reply, device) : start(request, reply)
  })

  app.get(approvalPath, guarded, async (request, reply) => look(request, reply, false))
  app.post(approvalPath, guarded, async (request, reply) => look(request, reply, true))
}
