import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { SET_UP } from '../second-factor/step.ts'
import { CHOICES, choicesFor, SET_UP_PATHS } from './choice.ts'
import { setUpChoicePage } from './choice-pages.ts'
import type { SetUp } from './set-up.ts'

const ChoiceForm = Type.Object(
  { 'two_factor_options_form[selection]': Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
)

export function addChoiceRoutes(app: App, { setUp, show }: { setUp: SetUp; show: Show }): void {
  async function page(request: FastifyRequest, reply: FastifyReply, isMissing = false) {
    const frame = await setUp.frame(request, reply)
    const choices = choicesFor(frame.destination?.requires)
    const isRequired = choices.length < CHOICES.length
    return show(request, reply, setUpChoicePage(frame, { choices, isRequired, isMissing }))
  }

  app.get(SET_UP, { onRequest: setUp.guards }, async (request, reply) => page(request, reply))

  app.post(SET_UP, { onRequest: setUp.guards, schema: { body: ChoiceForm } }, async (request, reply) => {
    const { destination } = await setUp.frame(request, reply)
    const selected = request.body['two_factor_options_form[selection]']
    const choice = choicesFor(destination?.requires).find((one) => one === selected)
    if (!choice) return page(request, reply, true)
    return reply.redirect(request.visit.language.base + SET_UP_PATHS[choice], 303)
  })
}
