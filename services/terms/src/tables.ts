import type { Attestation } from '@gatehouse/contracts/terms'

export interface Version {
  version: string
  textHash: string
  /** The canonical text: what an account agreed to can be shown for good. */
  text: string
  /** Milliseconds. */
  firstInForceAt: number
  /** The administrator who published it, and why; null of what came with the program. */
  publishedBy: string | null
  reason: string | null
}

export interface Tables {
  termsVersions: Version
  attestations: Attestation
}
