import type { ChallengeRequest, Channel } from '@gatehouse/contracts/one-time-codes'

/**
 * What was asked for. For a day after its code, late tries still count against the owner; then the row tells only what was
 * sent.
 */
export interface ChallengeRow {
  challengeId: string
  caller: string
  owner: string
  purpose: string
  length: number
  sealedPhoneNumber: string
  phoneNumberEnding: string
  sender: string
  origin: string | null
  language: NonNullable<ChallengeRequest['language']>
  /** How many codes were handed to the carrier, or tried to be; the number of a send is its HOTP counter. */
  sends: number
  /** The newest request, in milliseconds. */
  requestedAt: number
  resendAt: number
}

/** The one code that counts for a caller, owner and purpose. A code without a row here opens nothing. */
export interface LiveCodeRow {
  caller: string
  owner: string
  purpose: string
  challengeId: string
  sendNumber: number
  deliveryId: string
  channel: Channel
  requestedAt: number
  expiresAt: number
}

/** One text or call. */
export interface DeliveryRow {
  deliveryId: string
  challengeId: string
  sendNumber: number
  channel: Channel
  status: string
  /** How far along `status` is; it only grows. */
  progress: number
  /** 1 until the carrier has answered: a call may ask what to say before that. */
  pending: number
  /** How often the code of a call was spoken. */
  readings: number
  maximumReadings: number
  expiresAt: number
}

/** Wrong tries of one subject at one caller: an owner, or a challenge id that nobody knows. */
export interface WrongTriesRow {
  caller: string
  subject: string
  tries: number
  /** 0 while not locked out. */
  lockedUntil: number
  triedAt: number
}

export interface Tables {
  challenges: ChallengeRow
  liveCodes: LiveCodeRow
  deliveries: DeliveryRow
  wrongTries: WrongTriesRow
}
