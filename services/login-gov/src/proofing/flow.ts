// Who may be at which page of proofing, and what the pages share.

import type { Audit } from '@gatehouse/audit/audit'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destination, Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ProofingAttempts } from './attempts.ts'
import type { Around } from './frame.ts'
import { FAILURE, PERSONAL_KEY, WARNING } from './paths.ts'
import {
  isReached,
  nextStep,
  type Progress,
  type ProgressKeeping,
  type ProofingDemand,
  type Step,
} from './progress.ts'

export interface ProofingFlowParts {
  visits: Visits
  accounts: Accounts
  destinations: Destinations
  /** What the session's waiting request wants that is not known of the account. */
  demandOf(session: Session | undefined, account: Account): ProofingDemand | undefined
  progress: ProgressKeeping
  attempts: ProofingAttempts
  audit: Audit
}

/** Somebody in the middle of proofing. */
export interface Here {
  account: Account
  demand: ProofingDemand
  destination: Destination
  progress: Progress | undefined
  /** Of what turns out not to be verifiable. */
  attemptsLeft: number
}

/** A path of this site, with its language prefix, where the person has to go instead. */
export interface Elsewhere {
  elsewhere: string
}

/** Where somebody can be: a step, or a page beside the steps. */
type Place = Step | 'beside' | 'failure'

export interface ProofingFlow {
  enter(request: FastifyRequest, place: Place): Promise<Here | Elsewhere>
  around(request: FastifyRequest, reply: FastifyReply, destination: Destination): Around
  /** Keeps the progress, and goes to the step after it. */
  goOn(
    request: FastifyRequest,
    reply: FastifyReply,
    demand: ProofingDemand,
    progress: Progress,
  ): Promise<FastifyReply>
  keep(request: FastifyRequest, reply: FastifyReply, progress: Progress | undefined): Promise<void>
  /** Notes that something could not be verified; gives the page that says so. */
  fail(request: FastifyRequest, account: Account, reason: string): Promise<typeof WARNING | typeof FAILURE>
  /** The same for what is counted elsewhere, or not at all. */
  noteRefused(request: FastifyRequest, account: Account, reason: string): Promise<void>
  continueAt(request: FastifyRequest): string
}

export function createProofingFlow(parts: ProofingFlowParts): ProofingFlow {
  const { visits, accounts, destinations, demandOf, progress: keeping, attempts, audit } = parts

  function continueAt(request: FastifyRequest): string {
    const { language, session } = request.visit
    return language.base + (destinations.of(session)?.continueAt ?? '/account')
  }

  async function keep(request: FastifyRequest, reply: FastifyReply, progress: Progress | undefined) {
    await visits.keep(request, reply, { ceremony: keeping.ceremonyWith(request.visit.session, progress) })
  }

  async function noteRefused(request: FastifyRequest, account: Account, reason: string) {
    await audit.record({
      event: 'proofing.refused',
      outcome: 'refusal',
      actor: account.id,
      details: { reason },
      requestId: request.id,
    })
  }

  return {
    continueAt,
    keep,
    noteRefused,
    async enter(request, place) {
      const { language, session } = request.visit
      const to = (path: string) => ({ elsewhere: language.base + path })
      const account = await accounts.find(session?.accountId ?? '')
      if (!account) throw new Error('the account of a session is gone')
      const progress = keeping.of(session)
      if (progress?.personalKey) return to(PERSONAL_KEY)
      const demand = demandOf(session, account)
      const destination = destinations.of(session)
      if (!demand || !destination) return { elsewhere: continueAt(request) }
      const { left: attemptsLeft } = await attempts.left(account.id)
      const here = { account, demand, destination, progress, attemptsLeft }
      if ((place === 'failure') !== (attemptsLeft === 0)) {
        return to(place === 'failure' ? nextStep(progress, demand) : FAILURE)
      }
      if (place === 'beside' || place === 'failure' || isReached(place, progress, demand)) return here
      return to(nextStep(progress, demand))
    },
    around(request, reply, destination) {
      const { lang, base } = request.visit.language
      return { lang, base, csrf: reply.csrfToken(), destination }
    },
    async goOn(request, reply, demand, progress) {
      await keep(request, reply, progress)
      return reply.redirect(request.visit.language.base + nextStep(progress, demand), 303)
    },
    async fail(request, account, reason) {
      await attempts.count(account.id)
      await noteRefused(request, account, reason)
      const { left } = await attempts.left(account.id)
      return left > 0 ? WARNING : FAILURE
    },
  }
}
