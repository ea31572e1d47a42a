// Challenges: a code sent to a phone, and the proof that somebody has it. This owns how long a code counts, which code
// counts, and who is locked out. What must always hold: a code opens once, for ten minutes at most, only for the
// service that asked for it; of an owner's codes for a purpose only the newest counts; nothing that is sent anew takes
// wrong tries away; and from outside all failures look alike.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Challenge, ChallengeRequest, Channel } from '@gatehouse/contracts/one-time-codes'
import { Refusal } from '@gatehouse/http/refusal'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { DeliveryStore } from '../deliveries/store.ts'
import { lockedOut, retryAfter } from '../lock-outs/locked-out.ts'
import { type LockOutStore, type Subject, subjectOf } from '../lock-outs/store.ts'
import type { Policies } from '../policies.ts'
import type { ChallengeRow } from '../tables.ts'
import type { Trail } from '../trail.ts'
import { type CodeOf, isCode } from './codes.ts'
import type { IsUsable } from './phone-numbers.ts'
import type { Sender } from './sending.ts'
import type { ChallengeStore, OpenChallenge } from './store.ts'

interface Dependencies {
  store: ChallengeStore
  deliveries: Pick<DeliveryStore, 'tidy'>
  lockOuts: LockOutStore
  keyValue: KeyValue
  secrets: Secrets
  policies: Policies
  codeOf: CodeOf
  isUsable: IsUsable
  sender: Sender
  trail: Trail
}

export type Challenges = ReturnType<typeof createChallenges>

/** Requests between two tidyings. */
const TIDY_EVERY = 200
const DAY = 24 * 60 * 60_000
/** How long it can be told what was sent. Ours. */
const HISTORY = 90 * DAY

