// Asking for a reset code, for somebody who has given the password and has lost the phone.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import { recipientOf } from '../extra-security/letters.ts'
import { readCellPhone } from '../extra-security/phone-numbers.ts'
import { PATHS } from '../paths.ts'
import { statusFor } from '../security-code/completion.ts'
import { NumberText } from '../security-code/number-field.ts'
import { createSteps, type StepParts, type Steps } from '../security-code/steps.ts'
import { owesText } from './access.ts'
import { type LostPhoneProblems, lostPhonePage, mailedPage } from './pages.ts'
import { addResetCode } from './reset-routes.ts'

const LostPhoneForm = Type.Object(
  {
    terms: Type.Optional(Type.String({ maxLength: 10 })),
    address: Type.Optional(Type.String({ maxLength: 10 })),
    number: NumberText,
  },
  { additionalProperties: false },
)

const MAILED = `${PATHS.lostPhone}/mailed`

export function addLostPhoneRoutes(app: App, parts: StepParts): void {
  const steps = createSteps(parts)
  addLostPhone(app, steps)
  addResetCode(app, steps)
}

function addLostPhone(app: App, steps: Steps): void {
  const { frame, accounts, phoneResets, changes } = steps
  const personOf = (request: FastifyRequest) => request.visit.session?.accountId ?? ''

  /** A reset that is under way is gone on with: there the number can be corrected, and another letter asked for. */
  const none: onRequestAsyncHookHandler = async (request, reply) => {
    if (await phoneResets.find(personOf(request))) return reply.redirect(PATHS.resetCode, statusFor(request))
  }
  const guards = owesText(steps)
  const guarded = { onRequest: [...guards, none] }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    given: { number?: string; problems?: LostPhoneProblems } = {},
  ) {
    const account = await accounts.find(personOf(request))
    if (!account) throw new Error('the account of a session is gone')
    const page = lostPhonePage(frame.around(request, reply), { address: recipientOf(account), ...given })
    return frame.show(request, reply, page)
  }

  app.get(PATHS.lostPhone, guarded, async (request, reply) => show(request, reply))

  app.post(PATHS.lostPhone, { ...guarded, schema: { body: LostPhoneForm } }, async (request, reply) => {
    const { terms, address, number = '' } = request.body
    const read = readCellPhone(number)
    const problems: LostPhoneProblems = {
      terms: terms !== 'yes',
      address: address !== 'yes',
      number: 'problem' in read ? { kind: read.problem } : undefined,
    }
    if (problems.terms || problems.address || 'problem' in read) {
      return show(request, reply, { number, problems })
    }
    const asked = await phoneResets.begin(personOf(request), read.number)
    if (asked.outcome === 'too_many') {
      return show(request, reply, { number, problems: { tooMany: asked.retryAt } })
    }
    await changes.tell(request, personOf(request), 'phone-reset.requested')
    return reply.redirect(MAILED, 303)
  })

  app.get(MAILED, { onRequest: guards }, async (request, reply) =>
    frame.show(request, reply, mailedPage(frame.around(request, reply))),
  )
}
