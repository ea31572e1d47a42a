import { type Static, Type } from 'typebox'
import type { ServiceCalls } from './calls.ts'

/** Nine digits. Only ever in a body. */
const Ssn = Type.String({ pattern: '^[0-9]{9}$' })
export const Ein = Type.String({
  pattern: '^[0-9]{9}$',
  description: 'Employer Identification Number, nine digits',
})
export const BsoUserId = Type.String({ pattern: '^[A-Z0-9]{8}$' })

/** A credential that a provider has just authenticated, with what identifies the person behind it. */
export const AssociationRequest = Type.Object(
  {
    accountId: Type.String({ minLength: 1, maxLength: 128 }),
    credential: Type.Object(
      {
        idp: Type.String({ minLength: 1, maxLength: 32 }),
        subject: Type.String({ minLength: 1, maxLength: 255 }),
      },
      { additionalProperties: false },
    ),
    person: Type.Object(
      {
        ssn: Type.Optional(Ssn),
        firstName: Type.String({ minLength: 1, maxLength: 100 }),
        lastName: Type.String({ minLength: 1, maxLength: 100 }),
        dateOfBirth: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
export type AssociationRequest = Static<typeof AssociationRequest>

export const UserId = Type.Object({
  bsoUserId: BsoUserId,
  ein: Ein,
  companyName: Type.String(),
  services: Type.Array(Type.String(), {
    description: 'the BSO services that are active for it, such as CBSV',
  }),
})
export type UserId = Static<typeof UserId>
export const UserIds = Type.Object({ userIds: Type.Array(UserId) })

export const SelectionRequest = Type.Object(
  { bsoUserId: BsoUserId, ein: Ein },
  { additionalProperties: false },
)
export const UserIdRequest = Type.Object({ ein: Ein }, { additionalProperties: false })

/**
 * The User IDs of an account: linked, chosen and requested in a sign-in.
 *
 * What `bso-user-ids` refuses:
 * - `user_id_not_linked` (404): the User ID and EIN are not linked to this account, or no longer active
 * - `company_unknown` (422): no company with this EIN is registered
 * - `company_disabled` (409): no User ID is issued for this company at present
 * - `user_id_exists` (409): the account already has a User ID for this EIN
 * - `account_conflict`, `credential_conflict` (409): the account or the credential belongs to another person
 * - `person_unknown` (409): the account was never associated, so there is nobody to issue a User ID to
 */
export function bsoUserIds(calls: ServiceCalls) {
  const of = (accountId: string) => `/accounts/${encodeURIComponent(accountId)}`
  return {
    /** Links the person's current User IDs to the credential; answers with all that the account has. */
    associate: (body: AssociationRequest) =>
      calls.call('bso-user-ids', {
        scope: 'user-ids.write',
        method: 'POST',
        path: '/associations',
        body,
        response: UserIds,
      }),
    list: (accountId: string) =>
      calls.call('bso-user-ids', {
        scope: 'user-ids.read',
        method: 'GET',
        path: `${of(accountId)}/user-ids`,
        response: UserIds,
      }),
    /** Confirms and keeps the person's choice for this sign-in. */
    select: (accountId: string, body: Static<typeof SelectionRequest>) =>
      calls.call('bso-user-ids', {
        scope: 'user-ids.write',
        method: 'POST',
        path: `${of(accountId)}/selections`,
        body,
        response: UserId,
      }),
    /** Issues a new User ID for a registered company. No service is active for it yet. */
    request: (accountId: string, body: Static<typeof UserIdRequest>) =>
      calls.call('bso-user-ids', {
        scope: 'user-ids.write',
        method: 'POST',
        path: `${of(accountId)}/user-ids`,
        body,
        response: UserId,
      }),
  }
}
