// The security settings: the state of extra security, asking for it, and removing it.

import { CallFailed } from '@gatehouse/contracts/calls'
import type { Letter } from '@gatehouse/contracts/upgrade-codes'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { PATHS } from '../paths.ts'
import type { Steps } from '../security-code/steps.ts'
import { createSettingsAccess } from './settings-access.ts'
import { type PasswordProblem, removePage, SETTINGS_PATHS, settingsPage } from './settings-pages.ts'

const PasswordForm = Type.Object(
  { password: Type.Optional(Type.String({ maxLength: 1024 })) },
  { additionalProperties: false },
)

export function addSettings(app: App, steps: Steps): void {
  const { visits, frame, extraSecurity, phoneResets, changes, audit } = steps
  const access = createSettingsAccess(steps)
  const personOf = (request: FastifyRequest) => request.visit.session?.accountId ?? ''

  async function letterOf(accountId: string): Promise<Letter | undefined> {
    try {
      return await extraSecurity.ensureLetter(accountId)
    } catch (error) {
      if (error instanceof CallFailed) return undefined
      throw error
    }
  }

  async function show(request: FastifyRequest, reply: FastifyReply, tooMany?: number) {
    const accountId = personOf(request)
    const { state, phone } = await extraSecurity.standing(accountId)
    const page = settingsPage(frame.around(request, reply), {
      state,
      phone,
      letter: state === 'requested' ? await letterOf(accountId) : undefined,
      notice: request.visit.session?.notice?.kind,
      ...(tooMany === undefined ? {} : { tooMany }),
    })
    return frame.show(request, reply, page)
  }

  async function showAgain(request: FastifyRequest, reply: FastifyReply, notice: string) {
    await visits.keep(request, reply, { notice: { kind: notice } })
    return reply.redirect(PATHS.securitySettings, 303)
  }

  app.get(PATHS.securitySettings, { onRequest: access.viewing }, async (request, reply) => {
    await show(request, reply)
    // Said once.
    if (request.visit.session?.notice) await visits.keep(request, reply, { notice: null })
    return reply
  })

  app.post(SETTINGS_PATHS.add, { onRequest: access.viewing }, async (request, reply) => {
    const actor = personOf(request)
    if ((await extraSecurity.stateOf(actor)) !== 'off') return reply.redirect(PATHS.securitySettings, 303)
    const asked = await extraSecurity.request(actor)
    await audit.record({
      event: 'extra-security.requested',
      outcome: 'success',
      actor,
      requestId: request.id,
    })
    if (asked.outcome === 'too_many') return show(request, reply, asked.retryAt)
    return showAgain(request, reply, 'letter_requested')
  })

  function showRemoval(request: FastifyRequest, reply: FastifyReply, problem?: PasswordProblem) {
    return frame.show(request, reply, removePage(frame.around(request, reply), problem))
  }

  app.get(SETTINGS_PATHS.remove, { onRequest: access.changing }, async (request, reply) =>
    showRemoval(request, reply),
  )

  app.post(
    SETTINGS_PATHS.remove,
    { onRequest: access.changing, schema: { body: PasswordForm } },
    async (request, reply) => {
      const problem = await access.passwordProblem(request, request.body.password ?? '')
      if (problem) return showRemoval(request, reply, problem)
      const accountId = personOf(request)
      if (await extraSecurity.remove(accountId)) {
        await phoneResets.cancel(request, accountId)
        await changes.tell(request, accountId, 'extra-security.removed')
      }
      return showAgain(request, reply, 'removed')
    },
  )
}
