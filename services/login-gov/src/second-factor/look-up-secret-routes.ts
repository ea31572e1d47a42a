// Backup codes and the personal key: secrets that the person kept, each good once (NIST SP 800-63B-4 §3.1.2).

import type { App } from '@gatehouse/http/service'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import { type CodeProblem, codePage } from './code-pages.ts'
import { CodeForm } from './code-routes.ts'
import { newSecretsPage } from './look-up-secret-pages.ts'
import { challengePath } from './methods.ts'
import type { SecondFactorStep } from './step.ts'

export interface LookUpSecretRouteParts {
  step: SecondFactorStep
  lookUpSecrets: LookUpSecrets
  show: Show
  /** How many backup codes a set has. */
  backupCodes: number
}

/** Groups of four characters (fact sheet 6.2). */
export const GROUPS = { backup_code: 3, personal_key: 4 }

export function addLookUpSecretRoutes(
  app: App,
  { step, lookUpSecrets, show, backupCodes }: LookUpSecretRouteParts,
): void {
  for (const method of ['backup_code', 'personal_key'] as const) {
    const place = challengePath(method)

    const page = async (request: FastifyRequest, reply: FastifyReply, problem?: CodeProblem) =>
      show(request, reply, codePage(step.around(request, reply), { method, problem }))

    app.get(place, { onRequest: step.guards }, async (request, reply) => {
      const { methods } = await step.open(request)
      return methods.includes(method) ? page(request, reply) : step.restart(request, reply)
    })

    app.post(place, { onRequest: step.guards, schema: { body: CodeForm } }, async (request, reply) => {
      const { methods, account } = await step.open(request)
      if (!methods.includes(method)) return step.restart(request, reply)
      const { code = '', remember_device: remember } = request.body
      if (code.trim() === '') return page(request, reply, { kind: 'blank' })
      const tried = await step.attempt(request, reply, method, async () =>
        (await lookUpSecrets.use(account.id, method, code)) ? true : undefined,
      )
      if (tried.outcome === 'answered') return tried.reply
      if (tried.outcome === 'refused')
        return page(request, reply, { kind: 'invalid', triesLeft: tried.triesLeft })
      const continueAt = await step.complete(request, reply, { method, remember: remember !== undefined })
      if ((await lookUpSecrets.left(account.id, method)) > 0) return reply.redirect(continueAt, 303)
      const secrets = await lookUpSecrets.issue(account.id, method, {
        count: method === 'backup_code' ? backupCodes : 1,
        groups: GROUPS[method],
      })
      const { lang } = request.visit.language
      return show(
        request,
        reply,
        newSecretsPage({ lang, kind: method, secrets, continueAt, wasUsedUp: true }),
      )
    })
  }
}
