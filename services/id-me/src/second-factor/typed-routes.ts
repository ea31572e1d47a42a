import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import { totpStep } from '@gatehouse/provider/authenticators/totp'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Frame } from '../browser/frame.ts'
import { pathOf } from './choice-routes.ts'
import type { CodeProblem } from './code-field.ts'
import { CodeForm } from './phone-routes.ts'
import type { Open, SecondFactorStep } from './step.ts'
import { TYPED_METHODS, type TypedMethod, typedPage } from './typed-pages.ts'

export interface TypedRouteParts {
  step: SecondFactorStep
  frame: Frame
  authenticators: Authenticators
  lookUpSecrets: LookUpSecrets
}

export function addTypedRoutes(
  app: App,
  { step, frame, authenticators, lookUpSecrets }: TypedRouteParts,
): void {
  /** Whether the code is right; it is used then. */
  async function spend(
    method: TypedMethod,
    { account, codeGenerators }: Open,
    code: string,
  ): Promise<boolean> {
    if (method !== 'code_generator') return lookUpSecrets.use(account.id, method, code)
    for (const { id, details } of codeGenerators) {
      const timeStep = totpStep(details.secret, code)
      if (timeStep !== undefined && (await authenticators.use(id, timeStep))) return true
    }
    return false
  }

  for (const method of TYPED_METHODS) {
    const place = pathOf(method)

    const page = (request: FastifyRequest, reply: FastifyReply, problem?: CodeProblem) =>
      frame.show(request, reply, typedPage(step.around(request, reply), method, problem))

    app.get(place, { onRequest: step.guards }, async (request, reply) =>
      (await step.openFor(request, method)) ? page(request, reply) : step.restart(request, reply),
    )

    app.post(place, { onRequest: step.guards, schema: { body: CodeForm } }, async (request, reply) => {
      const open = await step.openFor(request, method)
      if (!open) return step.restart(request, reply)
      const { code = '' } = request.body
      if (code.trim() === '') return page(request, reply, { kind: 'blank' })
      const tried = await step.attempt(request, reply, method, async () =>
        (await spend(method, open, code)) ? true : undefined,
      )
      if (tried.outcome === 'answered') return tried.reply
      if (tried.outcome === 'refused')
        return page(request, reply, { kind: 'invalid', triesLeft: tried.triesLeft })
      return step.complete(request, reply, method)
    })
  }
}
