// The document, and the photo that is compared with it.

import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { documentFor, readDocument } from './document.ts'
import { documentPage, selfiePage } from './document-pages.ts'
import type { ProofingFlow } from './flow.ts'
import { DOCUMENT, FAILURE, SELFIE } from './paths.ts'

const DocumentForm = Type.Object({ document: Type.Optional(Type.String()) }, { additionalProperties: false })
const SelfieForm = Type.Object({ photo: Type.Optional(Type.String()) }, { additionalProperties: false })

export interface DocumentRouteParts {
  visits: Visits
  show: Show
  flow: ProofingFlow
}

export function addDocumentRoutes(app: App, { visits, show, flow }: DocumentRouteParts): void {
  const guarded = { onRequest: visits.requireSignIn }

  app.get(DOCUMENT, guarded, async (request, reply) => {
    const here = await flow.enter(request, DOCUMENT)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const { account, destination, attemptsLeft } = here
    const text = await documentFor(account.evidence)
    return show(
      request,
      reply,
      documentPage(flow.around(request, reply, destination), { text, attemptsLeft }),
    )
  })

  app.post(DOCUMENT, { ...guarded, schema: { body: DocumentForm } }, async (request, reply) => {
    const here = await flow.enter(request, DOCUMENT)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    const { account, demand, destination, progress } = here
    if (!progress) throw new Error('somebody got past the first page without it')
    const { document: text = '' } = request.body
    const reading = await readDocument(text, demand.facialMatch)
    if ('identity' in reading) {
      // What was found about the earlier document says nothing about this one.
      return flow.goOn(request, reply, demand, {
        ...progress,
        document: reading.identity,
        faceMatched: false,
        isVerified: false,
      })
    }
    const { problem } = reading
    let { attemptsLeft } = here
    if (problem.kind === 'refused' || problem.kind === 'face') {
      const page = await flow.fail(request, account, `document ${problem.kind}`)
      if (page === FAILURE) return reply.redirect(request.visit.language.base + FAILURE, 303)
      attemptsLeft -= 1
    }
    const around = flow.around(request, reply, destination)
    return show(request, reply, documentPage(around, { text, problem, attemptsLeft }))
  })

  app.get(SELFIE, guarded, async (request, reply) => {
    const here = await flow.enter(request, SELFIE)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const { account, destination, attemptsLeft } = here
    const photo = account.evidence?.outcome === 'fails' ? 'differs' : 'matches'
    return show(request, reply, selfiePage(flow.around(request, reply, destination), { photo, attemptsLeft }))
  })

  app.post(SELFIE, { ...guarded, schema: { body: SelfieForm } }, async (request, reply) => {
    const here = await flow.enter(request, SELFIE)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    const { account, demand, destination, progress, attemptsLeft } = here
    if (!progress) throw new Error('somebody got past the first page without it')
    const { photo } = request.body
    if (photo === 'matches') {
      return flow.goOn(request, reply, demand, { ...progress, faceMatched: true })
    }
    const around = flow.around(request, reply, destination)
    if (photo !== 'differs') {
      const page = selfiePage(around, { photo: 'matches', problem: 'missing', attemptsLeft })
      return show(request, reply, page)
    }
    const failed = await flow.fail(request, account, 'photo')
    if (failed === FAILURE) return reply.redirect(request.visit.language.base + FAILURE, 303)
    const page = selfiePage(around, { photo, problem: 'differs', attemptsLeft: attemptsLeft - 1 })
    return show(request, reply, page)
  })
}
