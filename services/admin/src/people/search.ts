// Finding people, by whatever is known of them. Sign-in knows names, addresses, proofed SSNs and credentials; User IDs and
// companies lead to accounts; a phone leads to the accounts at the providers, and those to credentials.

import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { type AskedProvider, credentialHolders } from '@gatehouse/contracts/credential-holders'
import { sentCodes } from '@gatehouse/contracts/one-time-codes'
import { PeopleSearchBy, PersonFound, people } from '@gatehouse/contracts/people'
import { userIdAdministration } from '@gatehouse/contracts/user-id-administration'
import { Refusal } from '@gatehouse/http/refusal'
import { type Static, Type } from 'typebox'
import { MOST_ROWS, next, pageQuery, ROWS } from '../access/cursors.ts'

export const SearchBy = Type.Union([
  ...PeopleSearchBy.anyOf,
  Type.Literal('user-id'),
  Type.Literal('ein'),
  Type.Literal('phone-ending'),
])
export type SearchBy = Static<typeof SearchBy>

/** In a body: nothing that people are searched by stands in an address. */
export const Search = Type.Object(
  {
    by: SearchBy,
    text: Type.String({ minLength: 1, maxLength: 320 }),
    cursor: pageQuery.cursor,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ROWS })),
  },
  { additionalProperties: false },
)

export const Found = Type.Object({
  people: Type.Array(
    Type.Object({
      ...PersonFound.properties,
      userIds: Type.Optional(
        Type.Array(
          Type.Object({ bsoUserId: Type.String(), ein: Type.String(), companyName: Type.String() }),
          {
            description: 'those by which the person was found',
          },
        ),
      ),
    }),
  ),
  unavailable: Type.Array(Type.String(), {
    description: 'services that did not answer: people may be missing',
  }),
  next,
})
type Found = Static<typeof Found>

export function createPeopleSearch(calls: ServiceCalls, providers: ReadonlyMap<string, AskedProvider>) {
  const atSignIn = people(calls)

  /** The one person of an account or a credential; undefined where sign-in knows none. */
  async function one(by: 'account' | 'credential', text: string): Promise<PersonFound | undefined> {
    return (await atSignIn.search({ by, text, limit: 1 })).people[0]
  }

  async function byUserId(by: 'user-id' | 'ein', text: string, page: object): Promise<Found> {
    // As people write an EIN.
    const plain = by === 'ein' ? text.replace(/^([0-9]{2})-([0-9]{7})$/, '$1$2') : text.toUpperCase()
    const { userIds, next: following } = await userIdAdministration(calls).search({
      by,
      text: plain,
      ...page,
    })
    const byAccount = Map.groupBy(
      userIds.flatMap((userId) => userId.accounts.map((accountId) => ({ accountId, userId }))),
      ({ accountId }) => accountId,
    )
    const found = await Promise.all(
      [...byAccount].map(async ([accountId, links]) => ({
        // An account that sign-in does not know any more is still a trace.
        ...((await one('account', accountId)) ?? { accountId, idps: [] }),
        userIds: links.map(({ userId: { bsoUserId, ein, companyName } }) => ({
          bsoUserId,
          ein,
          companyName,
        })),
      })),
    )
    return { people: found, unavailable: [], ...(following === undefined ? {} : { next: following }) }
  }

  /** Phones that are bound now, and those that codes were sent to lately. */
  async function byPhoneEnding(ending: string): Promise<Found> {
    if (!/^[0-9]{4}$/.test(ending)) {
      throw new Refusal('invalid_request', undefined, {
        errors: [{ field: 'body.text', rule: 'must be the last four digits' }],
      })
    }
    // Only the providers know whose phone it is, and real ones tell nobody.
    const unavailable = new Set<string>(providers.size === 0 ? ['providers'] : [])
    async function asked<Answer>(service: string, ask: () => Promise<Answer[]>): Promise<Answer[]> {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof CallFailed || error instanceof CallRefused)) throw error
        unavailable.add(service)
        return []
      }
    }
    const sent = await asked(
      'one-time-codes',
      async () => (await sentCodes(calls).byPhoneNumberEnding(ending, { limit: MOST_ROWS })).codes,
    )
    const credentials = await Promise.all(
      [...providers].map(async ([idp, service]) => {
        const holders = credentialHolders(calls, service)
        const bound = await asked(service, () => holders.byPhoneNumberEnding(ending))
        const owners = new Set(sent.filter(({ caller }) => caller === service).map(({ owner }) => owner))
        for (const { codeOwners } of bound) for (const owner of codeOwners) owners.delete(owner)
        const lately = await asked(service, () =>
          Promise.all([...owners].map((owner) => holders.byOwner(owner))),
        )
        return [...bound, ...lately].flatMap((holder) => (holder ? [`${idp}:${holder.subject}`] : []))
      }),
    )
    const found = await Promise.all([...new Set(credentials.flat())].map((text) => one('credential', text)))
    const byAccount = new Map(found.flatMap((person) => (person ? [[person.accountId, person]] : [])))
    return { people: [...byAccount.values()], unavailable: [...unavailable] }
  }

  return async ({ by, text, cursor, limit = ROWS }: Static<typeof Search>): Promise<Found> => {
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
    if (by === 'user-id' || by === 'ein') return byUserId(by, text.trim(), page)
    if (by === 'phone-ending') return byPhoneEnding(text.trim())
    const { people: found, next: following } = await atSignIn.search({ by, text: text.trim(), ...page })
    return { people: found, unavailable: [], ...(following === undefined ? {} : { next: following }) }
  }
}
