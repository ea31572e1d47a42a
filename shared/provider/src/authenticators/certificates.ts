// Government employee IDs (PIV, CAC) for tests: a certification authority of this service, certificates by it for
// people, and what a verifier makes of one that is presented. The certificates are real X.509; what a browser and a card
// reader do between them is left out, so there are no cards, and nobody keeps a card's key.

import { X509Certificate } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { type Authority, issue, newAuthority } from './certificate-issuing.ts'

export interface CertificateHolder {
  /** Names the person for good; somebody with this id gets the same certificate again. */
  id: string
  name: string
  email: string
}

export interface TestCertificates {
  /** One for each person, then an expired one and one of an authority that nobody trusts. */
  choicesFor(people: CertificateHolder[]): Promise<{ id: string; label: string }[]>
  /** @param id of a choice, or anything at all */
  present(id: string): Promise<Presented>
}

export type Presented =
  /** Distinguished names as `/C=US/…/CN=…`; the fingerprint is the SHA-256 of the certificate in hex. */
  | { outcome: 'valid'; subject: string; issuer: string; fingerprint: string }
  | { outcome: 'expired' | 'untrusted' | 'unknown' }

export interface TestCertificateParts {
  database: Kysely<never> | Kysely<unknown>
  secrets: Pick<Secrets, 'seal' | 'unseal' | 'digest'>
  /** Of the service, for the authority's own name. */
  name: string
}

interface Tables {
  testCertificates: { id: string; sealed: string; madeAt: number }
}

const PURPOSE = 'test certificate'
const AUTHORITY = 'authority'
const YEAR = 365 * 86_400_000
const LIFETIME = 6 * YEAR

export function createTestCertificates({ database, secrets, name }: TestCertificateParts): TestCertificates {
  const tables = database as unknown as Kysely<Tables>
  const idOf = (holder: string) => secrets.digest(PURPOSE, holder)

  async function stored(id: string): Promise<string | undefined> {
    const row = await tables
      .selectFrom('testCertificates')
      .select('sealed')
      .where('id', '=', id)
      .executeTakeFirst()
    return row && secrets.unseal(PURPOSE, row.sealed)
  }

  /** What is kept under this id; of two made at once, both get the one that was kept. */
  async function storedOr(id: string, make: () => Promise<string>): Promise<string> {
    const present = await stored(id)
    if (present !== undefined) return present
    await tables
      .insertInto('testCertificates')
      .values({ id, sealed: secrets.seal(PURPOSE, await make()), madeAt: now() })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const kept = await stored(id)
    if (kept === undefined) throw new Error('a test certificate was not stored')
    return kept
  }

  const authority = async (): Promise<Authority> =>
    JSON.parse(
      await storedOr(AUTHORITY, async () => JSON.stringify(await newAuthority(`${name} Test CA`, since()))),
    )

  const since = () => ({ from: now() - 10 * YEAR, until: now() + 30 * YEAR })

  return {
    async choicesFor(people) {
      const issuer = await authority()
      const choices: { id: string; label: string }[] = []
      // One after the other: an embedded database has one writer anyhow.
      for (const { id: holder, name: label, email } of people) {
        const id = idOf(`person ${holder}`)
        const validity = { from: now() - 60_000, until: now() + LIFETIME }
        await storedOr(id, () => issue(issuer, { commonName: label, email }, validity))
        choices.push({ id, label })
      }
      const [expired, untrusted] = [idOf('expired'), idOf('untrusted')]
      const past = { from: now() - 7 * YEAR, until: now() - YEAR }
      await storedOr(expired, () => issue(issuer, { commonName: 'Expired certificate' }, past))
      await storedOr(untrusted, async () => {
        const stranger = await newAuthority('Untrusted CA', since())
        const validity = { from: now() - 60_000, until: now() + LIFETIME }
        return issue(stranger, { commonName: 'Untrusted certificate' }, validity)
      })
      return [
        ...choices,
        { id: expired, label: 'Expired certificate' },
        { id: untrusted, label: 'Untrusted certificate' },
      ]
    },

    async present(id) {
      // The authority's own record is no certificate that anybody could present.
      const text = id === AUTHORITY ? undefined : await stored(id)
      if (text === undefined) return { outcome: 'unknown' }
      const certificate = new X509Certificate(text)
      const trusted = new X509Certificate((await authority()).certificate)
      if (!certificate.checkIssued(trusted) || !certificate.verify(trusted.publicKey)) {
        return { outcome: 'untrusted' }
      }
      const at = now()
      if (at < certificate.validFromDate.getTime() || at >= certificate.validToDate.getTime()) {
        return { outcome: 'expired' }
      }
      return {
        outcome: 'valid',
        subject: distinguishedName(certificate.subject),
        issuer: distinguishedName(certificate.issuer),
        fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      }
    },
  }
}

/** In one line, as OpenSSL has long written it, but with the slashes of a value escaped; Node gives one attribute a line. */
function distinguishedName(lines: string): string {
  return `/${lines.replaceAll('/', '\\/').replaceAll('\n', '/')}`
}
