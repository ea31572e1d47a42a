// Versions of the terms for administrators: what there is, what a new one would do, and putting it in force.

import type { Audit } from '@gatehouse/audit/audit'
import type {
  PublishOrder,
  Terms,
  TermsPreview,
  TermsText,
  TermsVersion,
  TermsVersions,
  WholeTermsVersion,
} from '@gatehouse/contracts/terms'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import { Refusal } from '@gatehouse/http/refusal'
import { type Static, Type } from 'typebox'
import type { AttestationStore } from '../attestations/store.ts'
import { textHash } from './canonical-text.ts'
import type { CountedVersion, VersionStore } from './store.ts'
import { textOf, type Versions } from './versions.ts'

export interface Publications extends Pick<Versions, 'current'> {
  /** @throws Refusal `invalid_request` for a cursor that no list gave */
  list(cursor: string | undefined, limit: string | undefined): Promise<Static<typeof TermsVersions>>
  /** @throws Refusal `terms_version_unknown` */
  find(version: string): Promise<Static<typeof WholeTermsVersion>>
  preview(text: TermsText): Promise<Static<typeof TermsPreview>>
  /** @throws Refusal `terms_version_exists` */
  publish(order: Static<typeof PublishOrder>, requestId: string): Promise<Static<typeof WholeTermsVersion>>
}

interface Dependencies {
  versions: Versions
  store: VersionStore
  attestations: AttestationStore
  audit: Audit
}

const Position = Type.Tuple([Type.Number(), Type.String()])

export function createPublications({ versions, store, attestations, audit }: Dependencies): Publications {
  const describe = (version: CountedVersion, inForce: string): TermsVersion => ({
    version: version.version,
    textHash: version.textHash,
    isInForce: version.version === inForce,
    inForceFrom: version.firstInForceAt,
    accounts: version.accounts,
    ...(version.publishedBy === null ? {} : { publishedBy: version.publishedBy }),
    ...(version.reason === null ? {} : { reason: version.reason }),
  })

  async function find(name: string) {
    const version = await store.find(name)
    if (!version) throw new Refusal('terms_version_unknown')
    const before = await store.before(version)
    return {
      ...describe(version, (await versions.current()).version),
      text: textOf(version.text),
      mustAttestAgain: before ? await attestations.accountsBetween(before.version, version.version) : 0,
    }
  }

  return {
    current: versions.current,
    find,

    async list(cursor, limit) {
      const most = rowsOf(limit)
      const found = await store.list(decodeCursor(cursor, Position), most + 1)
      const { rows, ...next } = cutPage(found, most, (row) => [row.firstInForceAt, row.version])
      const { version: inForce } = await versions.current()
      return { versions: rows.map((row) => describe(row, inForce)), ...next }
    },

    async preview(text) {
      const inForce: Terms = await versions.current()
      const hash = textHash(text)
      return {
        textHash: hash,
        inForce: inForce.version,
        isSameText: hash === inForce.textHash,
        mustAttestAgain: await attestations.accountsBetween(inForce.version, undefined),
      }
    },

    async publish(order, requestId) {
      const { version: subject, by: actor, reason } = order
      const who = { actor, subject, reason, requestId }
      const before = await versions.current()
      const published = await versions.publish(order).catch(async (error: unknown) => {
        if (error instanceof Refusal) {
          const details = { code: error.code }
          await audit.record({ event: 'terms.publication-refused', outcome: 'refusal', ...who, details })
        }
        throw error
      })
      await audit.record({
        event: 'terms.published',
        outcome: 'success',
        ...who,
        before: { version: before.version, textHash: before.textHash },
        after: { version: published.version, textHash: published.textHash },
      })
      return find(published.version)
    },
  }
}
