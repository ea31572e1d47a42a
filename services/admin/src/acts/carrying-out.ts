// Carries acts out. Each step may be repeated: sign-in and the owner of User IDs know the order by the act's id, and do it
// once. What could not be done is tried again until it is.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { type Revocation, revocations } from '@gatehouse/contracts/revocations'
import { userIdAdministration } from '@gatehouse/contracts/user-id-administration'
import type { FastifyBaseLogger } from 'fastify'
import type { Act, Step, StepName } from './act.ts'
import { endedEvent } from './events.ts'
import type { ActStore } from './store.ts'

/** Milliseconds after which whoever was at an act counts as gone: longer than all of its calls may take. */
const LONGEST_TRY = 20_000

/** Milliseconds until what could not be done is tried again. */
const PAUSE = 5_000

interface Dependencies {
  store: ActStore
  calls: ServiceCalls
  audit: Audit
  log: FastifyBaseLogger
}

export function createCarryingOut({ store, calls, audit, log }: Dependencies) {
  const owners = userIdAdministration(calls)
  const atSignIn = revocations(calls)

  const orderOf = ({ reason, askedBy, ticket }: Act) => ({
    by: askedBy,
    reason: ticket === undefined ? reason : `${reason} (${ticket})`,
  })

  function revoke(act: Act, reference: string): Promise<Revocation> {
    const { kind, value, reason, ticket, askedBy, endsAt } = act
    // Of User IDs and companies it is the owner who keeps that access has ended.
    const lasting = act.lasting && !act.steps.some(({ step }) => step === 'disable')
    return atSignIn.revoke({
      target: { kind, value },
      reason,
      by: askedBy,
      lasting,
      reference,
      ...(ticket === undefined ? {} : { ticket }),
      ...(lasting && endsAt !== undefined ? { endsAt } : {}),
    })
  }

  const doing: Record<StepName, (act: Act) => Promise<string | undefined>> = {
    async disable(act) {
      const until = act.endsAt === undefined ? {} : { until: act.endsAt }
      const order = { ...orderOf(act), ...until, order: act.actId }
      if (act.kind === 'ein') await owners.disableCompany(act.value, order)
      else await owners.disable(act.value, order)
      return undefined
    },
    async enable(act) {
      const order = { ...orderOf(act), ...(act.lifts === undefined ? {} : { order: act.lifts }) }
      if (act.kind === 'ein') await owners.enableCompany(act.value, order)
      else await owners.enable(act.value, order)
      return undefined
    },
    revoke: async (act) => (await revoke(act, act.actId)).revocationId,
    async reinstate(act) {
      const { reason, askedBy: by, ticket } = act
      const order = { reason, by, ...(ticket === undefined ? {} : { ticket }) }
      await atSignIn.reinstate(act.revocationId ?? '', order).catch(async (error: unknown) => {
        const isOver = error instanceof CallRefused && error.code === 'not_standing'
        if (!isOver || !(await gotThroughBefore(act))) throw error
      })
      return undefined
    },
  }

  /** Whether an earlier try of this very act took the revocation back, of which the answer never came. */
  async function gotThroughBefore({ revocationId = '', askedBy, askedAt }: Act): Promise<boolean> {
    const { reinstatedBy, reinstatedAt = 0 } = await atSignIn.find(revocationId)
    return reinstatedBy === askedBy && reinstatedAt >= askedAt
  }

  /** While the owner is away nobody can get in by it; who is in goes out all the same, and once more when it is back. */
  async function endMeanwhile(act: Act): Promise<void> {
    if (!act.steps.some(({ step, state }) => step === 'revoke' && state === 'to-do')) return
    await revoke(act, `${act.actId}-meanwhile`).catch((error: unknown) => {
      log.warn({ err: error, act: act.actId }, 'what is in flight could not be ended either')
    })
  }

  /** Ends an act and tells of it, both or neither; of several at once, one does. */
  async function end(act: Act, to: 'done' | 'failed', because?: string): Promise<void> {
    const outcome = { to, ...(because === undefined ? {} : { failure: because }) }
    const event = endedEvent(act, because)
    await store.end(act.actId, outcome, (transaction) => audit.recordIn(transaction, event))
  }

  /** Tries the steps that are left; ends at the first that does not work. */
  async function carryOut(act: Act): Promise<void> {
    const steps: Step[] = act.steps.map((step) => ({ ...step }))
    for (const step of steps) {
      if (step.state === 'done') continue
      const started = performance.now()
      const noteAs = async (state: Step['state'], because?: string, revocationId?: string) => {
        const milliseconds = Math.round(performance.now() - started)
        Object.assign(step, { state, at: now(), milliseconds })
        if (because === undefined) delete step.because
        else step.because = because
        await store.note(act.actId, steps, revocationId)
      }
      try {
        await noteAs('done', undefined, await doing[step.step](act))
      } catch (error) {
        if (error instanceof CallRefused) {
          await noteAs('failed', error.code)
          await end(act, 'failed', error.code)
          return
        }
        if (!(error instanceof CallFailed)) throw error
        log.warn({ err: error, act: act.actId, step: step.step }, 'a step of an act was not possible')
        await noteAs('failed', 'service_unavailable')
        if (step.step === 'disable') await endMeanwhile(act)
        await store.pause(act.actId, now() - LONGEST_TRY + PAUSE)
        return
      }
    }
    await end((await store.find(act.actId)) ?? act, 'done')
  }

  async function attempt(actId: string, before: number): Promise<void> {
    if (!(await store.takeTurn(actId, before))) return
    const act = await store.find(actId)
    if (act) await carryOut(act)
  }

  return {
    /** Carries out an act that is under way, unless somebody is at it; answers how it stands then. */
    async now(actId: string): Promise<Act | undefined> {
      await attempt(actId, now() - LONGEST_TRY)
      return store.find(actId)
    },
    /** The same at once, also right after a try that did not get through. */
    async again(actId: string): Promise<Act | undefined> {
      await attempt(actId, now())
      return store.find(actId)
    },
    /** What was left half done, by a crash or because a service was away. */
    async resume(): Promise<void> {
      for (const actId of await store.leftOver(now() - LONGEST_TRY)) {
        await attempt(actId, now() - LONGEST_TRY).catch((error: unknown) => {
          log.error({ err: error, act: actId }, 'an act could not be carried out')
        })
      }
    },
  }
}

export type CarryingOut = ReturnType<typeof createCarryingOut>
