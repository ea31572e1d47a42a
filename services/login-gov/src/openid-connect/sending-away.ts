import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Show } from '../browser/frame.ts'
import { redirectPage } from './pages.ts'

/** Sends a browser to a relying service. Whoever calls has made sure that the address is registered. */
export type SendAway = (
  request: FastifyRequest,
  reply: FastifyReply,
  address: string,
  status?: 302 | 303,
) => FastifyReply

/**
 * @param mode `server`: an HTTP redirect, as in production; `client`: a page whose script presses its link, as the real
 * service does in development (fact sheet 2.6)
 */
export function createSendAway(mode: 'server' | 'client', show: Show): SendAway {
  if (mode === 'server') return (_request, reply, address, status = 302) => reply.redirect(address, status)
  return (request, reply, address) => show(request, reply, redirectPage(address, request.visit.language.lang))
}
