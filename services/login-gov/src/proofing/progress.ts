// How far somebody has got with proofing. It waits in the session, sealed: there is an SSN in it. Nothing of it is the
// account's before the last step.

import type { Profile } from '@gatehouse/provider/accounts/account'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import type { SessionChallenge } from '@gatehouse/provider/sessions/store'
import type { Secrets } from '@gatehouse/storage/secrets'
import {
  DOCUMENT,
  INFORMATION,
  PASSWORD,
  PERSONAL_KEY,
  PHONE,
  PHONE_CODE,
  SELFIE,
  SSN,
  WELCOME,
} from './paths.ts'

/** What a document says about its holder. */
export type DocumentIdentity = Pick<
  Profile,
  'givenName' | 'middleName' | 'familyName' | 'birthdate' | 'address'
>

export interface Progress {
  /** Whose it is: a browser may be handed to somebody else. */
  accountId: string
  /** Tells this run from an earlier one. */
  runId: string
  document?: DocumentIdentity
  faceMatched?: boolean
  /** Nine digits. */
  ssn?: string
  /** Document and SSN were found to belong together. */
  isVerified?: boolean
  phone?: ProofingPhone
  /** The profile is the account's; the key is shown until the person says that they have kept it. */
  personalKey?: string
}

export interface ProofingPhone {
  /** E.164. */
  number: string
  /** The code that was sent there. */
  challenge: SessionChallenge
  /** Milliseconds: when another code may be asked for, if it was too soon. */
  tooSoonUntil?: number
  isConfirmed?: boolean
}

/** What the waiting request wants of proofing. */
export interface ProofingDemand {
  facialMatch: boolean
}

const STEPS = [WELCOME, DOCUMENT, SELFIE, SSN, INFORMATION, PHONE, PHONE_CODE, PASSWORD] as const
export type Step = (typeof STEPS)[number]

/** The step that comes next. */
export function nextStep(
  progress: Progress | undefined,
  { facialMatch }: ProofingDemand,
): Step | typeof PERSONAL_KEY {
  if (!progress) return WELCOME
  if (progress.personalKey) return PERSONAL_KEY
  if (!progress.document) return DOCUMENT
  if (facialMatch && !progress.faceMatched) return SELFIE
  if (!progress.ssn) return SSN
  if (!progress.isVerified) return INFORMATION
  if (!progress.phone) return PHONE
  return progress.phone.isConfirmed ? PASSWORD : PHONE_CODE
}

/** Whether somebody may be at this step: at the next one, or back at one that they have passed. */
export function isReached(step: Step, progress: Progress | undefined, demand: ProofingDemand): boolean {
  const next = nextStep(progress, demand)
  if (next === PERSONAL_KEY || (step === SELFIE && !demand.facialMatch)) return false
  // Back at the code there is nothing left to do once it was given.
  if (step === PHONE_CODE && next !== PHONE_CODE) return false
  return STEPS.indexOf(step) <= STEPS.indexOf(next)
}

/** Reads and writes the progress in what a session keeps of a ceremony. */
export function createProgressKeeping(secrets: Pick<Secrets, 'seal' | 'unseal'>) {
  const purpose = 'proofing'
  return {
    of(session: Session | undefined): Progress | undefined {
      const sealed = session?.ceremony?.proofing
      if (typeof sealed !== 'string') return undefined
      const progress: Progress = JSON.parse(secrets.unseal(purpose, sealed))
      return progress.accountId === session?.accountId ? progress : undefined
    },
    /** The session's ceremony with this progress in it, or without any. */
    ceremonyWith(
      session: Session | undefined,
      progress: Progress | undefined,
    ): Record<string, unknown> | null {
      const { proofing: _earlier, ...others } = session?.ceremony ?? {}
      const ceremony = progress
        ? { ...others, proofing: secrets.seal(purpose, JSON.stringify(progress)) }
        : others
      return Object.keys(ceremony).length > 0 ? ceremony : null
    },
  }
}
export type ProgressKeeping = ReturnType<typeof createProgressKeeping>
