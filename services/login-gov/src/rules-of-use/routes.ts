import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { SECOND_FACTOR } from '../second-factor/step.ts'
import { ACCEPTED, rulesPage } from './pages.ts'

export const RULES_OF_USE = '/rules_of_use'

const RulesForm = Type.Object({ [ACCEPTED]: Type.Optional(Type.String()) }, { additionalProperties: false })

export interface RulesOfUseRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  destinations: Destinations
  audit: Audit
}

/** For somebody who never accepted the rules, or too long ago: between password and second factor (fact sheet 6.1). */
export function addRulesOfUseRoutes(app: App, parts: RulesOfUseRouteParts): void {
  const { visits, show, accounts, destinations, audit } = parts
  const guarded = { onRequest: visits.requireFirstFactor }

  function page(request: FastifyRequest, reply: FastifyReply, isMissing: boolean) {
    const { language, session } = request.visit
    const { lang, base } = language
    const destination = destinations.of(session)
    return show(request, reply, rulesPage({ lang, base, csrf: reply.csrfToken(), destination, isMissing }))
  }

  app.get(RULES_OF_USE, guarded, async (request, reply) => {
    const { language, session } = request.visit
    if (session?.detour !== RULES_OF_USE) return reply.redirect(language.base + SECOND_FACTOR)
    return page(request, reply, false)
  })

  app.post(RULES_OF_USE, { ...guarded, schema: { body: RulesForm } }, async (request, reply) => {
    const { language, session } = request.visit
    if (session?.accountId && session.detour === RULES_OF_USE) {
      if (request.body[ACCEPTED] !== '1') return page(request, reply, true)
      await accounts.acceptRules(session.accountId)
      await visits.keep(request, reply, { detour: null })
      await audit.record({
        event: 'rules-of-use.accepted',
        outcome: 'success',
        actor: session.accountId,
        requestId: request.id,
      })
    }
    return reply.redirect(language.base + SECOND_FACTOR, 303)
  })
}
