// The text at each sign-in of somebody with extra security.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { maskedPhone } from '../extra-security/phone-numbers.ts'
import { PATHS } from '../paths.ts'
import { hasGivenText, METHODS, statusFor } from './completion.ts'
import { codePage } from './pages.ts'
import { createSteps, type StepParts } from './steps.ts'
import type { CodeProblem, SendProblem } from './texts.ts'

export const CodeForm = Type.Object(
  { code: Type.Optional(Type.String({ maxLength: 1024 })) },
  { additionalProperties: false },
)

const TEXTS_OF_SIGN_IN = `${PATHS.securityCode}/texts`

export function addSecurityCodeRoutes(app: App, parts: StepParts): void {
  const { visits, frame, extraSecurity, phoneResets, texts, completion } = createSteps(parts)
  const guarded = { onRequest: visits.requireFirstFactor }

  /** The phone that the text goes to; an answer where there is no text to give. */
  async function owed(request: FastifyRequest, reply: FastifyReply) {
    const { session } = request.visit
    const accountId = session?.accountId ?? ''
    const { state, phone } = await extraSecurity.standing(accountId)
    if (state === 'on' && phone && !hasGivenText(session)) return { accountId, phone }
    // Removed meanwhile in another browser: the password alone has not signed in here yet.
    const isSignedIn = session?.signInId !== undefined
    reply.redirect(isSignedIn ? completion.continueAt(request) : PATHS.signIn, statusFor(request))
    return undefined
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    phone: string,
    problem?: CodeProblem | SendProblem,
  ) {
    const { session } = request.visit
    const page = codePage(frame.around(request, reply), {
      title: 'Enter Security Code',
      // Only the password was given: whoever that is need not know the number.
      phone: maskedPhone(phone),
      isWaiting: texts.waiting(session, 'sign-in') !== undefined,
      paths: { code: PATHS.securityCode, texts: TEXTS_OF_SIGN_IN },
      lostAt: PATHS.lostPhone,
      problem: problem ?? leftBehind(session?.notice),
      notice: session?.notice,
    })
    return frame.show(request, reply, problem ? page : { ...page, status: 200 })
  }

  app.get(PATHS.securityCode, guarded, async (request, reply) => {
    const given = await owed(request, reply)
    if (!given) return reply
    await show(request, reply, given.phone)
    if (request.visit.session?.notice) await visits.keep(request, reply, { notice: null })
    return reply
  })

  app.post(TEXTS_OF_SIGN_IN, guarded, async (request, reply) => {
    const given = await owed(request, reply)
    if (!given) return reply
    const problem = await texts.send(request, reply, { use: 'sign-in', ...given })
    return problem ? show(request, reply, given.phone, problem) : reply.redirect(PATHS.securityCode, 303)
  })

  app.post(PATHS.securityCode, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const given = await owed(request, reply)
    if (!given) return reply
    const { accountId, phone } = given
    const waiting = texts.waiting(request.visit.session, 'sign-in')
    // A number that was changed meanwhile gets a text of its own.
    if (waiting?.phone !== phone) return reply.redirect(PATHS.securityCode, 303)
    const problem = await texts.tryCode(request, waiting, request.body.code)
    if (problem) return show(request, reply, phone, problem)
    // Whoever has the old phone has not lost it.
    await phoneResets.cancel(request, accountId)
    return completion.complete(request, reply, accountId, METHODS.text)
  })
}

/** What kept the text from going out right after the password; kept until the page is shown. */
function leftBehind(notice: { kind: string; until?: number } | undefined): SendProblem | undefined {
  if (notice?.kind === 'locked') return { kind: 'locked', until: notice.until ?? 0 }
  if (notice?.kind === 'not_delivered' || notice?.kind === 'number_refused') return { kind: notice.kind }
  return undefined
}
