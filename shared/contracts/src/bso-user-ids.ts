import { type Static, Type } from 'typebox'
import { type Order, orderedBy } from './administrators.ts'
import type { ServiceCalls } from './calls.ts'
import { NextPage, type Page, PageInBody, withQuery } from './paging.ts'
import { LetterState } from './upgrade-codes.ts'

/** Nine digits. Only ever in a body. */
const Ssn = Type.String({ pattern: '^[0-9]{9}$' })
const Ein = Type.String({
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

/** What a person can request for a User ID, and begins with an activation code (CBSV User's Guide 2.8). */
export const RequestableService = Type.Literal('CBSV')
export type RequestableService = Static<typeof RequestableService>
/** Their names as people read them. */
export const SERVICE_NAMES_IN_WORDS: Record<RequestableService, string> = {
  CBSV: 'Consent Based Social Security Number Verification Service',
}

/**
 * How a service stands for a User ID: `none`, `pending` from its request until the activation code is entered, `active`.
 * Instants are milliseconds.
 */
export const ServiceStanding = Type.Object({
  service: RequestableService,
  state: Type.Union([Type.Literal('none'), Type.Literal('pending'), Type.Literal('active')]),
  requestedAt: Type.Optional(
    Type.Integer({ description: 'while pending: when the newest code was requested' }),
  ),
  activeSince: Type.Optional(Type.Integer()),
  letter: Type.Optional(
    Type.Object(
      {
        state: LetterState,
        mailedAt: Type.Optional(Type.Integer()),
        expiresOn: Type.Optional(Type.String({ description: 'the last day, YYYY-MM-DD' })),
      },
      {
        description:
          'while pending: the newest letter with an activation code; without it none was accepted for mailing yet',
      },
    ),
  ),
})
export type ServiceStanding = Static<typeof ServiceStanding>
export const ServiceStandings = Type.Object({ services: Type.Array(ServiceStanding) })

export const ServiceRequest = Type.Object(
  {
    insteadOf: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 8.64e15,
        description: '`requestedAt` of the request whose code this one replaces; left out for the first',
      }),
    ),
  },
  { additionalProperties: false },
)
export const ActivationRequest = Type.Object(
  // Anything a person types: what cannot be a code is a wrong try, not a malformed request.
  { code: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
)

/** A User ID at its employer. */
export interface UserIdAtEmployer {
  bsoUserId: string
  ein: string
}

/**
 * The services of a User ID, from request to activation.
 *
 * What `bso-user-ids` refuses:
 * - `user_id_unknown` (404): no active User ID of this name for this employer
 * - `service_active` (409): nothing is left to request or to activate
 * - `service_pending` (409): of a request that replaces none, or one that was replaced already
 * - `nothing_requested` (409): of an activation, or a request that replaces another
 * - `company_address_missing` (422): there is nowhere to mail the letter to
 * - `code_not_accepted` (409): `triesLeft` is at least 1; as `upgrade-codes` has it, like the next two
 * - `locked_out` (429): too many wrong codes, `retryAt` in milliseconds
 * - `too_many_letters` (429): `retryAt` in milliseconds
 */
export function activations(calls: ServiceCalls) {
  const scope = 'activations.write'
  const at = ({ bsoUserId, ein }: UserIdAtEmployer) =>
    `/employers/${encodeURIComponent(ein)}/user-ids/${encodeURIComponent(bsoUserId)}/services`
  return {
    list: (userId: UserIdAtEmployer) =>
      calls.call('bso-user-ids', { scope, method: 'GET', path: at(userId), response: ServiceStandings }),
    /**
     * Requests a service: an activation code is mailed to the employer. It ends the code of the request that it
     * replaces, if any; of several at once that replace the same, one does.
     */
    request: (
      userId: UserIdAtEmployer,
      service: RequestableService,
      body: Static<typeof ServiceRequest> = {},
    ) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${at(userId)}/${service}/requests`,
        body,
        response: ServiceStanding,
      }),
    /** Makes the service active, which tokens say from the next sign-in on. After a failed call: repeat it. */
    activate: (userId: UserIdAtEmployer, service: RequestableService, code: string) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${at(userId)}/${service}/activations`,
        body: { code },
        response: ServiceStanding,
      }),
  }
}

/** Since when something is disabled, and why. Instants are milliseconds. */
export const Disablement = Type.Object({
  at: Type.Integer(),
  by: Type.String({ description: 'the administrator' }),
  reason: Type.String(),
  until: Type.Optional(
    Type.Integer({ description: 'when it ends by itself; without it when somebody enables it' }),
  ),
})
export type Disablement = Static<typeof Disablement>

