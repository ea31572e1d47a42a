// Picks the method, by itself or as the person says (fact sheet 6.1 step 4 and 6.2).

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Tries } from '@gatehouse/provider/authenticators/tries'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { type ChoiceProblem, choicePage } from './choice-pages.ts'
import type { CodeSending } from './code-sending.ts'
import type { LockOut } from './lock-out.ts'
import { challengePath, firstOf, readSelection, selectionsOf, selectionValue } from './methods.ts'
import type { RememberedBrowser } from './remembered-browser.ts'
import { SECOND_FACTOR, SET_UP, type SecondFactorStep } from './step.ts'

const OptionsForm = Type.Object(
  { 'two_factor_options_form[selection]': Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
)

export interface ChoiceRouteParts {
  step: SecondFactorStep
  sending: CodeSending
  tries: Tries
  lockOut: LockOut
  rememberedBrowser: RememberedBrowser
  destinations: Destinations
  show: Show
}

export function addChoiceRoutes(app: App, parts: ChoiceRouteParts): void {
  const { step, sending, tries, lockOut, rememberedBrowser, destinations, show } = parts
  const guarded = { onRequest: step.guards }

  app.get(SECOND_FACTOR, guarded, async (request, reply) => {
    const { session, language } = request.visit
    const { account, methods, phones } = await step.open(request)
    if (methods.length === 0) return reply.redirect(language.base + SET_UP)
    const requires = destinations.of(session)?.requires
    const mayBeRemembered = !session?.signInId
    if (mayBeRemembered && (await rememberedBrowser.isRemembered(request, account.id, requires))) {
      const lockedUntil = await tries.lockedUntil(account.id)
      if (lockedUntil) return lockOut.show(request, reply, lockedUntil)
      return reply.redirect(await step.complete(request, reply, { method: 'remember_device' }))
    }
    // Coming back here, by a reload or the back button, sends nothing again while a code is on its way.
    const { challenge } = session ?? {}
    if (challenge && challenge.expiresAt > now()) {
      const method = challenge.channel === 'call' ? 'voice' : 'sms'
      if (methods.includes(method)) return reply.redirect(language.base + challengePath(method))
    }
    const first = firstOf(methods)
    if (first === 'sms') return sending.send(request, reply, phones[0]?.details.prefers ?? 'text', phones[0])
    const lockedUntil = await tries.lockedUntil(account.id)
    if (lockedUntil) return lockOut.show(request, reply, lockedUntil)
    return reply.redirect(language.base + (first ? challengePath(first) : '/login/two_factor/options'))
  })

  app.get('/login/two_factor/options', guarded, async (request, reply) => {
    const kind = request.visit.session?.notice?.kind
    return options(request, reply, kind === 'number_refused' || kind === 'not_delivered' ? kind : undefined)
  })

  app.post(
    '/login/two_factor/options',
    { ...guarded, schema: { body: OptionsForm } },
    async (request, reply) => {
      const { methods, phones } = await step.open(request)
      const chosen = readSelection(request.body['two_factor_options_form[selection]'], methods, phones)
      if (!chosen) return options(request, reply, 'choose')
      const { method, phone } = chosen
      if (phone) return sending.send(request, reply, method === 'voice' ? 'call' : 'text', phone)
      return reply.redirect(request.visit.language.base + challengePath(method), 303)
    },
  )

  async function options(request: FastifyRequest, reply: FastifyReply, problem?: ChoiceProblem) {
    const { session, language } = request.visit
    const { methods, phones } = await step.open(request)
    if (methods.length === 0) return reply.redirect(language.base + SET_UP)
    const { challenge } = session ?? {}
    const phone = phones.find(({ id }) => id === challenge?.authenticatorId)
    const selected = phone && selectionValue(challenge?.channel === 'call' ? 'voice' : 'sms', phone)
    const page = choicePage(step.around(request, reply), {
      options: selectionsOf(methods, phones),
      ...(selected ? { selected } : {}),
      ...(problem ? { problem } : {}),
    })
    return show(request, reply, page)
  }
}
