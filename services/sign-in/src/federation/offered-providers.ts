// Which providers a relying service offers the people whom it sends here, and what they can be asked for.

import { ConfigurationError } from '@gatehouse/http/configuration'
import { Refusal } from '@gatehouse/http/refusal'
import type Provider from 'oidc-provider'
import type { Client, UnknownObject } from 'oidc-provider'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { IdentityProvider } from './providers.ts'

/** Client ids, and for each the ids of the providers that it offers. */
export type Offers = Readonly<Record<string, readonly string[]>>

const OffersSchema = Type.Record(Type.String(), Type.Array(Type.String(), { minItems: 1 }))

/** The Ticket Portal is of the time when people signed in with a username (seed 002); the others come after it (seed 000). */
const DEFAULT_OFFERS: Offers = { 'ticket-portal': ['my-ssa'] }

/**
 * What the suite's own relying services offer.
 *
 * @param text `IDENTITY_PROVIDERS`: a JSON object. A client that it leaves out keeps its default
 * @param clientIds those that it may name
 * @throws ConfigurationError naming the client and the rule
 */
export function readOffers(
  text: string | undefined,
  clientIds: readonly string[],
  providers: readonly IdentityProvider[],
): Offers {
  if (text === undefined) return DEFAULT_OFFERS
  const unusable = (problem: string) => new ConfigurationError(`IDENTITY_PROVIDERS: ${problem}`)
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw unusable('it must be JSON')
  }
  if (!Value.Check(OffersSchema, given)) {
    throw unusable('it must be an object from client ids to arrays with a provider id or more')
  }
  const known = new Set(providers.map(({ id }) => id))
  const problems = Object.entries(given).flatMap(([clientId, ids]) => [
    ...(clientIds.includes(clientId) ? [] : [`${clientId} is none of ${clientIds.join(', ')}`]),
    ...(ids.every((id) => known.has(id)) ? [] : [`${clientId} may offer ${[...known].join(', ')}`]),
  ])
  if (problems.length > 0) throw unusable(problems.join('; '))
  return { ...DEFAULT_OFFERS, ...given }
}

/** Those that the registration of the client names; without a name, those that are offered to all. */
export function offeredBy(
  client: Client | undefined,
  providers: readonly IdentityProvider[],
): IdentityProvider[] {
  if (!client) return []
  const named = client.identity_providers as readonly string[] | undefined
  return providers.filter(({ id, offeredTo }) => (named ? named.includes(id) : offeredTo === 'all'))
}

/**
 * Those that a person may choose from who is signing in.
 *
 * @param params of the authorization request
 * @throws Refusal `no_provider` when none that the client names is there
 */
export async function offeredFor(
  params: UnknownObject,
  provider: Provider,
  providers: readonly IdentityProvider[],
): Promise<IdentityProvider[]> {
  const offered = offeredBy(await provider.Client.find(String(params.client_id)), providers)
  if (offered.length === 0) throw new Refusal('no_provider')
  return offered
}

/** The levels that the relying service asks for, the preferred one first (OpenID Connect Core §3.1.2.1). */
export function requestedLevels(params: UnknownObject = {}): string[] {
  return String(params.acr_values ?? '')
    .split(' ')
    .filter(Boolean)
}

/** The levels that these providers may assert, as far as their rows name them. */
export function reachableLevels(providers: readonly IdentityProvider[]): Set<string> {
  return new Set(
    providers.flatMap(({ requestableAcr = [], acceptedAcr = [] }) => [...requestableAcr, ...acceptedAcr]),
  )
}

/**
 * Whether a sign-in is at one of the levels: its `acr` is, or its methods prove it by the row of its provider.
 *
 * @param levels those that the relying service asks for
 */
export function isAtOneOf(
  levels: readonly string[],
  { idp, acr, amr }: { idp: string; acr: string | null; amr: readonly string[] },
  providers: readonly IdentityProvider[],
): boolean {
  const rules = providers.find(({ id }) => id === idp)?.methods ?? []
  const proved = rules.filter((rule) => rule.amr.every((method) => amr.includes(method)))
  return levels.some((level) => level === acr || proved.some((rule) => rule.level === level))
}
