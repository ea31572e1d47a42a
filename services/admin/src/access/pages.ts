// What the console's pages are given. They do what the API does, by the same functions.

import type { RevocationTarget } from '@gatehouse/contracts/revocations'
import type { OpaqueCookie } from '@gatehouse/relying-party/opaque-cookie'
import type { RelyingParty } from '@gatehouse/relying-party/relying-party'
import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import type { Administrators } from '../administrators/administrators.ts'
import type { Labels } from '../console/labels.ts'
import { exportAll } from '../export/export.ts'
import type { OperationId, Operations } from '../operations.ts'
import type { Identity } from '../sessions/identity.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Actors } from './actors.ts'
import type { Performing } from './administration.ts'
import type { Operation } from './operation.ts'
import { actorOf } from './routes.ts'

export interface ConsolePages {
  operations: Operations
  administration: Performing<Operations>
  relyingParty: RelyingParty<Identity>
  sessionCookie: OpaqueCookie
  sessions: Sessions
  /**
   * For pages of administrators: finds out who asks, from the session. Who has none is sent to sign in.
   *
   * @throws Refusal `not_administrator`, `revocations_unknown`
   */
  requireActor: preHandlerAsyncHookHandler
  /** How people call the administrators with these ids; also those that were removed. */
  namesOf(ids: readonly string[]): Promise<Map<string, string>>
  /** What the targets are called; those that are left out are shown by their ids. */
  labelsOf(targets: readonly RevocationTarget[]): Promise<Labels>
  /** Answers with a list as a CSV file. */
  sendCsv(request: FastifyRequest, reply: FastifyReply, id: OperationId, input: object): Promise<FastifyReply>
}

interface Dependencies
  extends Pick<
    ConsolePages,
    'operations' | 'administration' | 'relyingParty' | 'sessionCookie' | 'sessions' | 'labelsOf'
  > {
  actors: Actors
  administrators: Administrators
}

export function createConsolePages({ actors, administrators, ...given }: Dependencies): ConsolePages {
  const { sessions, sessionCookie, operations, administration } = given
  return {
    ...given,
    async requireActor(request, reply) {
      const identity = await sessions.find(sessionCookie.read(request))
      if (!identity) return reply.header('cache-control', 'no-store').redirect('/sign-in', 303)
      request.actor = await actors.ofSession(request, identity)
    },
    async namesOf(ids) {
      const named = await administrators.named([...new Set(ids)])
      return new Map(named.map(({ id, name, email }) => [id, name ?? email]))
    },
    sendCsv(request, reply, id, input) {
      const perform = administration[id] as (actor: object, input: object) => Promise<unknown>
      const call = (part: object) => perform(actorOf(request), part)
      return exportAll(reply, id, operations[id] as Operation, input, call)
    },
  }
}
