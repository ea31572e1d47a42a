// Activation codes: a person requests a service for a User ID, a letter with a code goes to the employer, and the service
// begins when the code is entered (CBSV User's Guide 2.8 to 2.10). This owns the request and the service; code, letter,
// expiry and the limit on wrong tries are of `upgrade-codes`. What must always hold: no service begins without the code
// of the newest letter for this very User ID, employer and service.

import { now } from '@gatehouse/clock/clock'
import { CallRefused } from '@gatehouse/contracts/calls'
import { SERVICE_NAMES_IN_WORDS, type ServiceStanding } from '@gatehouse/contracts/service-activations'
import { PostalAddress, type upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import { Refusal } from '@gatehouse/http/refusal'
import { Value } from 'typebox/value'
import type { ActivationStore, ServiceOfUserId, Standing } from './store.ts'

export type ActivationLetters = Pick<ReturnType<typeof upgradeCodes>, 'request' | 'list' | 'redeem'>

export interface Activations {
  /** @throws Refusal `user_id_unknown` */
  of(key: ServiceOfUserId): Promise<ServiceStanding>
  /**
   * Requests the service, or another code in place of the one requested at `insteadOf`. When the letter cannot be
   * requested the service stays pending without one, and may be requested again.
   *
   * @throws Refusal those of `activations` in the contract, but for those of a code
   */
  request(key: ServiceOfUserId, insteadOf: number | undefined): Promise<ServiceStanding>
  /**
   * Makes the service active. After a failure in between the same code works again.
   *
   * @throws Refusal `user_id_unknown`, `service_active`, `nothing_requested`, `code_not_accepted`, `locked_out`
   */
  activate(key: ServiceOfUserId, code: string): Promise<ServiceStanding>
}

const KIND = 'activation-code'

export function createActivations(store: ActivationStore, letters: ActivationLetters): Activations {
  async function find(key: ServiceOfUserId): Promise<Standing> {
    const found = await store.find(key)
    // Unknown, disabled and of another employer look the same from outside.
    if (!found) throw new Refusal('user_id_unknown')
    return found
  }

  async function describe(key: ServiceOfUserId, standing: Standing): Promise<ServiceStanding> {
    const { service } = key
    const { activeSince, requestedAt } = standing
    if (activeSince !== null) return { service, state: 'active', activeSince }
    if (requestedAt === null) return { service, state: 'none' }
    const [newest] = (await letters.list(ownerOf(key), KIND)).letters
    if (!newest) return { service, state: 'pending', requestedAt }
    const { state, at, expiresOn } = newest
    const letter = {
      state,
      ...(at.mailed === undefined ? {} : { mailedAt: at.mailed }),
      ...(expiresOn === undefined ? {} : { expiresOn }),
    }
    return { service, state: 'pending', requestedAt, letter }
  }

  return {
    of: async (key) => describe(key, await find(key)),

    async request(key, insteadOf) {
      const standing = await find(key)
      if (standing.activeSince !== null) throw new Refusal('service_active')
      const recipient = recipientOf(standing)
      if (!recipient) throw new Refusal('company_address_missing')
      // Kept before the letter is asked for, so that of two at once one mails.
      const isKept =
        insteadOf === undefined ? await store.request(key, now()) : await store.renew(key, insteadOf, now())
      if (!isKept) throw new Refusal(reasonAgainst(await find(key)))
      await letters
        .request({ owner: ownerOf(key), kind: KIND, recipient, subject: subjectOf(key) })
        .catch(passOn)
      return describe(key, await find(key))
    },

    async activate(key, code) {
      const { activeSince, requestedAt } = await find(key)
      if (activeSince !== null) throw new Refusal('service_active')
      if (requestedAt === null) throw new Refusal('nothing_requested')
      // The same for each try at this request: a code that was spent while we failed afterwards is taken once more.
      await letters
        .redeem(ownerOf(key), { kind: KIND, code, reference: `request-${requestedAt}` })
        .catch(passOn)
      if (!(await store.activate(key, now()))) throw new Refusal(reasonAgainst(await find(key)))
      return describe(key, await find(key))
    },
  }
}

/** Whose letters and wrong tries these are, for `upgrade-codes`. */
function ownerOf({ bsoUserId, ein, service }: ServiceOfUserId): string {
  return `${bsoUserId}:${ein}:${service}`
}

function subjectOf({ bsoUserId, service }: ServiceOfUserId): string {
  return `${SERVICE_NAMES_IN_WORDS[service]} (${service}), User ID ${bsoUserId}`
}

/** The Responsible Company Official at the address that the IRS has (facts ssa-sign-in §2). */
function recipientOf({ companyName: company, address }: Standing): PostalAddress | undefined {
  const recipient = { name: 'Responsible Company Official', company, ...address }
  return Value.Check(PostalAddress, recipient) ? recipient : undefined
}

function reasonAgainst({ activeSince, requestedAt }: Standing): string {
  if (activeSince !== null) return 'service_active'
  return requestedAt === null ? 'nothing_requested' : 'service_pending'
}

const PASSED_ON = new Set(['code_not_accepted', 'locked_out', 'too_many_letters'])

/** Refusals of `upgrade-codes` that are the person's to hear, in its words. */
function passOn(error: unknown): never {
  if (!(error instanceof CallRefused) || !PASSED_ON.has(error.code)) throw error
  const { triesLeft, retryAt } = error.problem
  if (typeof retryAt !== 'number') throw new Refusal(error.code, undefined, { triesLeft })
  const seconds = Math.max(1, Math.ceil((retryAt - now()) / 1000))
  throw new Refusal(error.code, undefined, { retryAt }, { 'retry-after': String(seconds) })
}
