import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import type { Clients } from '../clients/client.ts'
import { withParameters } from '../clients/redirect-uri.ts'
import { inactivePage } from './pages.ts'
import { latestRequest, waitingRequest } from './pending-request.ts'

/** The ways out of a sign-in that end without a code (fact sheet 2.6). */
export function addLeavingRoutes(
  app: App,
  { visits, show, clients }: { visits: Visits; show: Show; clients: Clients },
): void {
  app.get('/redirect/return_to_sp/cancel', async (request, reply) => leave(request, reply))

  app.get('/redirect/return_to_sp/failure_to_proof', async (request, reply) => {
    const waiting = waitingRequest(request.visit.session, clients)
    return leave(request, reply, waiting?.client.failureToProofUrl)
  })

  app.get('/errors/service_provider_inactive', async (request, reply) =>
    show(request, reply, inactivePage(request.visit.language.lang)),
  )

  async function leave(request: FastifyRequest, reply: FastifyReply, elsewhere?: string) {
    const { session, language } = request.visit
    const waiting = waitingRequest(session, clients)
    if (!session || !waiting) return reply.redirect(`${language.base}/`)
    // Whoever stops half way is not left half signed in.
    if (session.signInId) {
      // Nor is what a step had kept, such as of proofing.
      const pending = { ...latestRequest(session), isDone: true }
      await visits.keep(request, reply, { pending, ceremony: null })
    } else await visits.end(request, reply)
    const { redirectUri, state } = waiting
    return reply.redirect(elsewhere ?? withParameters(redirectUri, { error: 'access_denied', state }))
  }
}
