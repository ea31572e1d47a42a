// What the pages of an enrolment share: who may see them, and how far the person is. Each step looks at what is kept, not
// at where the person came from: whoever leaves in the middle goes on there, in this browser or another.

import type { Letter } from '@gatehouse/contracts/upgrade-codes'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { ceremonyOf } from '../browser/ceremony.ts'
import { PATHS } from '../paths.ts'
import { statusFor } from '../security-code/completion.ts'
import type { Steps } from '../security-code/steps.ts'
import type { Waiting } from '../security-code/texts.ts'
import type { Enrolment } from './store.ts'

/** Lets pass who is signed in, whatever page comes first otherwise. */
export function signedIn(visits: Visits): onRequestAsyncHookHandler[] {
  return [
    visits.requireFirstFactor,
    async (request, reply) => {
      if (!request.visit.session?.signInId) return reply.redirect(PATHS.securityCode, statusFor(request))
    },
  ]
}

export interface Progress {
  letter: Letter
  /** The text that this browser waits for. */
  waiting: Waiting | undefined
  /** The enrolment whose phone is confirmed, so that the upgrade code may be tried. */
  enrolment: Enrolment | undefined
}

export interface EnrolmentSteps extends Steps {
  /** Only while a letter is requested: everything here leads to its upgrade code. */
  guarded: { onRequest: onRequestAsyncHookHandler[] }
  personOf(request: FastifyRequest): string
  /** Nothing while there is no letter. */
  progress(request: FastifyRequest): Promise<Progress | undefined>
  /** Records what the person has done. */
  note(request: FastifyRequest, event: string): Promise<void>
}

export function createEnrolmentSteps(steps: Steps): EnrolmentSteps {
  const { visits, extraSecurity, texts, completion, audit } = steps
  const personOf = (request: FastifyRequest) => request.visit.session?.accountId ?? ''

  const requested: onRequestAsyncHookHandler = async (request, reply) => {
    const { session } = request.visit
    if ((await extraSecurity.stateOf(personOf(request))) === 'requested') return
    if (session?.detour === PATHS.enable) await visits.keep(request, reply, { detour: null })
    return to(request, reply, completion.continueAt(request))
  }

  return {
    ...steps,
    guarded: { onRequest: [...signedIn(visits), requested] },
    personOf,
    async progress(request) {
      const { session } = request.visit
      const accountId = personOf(request)
      const letter = await extraSecurity.ensureLetter(accountId)
      if (!letter) return undefined
      const found = texts.waiting(session, 'enrolment')
      const { enrolmentId } = ceremonyOf(session)
      return {
        letter,
        // A new letter: the phone is confirmed anew.
        waiting: found?.letterId === letter.letterId ? found : undefined,
        enrolment: await extraSecurity.enrolmentOf(accountId, letter.letterId, enrolmentId),
      }
    },
    async note(request, event) {
      await audit.record({
        event,
        outcome: 'success',
        actor: personOf(request),
        requestId: request.id,
      })
    },
  }
}

export function to(request: FastifyRequest, reply: FastifyReply, path: string): FastifyReply {
  return reply.redirect(path, statusFor(request))
}