export function createChallenges(dependencies: Dependencies) {
  const { store, deliveries, lockOuts, keyValue, secrets, policies, codeOf, isUsable, sender, trail } =
    dependencies
  let requests = 0

  async function refuseWhileLockedOut(subject: Subject, at: number): Promise<void> {
    const retryAt = await lockOuts.lockedUntil(subject, at)
    if (retryAt !== undefined) throw lockedOut(retryAt)
  }

  async function refuseUnusable(phoneNumber: string, channel: Channel): Promise<void> {
    if (!(await isUsable(phoneNumber, channel))) throw new Refusal('phone_number_not_usable')
  }

  /** Counts a send to a number; one too many locks its owner out (facts login-gov §6.3). */
  async function countSend(subject: Subject, owner: string, phoneNumber: string, at: number): Promise<void> {
    const { sends, sendWindowMs, lockOutMs } = policies(subject.caller)
    const key = `sends ${subject.caller} ${secrets.digest('phone number', phoneNumber)}`
    if ((await keyValue.increment(key, at + sendWindowMs)) <= sends) return
    await lockOuts.lock(subject, at + lockOutMs, at)
    await trail.lockedOut(subject.caller, owner, 'sends')
    throw lockedOut(at + lockOutMs)
  }

  /** A day after its newest request nothing can be tried against a challenge any more. */
  async function tidy(): Promise<void> {
    requests += 1
    if (requests % TIDY_EVERY !== 0) return
    const at = now()
    const [over, forgotten] = [at - DAY, at - HISTORY]
    await Promise.all([store.tidy(over, forgotten), deliveries.tidy(forgotten), lockOuts.tidy(over)])
  }

  async function open(caller: string, challengeId: string): Promise<OpenChallenge> {
    const challenge = await store.findOpen(caller, challengeId)
    if (!challenge) throw new Refusal('not_found')
    return challenge
  }

  return {
    /**
     * Sends a first code.
     *
     * @throws Refusal `locked_out`, `phone_number_not_usable`, `delivery_failed`, or `overtaken` by a newer request of
     *   the owner for the purpose
     */
    async request(caller: string, asked: ChallengeRequest): Promise<Challenge> {
      const at = now()
      const policy = policies(caller)
      const { owner, purpose, channel, length, phoneNumber } = asked
      const challengeId = randomBytes(16).toString('base64url')
      const subject = subjectOf(caller, challengeId, owner)
      const row: ChallengeRow = {
        challengeId,
        caller,
        owner,
        purpose,
        length,
        sealedPhoneNumber: secrets.seal('phone number', phoneNumber),
        phoneNumberEnding: phoneNumber.slice(-4),
        sender: asked.sender,
        origin: asked.origin ?? null,
        language: asked.language ?? 'en',
        sends: 1,
        requestedAt: at,
        resendAt: at + policy.coolDownMs,
      }
      await trail.refusals('challenge.refused', caller, owner, async () => {
        await refuseWhileLockedOut(subject, at)
        await refuseUnusable(phoneNumber, channel)
        await countSend(subject, owner, phoneNumber, at)
        await tidy()
        await store.add(row)
        const first = { kind: 'challenge', phoneNumber, channel, sendNumber: 1, at, policy } as const
        // The newer challenge is not handed out instead: it may belong to another session of the owner.
        if (!(await sender.send(row, first))) throw new Refusal('overtaken')
      })
      await trail.sent('challenge.requested', caller, owner, { challengeId, purpose, channel, length })
      const challenge = await store.findOpen(caller, challengeId)
      if (!challenge) throw new Refusal('overtaken')
      return view(challenge)
    },

    /** @throws Refusal `not_found` also for challenges that are spent, replaced or another service's */
    async find(caller: string, challengeId: string): Promise<Challenge> {
      return view(await open(caller, challengeId))
    },

    /**
     * Sends another code, which replaces the earlier one, over another channel if asked.
     *
     * @throws Refusal `not_found`, `locked_out`, `resend_too_soon`, `phone_number_not_usable`, `delivery_failed`
     */
    async resend(caller: string, challengeId: string, otherChannel?: Channel): Promise<Challenge> {
      const at = now()
      const policy = policies(caller)
      const challenge = await open(caller, challengeId)
      const { owner, purpose, length } = challenge
      const channel = otherChannel ?? challenge.channel
      const subject = subjectOf(caller, challengeId, owner)
      await trail.refusals('challenge.refused', caller, owner, async () => {
        const phoneNumber = secrets.unseal('phone number', challenge.sealedPhoneNumber)
        await refuseWhileLockedOut(subject, at)
        await refuseUnusable(phoneNumber, channel)
        const sendNumber = await store.claimResend(challengeId, at, at + policy.coolDownMs)
        if (sendNumber === undefined) {
          const retryAt = (await store.find(caller, challengeId))?.resendAt ?? at + policy.coolDownMs
          throw new Refusal('resend_too_soon', undefined, { retryAt }, retryAfter(retryAt))
        }
        await countSend(subject, owner, phoneNumber, at)
        const again = { kind: 'resend', phoneNumber, channel, sendNumber, at, policy } as const
        // Overtaken by another resend the challenge is open still, and answered as it is now.
        if (!(await sender.send(challenge, again))) await open(caller, challengeId)
      })
      await trail.sent('challenge.resent', caller, owner, { challengeId, purpose, channel, length })
      return view(await open(caller, challengeId))
    },

    /**
     * Spends a code.
     *
     * @throws Refusal `code_not_accepted` with `triesLeft`, or `locked_out`: also for the wrong try that was the last
     */
    async verify(caller: string, challengeId: string, typed: string) {
      const at = now()
      const policy = policies(caller)
      const known = await store.find(caller, challengeId)
      const challenge = known && known.requestedAt > at - DAY ? known : undefined
      const subject = subjectOf(caller, challengeId, challenge?.owner)
      const who = challenge?.owner ?? 'unknown'
      const counted = await lockOuts.countTry(subject, policy, at)
      if (counted.locked) {
        await trail.refused(caller, who, challengeId, 'locked_out')
        throw lockedOut(counted.until)
      }

      // From here on the same steps are taken whether there is such a challenge, whether its code is live, and whether
      // the code is right: neither the answer nor the time it takes tells these apart (NIST SP 800-63B-4 §3.1.3.2).
      const live = await store.findOpen(caller, challengeId)
      const isRight = isCode(codeOf(challengeId, live?.sendNumber ?? 0, challenge?.length ?? 6), typed)
      const sendNumber = live && isRight ? live.sendNumber : -1
      const spent = await store.spend({ challengeId, sendNumber, at }, subject)
      if (spent) {
        await trail.verified(caller, who, challengeId)
        return { verified: true as const, channel: spent.channel, verifiedAt: at }
      }

      const expired = live && live.expiresAt <= at
      await trail.refused(caller, who, challengeId, expired ? 'expired' : live ? 'wrong' : 'not live')
      if (counted.lockedUntil > at) {
        await trail.lockedOut(caller, who, 'wrong tries')
        throw lockedOut(counted.lockedUntil)
      }
      throw new Refusal('code_not_accepted', undefined, { triesLeft: policy.wrongTries - counted.tries })
    },
  }
}

function view(challenge: OpenChallenge): Challenge {
  const { challengeId, channel, length, phoneNumberEnding, expiresAt, resendAt, delivery } = challenge
  return { challengeId, channel, length, phoneNumberEnding, expiresAt, resendAt, delivery }
}
