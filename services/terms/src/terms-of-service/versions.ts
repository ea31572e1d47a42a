// Which Terms of Service are in force: those of the running program. What must always hold: one version names one text
// for good, because attestations refer to the text by its version.

import { now } from '@gatehouse/clock/clock'
import type { Terms } from '@gatehouse/contracts/terms'
import { canonicalText, type TermsText, textHash } from './canonical-text.ts'
import type { VersionStore } from './store.ts'

/**
 * Puts a version in force: its text is kept at its first start, and every later start must bring the same.
 *
 * @returns the Terms of Service in force
 * @throws Error when the version was in force before with another text
 */
export async function putInForce(
  { version, text }: { version: string; text: TermsText },
  versions: VersionStore,
): Promise<Terms> {
  const hash = textHash(text)
  const kept = await versions.keep({
    version,
    textHash: hash,
    text: canonicalText(text),
    firstInForceAt: now(),
  })
  if (kept !== hash) {
    throw new Error(
      `the text of the Terms of Service is not the one that version ${version} had before: a changed text needs a new version`,
    )
  }
  return { version, textHash: hash, ...text }
}
