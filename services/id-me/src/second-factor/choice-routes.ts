// The first of the three steps: with which of several methods. Who has one only goes on to it at once.

import type { App } from '@gatehouse/http/service'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf, keepCeremony } from '../browser/ceremony.ts'
import type { Frame } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { choicePage } from './choice-pages.ts'
import { METHODS, type Method } from './methods.ts'
import type { SecondFactorStep } from './step.ts'

const ChoiceForm = Type.Object(
  { method: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)

/** For whoever lost a method: to the settings, by way of another one. */
export const UPDATE_SETTINGS = `${PATHS.secondFactor}/update-settings`

/** Where a method is used, without language prefix. */
export function pathOf(method: Method): string {
  return `${PATHS.secondFactor}/${method.replaceAll('_', '-')}`
}

export function addChoiceRoutes(
  app: App,
  { step, visits, tries, frame }: { step: SecondFactorStep; visits: Visits; tries: Tries; frame: Frame },
): void {
  async function page(request: FastifyRequest, reply: FastifyReply, methods: Method[], problem?: 'choose') {
    const { updatesSettings: isForSettings = false } = ceremonyOf(request.visit.session)
    const given = { methods, isForSettings, ...(problem ? { problem } : {}) }
    return frame.show(request, reply, choicePage(step.around(request, reply), given))
  }

  app.get(PATHS.secondFactor, { onRequest: step.guards }, async (request, reply) => {
    const { account, methods } = await step.open(request)
    const retryAt = await tries.lockedUntil(account.id)
    if (retryAt) return step.lock(request, reply, retryAt)
    const { base } = request.visit.language
    const [first, ...others] = methods
    if (!first) return reply.redirect(base + PATHS.setUp)
    const isChoice = others.length > 0 || ceremonyOf(request.visit.session).updatesSettings
    return isChoice ? page(request, reply, methods) : reply.redirect(base + pathOf(first))
  })

  app.get(UPDATE_SETTINGS, { onRequest: step.guards }, async (request, reply) => {
    await keepCeremony(visits, request, reply, { returnTo: PATHS.settings, updatesSettings: true })
    return step.restart(request, reply)
  })

  app.post(
    PATHS.secondFactor,
    { onRequest: step.guards, schema: { body: ChoiceForm } },
    async (request, reply) => {
      const { methods } = await step.open(request)
      const chosen = METHODS.find((method) => method === request.body.method && methods.includes(method))
      if (!chosen) return page(request, reply, methods, 'choose')
      return reply.redirect(request.visit.language.base + pathOf(chosen), 303)
    },
  )
}
