// What a relying service learns (fact sheet 5): the claims of the id_token and of userinfo, and the older JSON form.

import type { Account } from '@gatehouse/provider/accounts/account'
import type { Client, ClientPolicy } from '../clients/client.ts'
import {
  ATTRIBUTE_NAMES,
  type Attribute,
  type AttributeValues,
  attributeValues,
  uuidOf,
} from './attributes.ts'
import type { Grant } from './grants.ts'
import type { Policy } from './policies.ts'

/** What the waiting request would tell about an account: attributes that it has, and `groups` for a community. */
export function sharedNames(
  account: Account,
  client: Client,
  { policy, attributes }: ClientPolicy,
): { name: Attribute | 'groups' }[] {
  const names = Object.keys(attributeValues(account, attributes, client)) as Attribute[]
  return [...names, ...(policy.group ? (['groups'] as const) : [])].map((name) => ({ name }))
}

export interface ClaimsSource {
  account: Account
  client: Client
  policy: Policy
  grant: Pick<Grant, 'attributes' | 'multifactor'>
  /** Whether the account has a second factor at all. */
  hasSecondFactor: boolean
}

/** What there is to tell about the person, of what the person allowed. */
function sharedValues({ account, client, grant }: ClaimsSource): AttributeValues {
  return attributeValues(account, grant.attributes, client)
}

/** The claims about the person and the sign-in; `iss`, `aud` and the times are for who signs them. */
export function personClaims(source: ClaimsSource): Record<string, unknown> {
  const { account, policy, grant, hasSecondFactor } = source
  const proofed = policy.isLoa ? 'classic_loa3' : 2
  return {
    sub: uuidOf(account),
    ...sharedValues(source),
    multifactor: grant.multifactor,
    level_of_assurance: policy.identity === 'verified' ? 3 : 1,
    credential_ial: policy.identity === 'verified' ? proofed : 1,
    credential_aal: grant.multifactor ? 2 : 1,
    credential_ial_highest: account.profile ? proofed : 1,
    credential_aal_highest: grant.multifactor || hasSecondFactor ? 2 : 1,
    ...(policy.group && communityResult(source)),
  }
}

/** Of a community: whether the person belongs to it, and the attributes to be read by their handle. */
export function communityResult(source: ClaimsSource) {
  return {
    status: communityStatus(source.account, source.policy),
    attributes: Object.entries(sharedValues(source)).map(([handle, value]) => ({
      handle,
      name: ATTRIBUTE_NAMES[handle as Attribute],
      value,
    })),
  }
}

function communityStatus({ affiliations }: Pick<Account, 'affiliations'>, { group }: Policy) {
  return affiliations
    .filter((affiliation) => affiliation.group === group)
    .map(({ subgroups }) => ({ group, subgroups, verified: true }))
}
