// Which Terms of Service are in force: the version that came last, with the program or from an administrator. What must
// always hold: one version names one text for good, because attestations refer to the text by its version.

import { now } from '@gatehouse/clock/clock'
import type { Terms, TermsText } from '@gatehouse/contracts/terms'
import { Refusal } from '@gatehouse/http/refusal'
import type { Version } from '../tables.ts'
import { canonicalText, textHash } from './canonical-text.ts'
import type { VersionStore } from './store.ts'

export interface Versions {
  /** What people are asked to agree to now. */
  current(): Promise<Terms>
  /**
   * Puts a version in force, at once.
   *
   * @throws Refusal `terms_version_exists`
   */
  publish(order: { version: string; text: TermsText; by: string; reason: string }): Promise<Version>
}

/**
 * The text in the form in which it is kept and given out.
 *
 * @param kept canonical
 */
export function textOf(kept: string): TermsText {
  return JSON.parse(kept)
}

/**
 * Keeps the text that comes with the program. It is in force from its first start on, until another version comes; a
 * later start of the same changes nothing.
 *
 * @throws Error when a version of this name is kept with another text
 */
export async function bringAlong(
  { version, text }: { version: string; text: TermsText },
  store: VersionStore,
): Promise<void> {
  if (await add(store, { version, text, publishedBy: null, reason: null })) return
  const kept = await store.find(version)
  if (kept?.textHash !== textHash(text)) {
    throw new Error(
      `the text of the Terms of Service is not the one that version ${version} had before: a changed text needs a new version`,
    )
  }
}

export function createVersions(store: VersionStore): Versions {
  return {
    async current() {
      const newest = await store.newest()
      if (!newest) throw new Error('no Terms of Service are in force')
      return { version: newest.version, textHash: newest.textHash, ...textOf(newest.text) }
    },
    async publish({ version, text, by: publishedBy, reason }) {
      const added = await add(store, { version, text, publishedBy, reason })
      if (!added) throw new Refusal('terms_version_exists')
      return added
    },
  }
}

async function add(
  store: VersionStore,
  { text, ...named }: Pick<Version, 'version' | 'publishedBy' | 'reason'> & { text: TermsText },
): Promise<Version | undefined> {
  // Behind whatever is in force, also where this machine's clock is.
  const firstInForceAt = Math.max(now(), ((await store.newest())?.firstInForceAt ?? 0) + 1)
  const version = { ...named, textHash: textHash(text), text: canonicalText(text), firstInForceAt }
  return (await store.keep(version)) ? version : undefined
}
