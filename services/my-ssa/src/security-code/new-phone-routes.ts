// The text that confirms a phone which is new here: of an enrolment, in the settings, and after the old one was lost.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { TextUse } from '../browser/ceremony.ts'
import { shownPhone } from '../extra-security/phone-numbers.ts'
import { statusFor } from './completion.ts'
import { type CodePage, codePage } from './pages.ts'
import { CodeForm } from './routes.ts'
import type { Steps } from './steps.ts'
import type { Waiting } from './texts.ts'

interface NewPhone {
  use: TextUse
  title: string
  /** Where the number is given, its code, and where another text is asked for. */
  paths: { number: string; code: string; texts: string }
  /** Where a browser goes that waits for no text. */
  withoutText: string
  guarded: { onRequest: onRequestAsyncHookHandler | onRequestAsyncHookHandler[] }
  /** The text that counts, if it is not any that this browser waits for. */
  waiting?(request: FastifyRequest): Promise<Waiting | undefined>
  /** The code was right: the phone is the person's. Answers. */
  confirmed(request: FastifyRequest, reply: FastifyReply, waiting: Waiting): Promise<FastifyReply>
}

export function addNewPhoneCode(app: App, { visits, frame, texts }: Steps, phone: NewPhone): void {
  const { use, title, paths, withoutText, guarded } = phone
  const waitingOf =
    phone.waiting ?? (async (request: FastifyRequest) => texts.waiting(request.visit.session, use))
  const goOn = (request: FastifyRequest, reply: FastifyReply) =>
    reply.redirect(withoutText, statusFor(request))

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    waiting: Waiting,
    problem?: CodePage['problem'],
  ) {
    const page = codePage(frame.around(request, reply), {
      title,
      phone: shownPhone(waiting.phone),
      isWaiting: true,
      paths,
      correctAt: paths.number,
      previousAt: paths.number,
      problem,
      notice: request.visit.session?.notice,
    })
    return frame.show(request, reply, page)
  }

  app.get(paths.code, guarded, async (request, reply) => {
    const waiting = await waitingOf(request)
    if (!waiting) return goOn(request, reply)
    await show(request, reply, waiting)
    if (request.visit.session?.notice) await visits.keep(request, reply, { notice: null })
    return reply
  })

  app.post(paths.texts, guarded, async (request, reply) => {
    const waiting = await waitingOf(request)
    if (!waiting) return goOn(request, reply)
    const { phone: number, letterId } = waiting
    const accountId = request.visit.session?.accountId ?? ''
    const to = { use, accountId, phone: number, ...(letterId ? { letterId } : {}) }
    const problem = await texts.send(request, reply, to)
    return problem ? show(request, reply, waiting, problem) : reply.redirect(paths.code, 303)
  })

  app.post(paths.code, { ...guarded, schema: { body: CodeForm } }, async (request, reply) => {
    const waiting = await waitingOf(request)
    if (!waiting) return goOn(request, reply)
    const problem = await texts.tryCode(request, waiting, request.body.code)
    if (problem) return show(request, reply, waiting, problem)
    return phone.confirmed(request, reply, waiting)
  })
}
