// One person, put together out of what every service has. Sign-in says who it is; the rest is there as far as its owners
// answer.

import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { KeptVerification, recentVerifications } from '@gatehouse/contracts/cbsv'
import type { AskedProvider } from '@gatehouse/contracts/credential-holders'
import { SentCode, sentCodes } from '@gatehouse/contracts/one-time-codes'
import { Person, people } from '@gatehouse/contracts/people'
import { Revocation, revocations } from '@gatehouse/contracts/revocations'
import { Attestation, termsVersions } from '@gatehouse/contracts/terms'
import { Letter, sentLetters } from '@gatehouse/contracts/upgrade-codes'
import { UserIdRecord, userIdAdministration } from '@gatehouse/contracts/user-id-administration'
import { type Static, Type } from 'typebox'
import { createHeldCredentials, type Held } from './held-credentials.ts'
import { gather, newest, PartOf, type Source } from './part.ts'

/** Rows of a part. Whoever wants more follows it into its own list. */
const MOST = 25

const Phones = Type.Object({
  idp: Type.String(),
  subject: Type.String(),
  phoneNumberEndings: Type.Array(Type.String()),
})

/** `person` is what sign-in has; each other part says itself whether it could be asked. */
export const WholePerson = Type.Object({
  person: Person,
  phones: PartOf(Phones),
  userIds: PartOf(UserIdRecord),
  attestations: PartOf(Attestation),
  codes: PartOf(SentCode),
  letters: PartOf(Letter),
  verifications: PartOf(KeptVerification),
  revocations: PartOf(Revocation),
})
export type WholePerson = Static<typeof WholePerson>

export function createPersonFinder(calls: ServiceCalls, providers: ReadonlyMap<string, AskedProvider>) {
  const holdersOf = createHeldCredentials(calls, providers)

  function phones(held: readonly Held[]) {
    return gather(
      held.map<Source<Static<typeof Phones>>>(({ idp, subject, provider, holder }) => {
        if (holder === undefined) return { service: provider }
        const { phoneNumberEndings } = holder === 'unknown' ? { phoneNumberEndings: [] } : holder
        return { service: provider, ask: async () => ({ rows: [{ idp, subject, phoneNumberEndings }] }) }
      }),
    )
  }

  async function codes(held: readonly Held[]) {
    const part = await gather(
      held.flatMap<Source<SentCode>>(({ provider, holder }) => {
        if (holder === undefined) return [{ service: provider }]
        if (holder === 'unknown') return []
        return holder.codeOwners.map((owner) => ({
          service: 'one-time-codes',
          async ask() {
            const page = await sentCodes(calls).ofOwner(provider, owner, { limit: MOST })
            return { rows: page.codes, more: page.next !== undefined }
          },
        }))
      }),
    )
    return newest(part, ({ requestedAt }) => requestedAt, MOST)
  }

  async function letters(held: readonly Held[], userIds: readonly UserIdRecord[] | undefined) {
    const ofOwner = (caller: string, owner: string): Source<Letter> => ({
      service: 'upgrade-codes',
      async ask() {
        const page = await sentLetters(calls).ofOwner(caller, owner, { limit: MOST })
        return { rows: page.letters, more: page.next !== undefined }
      },
    })
    const ofAccounts = held.flatMap(({ provider, holder }) => {
      if (provider !== 'my-ssa' || holder === 'unknown') return []
      return [holder === undefined ? { service: provider } : ofOwner('my-ssa', holder.owner)]
    })
    const ofUserIds = userIds?.map(({ bsoUserId, ein }) =>
      ofOwner('bso-user-ids', `${bsoUserId}:${ein}:CBSV`),
    ) ?? [{ service: 'bso-user-ids' }]
    const part = await gather<Letter>([...ofAccounts, ...ofUserIds])
    return newest(part, ({ at }) => Math.max(0, ...Object.values(at)), MOST)
  }

  async function verifications(userIds: readonly UserIdRecord[] | undefined) {
    const part = await gather(
      userIds?.map<Source<KeptVerification>>(({ bsoUserId, ein }) => ({
        service: 'cbsv',
        async ask() {
          const page = await recentVerifications(calls).of({ bsoUserId, ein, limit: MOST })
          return { rows: page.verifications, more: page.next !== undefined }
        },
      })) ?? [{ service: 'bso-user-ids' }],
    )
    return newest(part, ({ requestedAt }) => requestedAt, MOST)
  }

  /** Those that stand against the account or one of its credentials. */
  function standing({ accountId, credentials }: Person) {
    const targets = [
      { kind: 'account' as const, value: accountId },
      ...credentials.map(({ idp, subject }) => ({ kind: 'credential' as const, value: `${idp}:${subject}` })),
    ]
    return gather<Revocation>(
      targets.map((target) => ({
        service: 'sign-in',
        ask: async () => ({
          rows: (await revocations(calls).list({ ...target, standing: true, limit: MOST })).revocations,
        }),
      })),
    )
  }

  /** @throws CallRefused `person_unknown`; CallFailed when sign-in does not answer */
  return async (accountId: string): Promise<WholePerson> => {
    const person = await people(calls).find(accountId)
    const [held, userIds, attestations, stands] = await Promise.all([
      holdersOf(person.credentials),
      gather<UserIdRecord>([
        {
          service: 'bso-user-ids',
          ask: async () => {
            const page = await userIdAdministration(calls).ofAccount(accountId, { limit: MOST })
            return { rows: page.userIds, more: page.next !== undefined }
          },
        },
      ]),
      gather<Attestation>([
        {
          service: 'terms',
          ask: async () => {
            const page = await termsVersions(calls).attestations(accountId, { limit: MOST })
            return { rows: page.attestations, more: page.next !== undefined }
          },
        },
      ]),
      standing(person),
    ])
    const [sent, mailed, verified, bound] = await Promise.all([
      codes(held),
      letters(held, userIds.rows),
      verifications(userIds.rows),
      phones(held),
    ])
    return {
      person,
      phones: bound,
      userIds,
      attestations,
      codes: sent,
      letters: mailed,
      verifications: verified,
      revocations: stands,
    }
  }
}
