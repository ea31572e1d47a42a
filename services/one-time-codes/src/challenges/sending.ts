import { randomBytes } from 'node:crypto'
import type { Channel } from '@gatehouse/contracts/one-time-codes'
import { Refusal } from '@gatehouse/http/refusal'
import type { FastifyBaseLogger } from 'fastify'
import { type Carrier, CarrierRefused } from '../deliveries/carrier.ts'
import { twilioPaths } from '../deliveries/routes.ts'
import type { DeliveryStore } from '../deliveries/store.ts'
import { textBody } from '../deliveries/wording.ts'
import type { Policy } from '../policies.ts'
import type { ChallengeRow } from '../tables.ts'
import type { CodeOf } from './codes.ts'
import type { Acceptance, ChallengeStore } from './store.ts'

interface Send {
  kind: Acceptance['kind']
  phoneNumber: string
  channel: Channel
  /** 1 for the first code of a challenge. */
  sendNumber: number
  /** The instant of the request: from it the code's lifetime runs. */
  at: number
  policy: Policy
}

export interface Sender {
  /**
   * Hands a code to the carrier, and only when that took it makes it the live one. Until then, and when the carrier
   * refuses, an earlier code stays as it was.
   *
   * @returns false when a newer request was faster: then the code never counts
   * @throws Refusal `phone_number_not_usable`, `delivery_failed`
   */
  send(challenge: ChallengeRow, send: Send): Promise<boolean>
}

export function createSender(dependencies: {
  carrier: Carrier
  challenges: ChallengeStore
  deliveries: DeliveryStore
  codeOf: CodeOf
  publicUrl: string
  log: FastifyBaseLogger
}): Sender {
  const { carrier, challenges, deliveries, codeOf, publicUrl, log } = dependencies

  function handOver(challenge: ChallengeRow, send: Send, deliveryId: string): Promise<string> {
    const { phoneNumber: to, channel, sendNumber } = send
    const { lifetimeMs } = send.policy
    const statusCallback = publicUrl + twilioPaths.status(deliveryId)
    if (channel === 'call')
      return carrier.call({ to, url: publicUrl + twilioPaths.call(deliveryId), statusCallback })
    const body = textBody({
      ...challenge,
      code: codeOf(challenge.challengeId, sendNumber, challenge.length),
      minutes: Math.ceil(lifetimeMs / 60_000),
    })
    return carrier.text({ to, body, validitySeconds: Math.ceil(lifetimeMs / 1000), statusCallback })
  }

  return {
    async send(challenge, send) {
      const { challengeId, caller, owner, purpose } = challenge
      const { kind, channel, sendNumber, at, policy } = send
      const deliveryId = randomBytes(16).toString('base64url')
      const expiresAt = at + policy.lifetimeMs
      const maximumReadings = 1 + policy.callRepeats
      await deliveries.add({ deliveryId, challengeId, sendNumber, channel, maximumReadings, expiresAt })
      try {
        const status = await handOver(challenge, send, deliveryId)
        const code = {
          caller,
          owner,
          purpose,
          challengeId,
          sendNumber,
          deliveryId,
          channel,
          requestedAt: at,
          expiresAt,
        }
        const isNewest = await challenges.accept({ kind, ...code })
        await deliveries.answered(deliveryId, channel, status)
        return isNewest
      } catch (error) {
        if (!(error instanceof CarrierRefused)) throw error
        await deliveries.answered(deliveryId, channel, 'failed')
        if (kind === 'challenge') await challenges.remove(challengeId)
        log.warn({ challengeId, channel, ...error.reason }, 'the carrier did not take a code')
        throw new Refusal(error.code)
      }
    },
  }
}
