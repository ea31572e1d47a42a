// The Social Security number, and whether it and the document are found to be one person's.

import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import type { ProofingFlow } from './flow.ts'
import { informationPage, ssnPage } from './information-pages.ts'
import { INFORMATION, SSN } from './paths.ts'
import { isVerifiable, readSsn } from './verdict.ts'

const SsnForm = Type.Object({ ssn: Type.Optional(Type.String()) }, { additionalProperties: false })

export interface InformationRouteParts {
  visits: Visits
  show: Show
  flow: ProofingFlow
}

export function addInformationRoutes(app: App, { visits, show, flow }: InformationRouteParts): void {
  const guarded = { onRequest: visits.requireSignIn }

  app.get(SSN, guarded, async (request, reply) => {
    const here = await flow.enter(request, SSN)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    return show(request, reply, ssnPage(flow.around(request, reply, here.destination)))
  })

  app.post(SSN, { ...guarded, schema: { body: SsnForm } }, async (request, reply) => {
    const here = await flow.enter(request, SSN)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    const { demand, destination, progress } = here
    if (!progress) throw new Error('somebody got past the first page without it')
    const given = request.body.ssn ?? ''
    const ssn = readSsn(given)
    if (!ssn) {
      const problem = given.trim() === '' ? 'blank' : 'malformed'
      return show(request, reply, ssnPage(flow.around(request, reply, destination), problem))
    }
    return flow.goOn(request, reply, demand, { ...progress, ssn, isVerified: false })
  })

  app.get(INFORMATION, guarded, async (request, reply) => {
    const here = await flow.enter(request, INFORMATION)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere)
    const { document, ssn } = here.progress ?? {}
    if (!document || !ssn) throw new Error('somebody got past a step without it')
    return show(
      request,
      reply,
      informationPage(flow.around(request, reply, here.destination), { document, ssn }),
    )
  })

  app.post(INFORMATION, guarded, async (request, reply) => {
    const here = await flow.enter(request, INFORMATION)
    if ('elsewhere' in here) return reply.redirect(here.elsewhere, 303)
    const { account, demand, progress } = here
    if (!progress?.ssn) throw new Error('somebody got past a step without it')
    if (isVerifiable(progress.ssn, account.evidence)) {
      return flow.goOn(request, reply, demand, { ...progress, isVerified: true })
    }
    const page = await flow.fail(request, account, 'information')
    return reply.redirect(request.visit.language.base + page, 303)
  })
}