/** A User ID as its owner has it, disabled ones too. A User ID counts only while its company does. */
export const UserIdRecord = Type.Object({
  bsoUserId: BsoUserId,
  ein: Ein,
  companyName: Type.String(),
  holderName: Type.String({ description: 'in capitals, without spaces in a name, accents and signs' }),
  services: Type.Array(Type.String()),
  issuedAt: Type.Integer(),
  lastSelectedAt: Type.Optional(Type.Integer()),
  accounts: Type.Array(Type.String(), { description: 'the accounts that it is linked to' }),
  disabled: Type.Optional(Disablement),
  companyDisabled: Type.Optional(Disablement),
})
export type UserIdRecord = Static<typeof UserIdRecord>
export const UserIdRecords = Type.Object({ userIds: Type.Array(UserIdRecord), ...NextPage })

export const CompanyRecord = Type.Object({
  ein: Ein,
  name: Type.String(),
  userIds: Type.Integer({ description: 'how many User IDs it has, disabled ones too' }),
  disabled: Type.Optional(Disablement),
})
export type CompanyRecord = Static<typeof CompanyRecord>
export const CompanyRecords = Type.Object({ companies: Type.Array(CompanyRecord), ...NextPage })

/**
 * By what User IDs are found: `user-id` its beginning, `ein` exactly, `company-name` any part, `holder-name` the beginning
 * of a first, last or whole name, in either order. Case, accents and signs do not count in names.
 */
export const UserIdSearch = Type.Object(
  {
    by: Type.Union([
      Type.Literal('user-id'),
      Type.Literal('ein'),
      Type.Literal('company-name'),
      Type.Literal('holder-name'),
    ]),
    text: Type.String({ minLength: 1, maxLength: 200 }),
    ...PageInBody,
  },
  { additionalProperties: false },
)
export type UserIdSearch = Static<typeof UserIdSearch>

/** By EIN exactly, or by any part of the name; all of them without `text`. */
export const CompanySearch = Type.Object(
  { text: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })), ...PageInBody },
  { additionalProperties: false },
)
export type CompanySearch = Static<typeof CompanySearch>

export const DisableOrder = Type.Object(
  {
    ...orderedBy,
    until: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 8.64e15, description: 'milliseconds, ahead of now' }),
    ),
  },
  { additionalProperties: false },
)
export type DisableOrder = Static<typeof DisableOrder>

/** `changed`: this very order did it; of any number at once, one says so. Otherwise it was so already. */
export const UserIdChange = Type.Object({ userId: UserIdRecord, changed: Type.Boolean() })
export const CompanyChange = Type.Object({ company: CompanyRecord, changed: Type.Boolean() })

/**
 * User IDs and companies for the administrators' console (scope `user-ids.administer`). What is disabled is not offered,
 * selected, requested or activated from then on; what is in flight is for a revocation.
 *
 * What `bso-user-ids` refuses:
 * - `not_found` (404): there is no such User ID, or company
 * - `end_not_ahead` (422): `until` is over already
 */
export function userIdAdministration(calls: ServiceCalls) {
  const scope = 'user-ids.administer'
  const ofUserId = (bsoUserId: string) => `/user-ids/${encodeURIComponent(bsoUserId)}`
  const ofCompany = (ein: string) => `/companies/${encodeURIComponent(ein)}`
  return {
    /** Sorted by User ID. */
    search: (body: UserIdSearch) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: '/user-ids/searches',
        body,
        response: UserIdRecords,
      }),
    find: (bsoUserId: string) =>
      calls.call('bso-user-ids', { scope, method: 'GET', path: ofUserId(bsoUserId), response: UserIdRecord }),
    /** All that are linked to an account. */
    ofAccount: (accountId: string, page: Page = {}) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'GET',
        path: withQuery('/user-ids', { ...page, accountId }),
        response: UserIdRecords,
      }),
    /** An order that ends later than the one that stands takes its place; one that ends sooner changes nothing. */
    disable: (bsoUserId: string, body: DisableOrder) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${ofUserId(bsoUserId)}/disablements`,
        body,
        response: UserIdChange,
      }),
    enable: (bsoUserId: string, body: Static<typeof Order>) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${ofUserId(bsoUserId)}/enablements`,
        body,
        response: UserIdChange,
      }),
    /** Sorted by EIN. */
    searchCompanies: (body: CompanySearch = {}) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: '/companies/searches',
        body,
        response: CompanyRecords,
      }),
    findCompany: (ein: string) =>
      calls.call('bso-user-ids', { scope, method: 'GET', path: ofCompany(ein), response: CompanyRecord }),
    userIdsOfCompany: (ein: string, page: Page = {}) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'GET',
        path: withQuery(`${ofCompany(ein)}/user-ids`, page),
        response: UserIdRecords,
      }),
    /** As of a User ID: it is all of its User IDs, and those that come. */
    disableCompany: (ein: string, body: DisableOrder) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${ofCompany(ein)}/disablements`,
        body,
        response: CompanyChange,
      }),
    /** User IDs that are disabled themselves stay so. */
    enableCompany: (ein: string, body: Static<typeof Order>) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${ofCompany(ein)}/enablements`,
        body,
        response: CompanyChange,
      }),
  }
}
