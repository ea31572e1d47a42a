import { type Static, Type } from 'typebox'
import { orderedBy } from './administrators.ts'
import { BsoUserId, Ein } from './bso-user-ids.ts'
import type { ServiceCalls } from './calls.ts'
import { NextPage, type Page, PageInBody, withQuery } from './paging.ts'

const ORDER_ID = '^[A-Za-z0-9_-]{8,64}$'
/**
 * The name of one order to disable, given by who orders it, or by `bso-user-ids` where it comes without. Once used about a
 * User ID or company it stays known: repeated, it changes nothing, also after the order was lifted.
 */
const OrderId = Type.String({ pattern: ORDER_ID })

const sinceWhenAndWhy = {
  at: Type.Integer(),
  by: Type.String({ description: 'the administrator' }),
  reason: Type.String(),
  until: Type.Optional(
    Type.Integer({ description: 'when it ends by itself; without it when somebody enables it' }),
  ),
}

/** An order to disable that stands: neither lifted nor over. Instants are milliseconds. */
export const DisablementOrder = Type.Object({ order: OrderId, ...sinceWhenAndWhy })
export type DisablementOrder = Static<typeof DisablementOrder>

/** Since when something is disabled, and why: as the order has it that ends last. */
export const Disablement = Type.Object({
  ...sinceWhenAndWhy,
  orders: Type.Array(DisablementOrder, {
    minItems: 1,
    description: 'all orders that stand, the one that ends last first: it is disabled while any does',
  }),
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

/** Whatever cannot be a User ID or an EIN is not found, like one that nobody has. */
const Named = Type.Array(Type.String({ maxLength: 320 }), { maxItems: 200, uniqueItems: true })
export const NamesRequest = Type.Object({ userIds: Named, eins: Named }, { additionalProperties: false })
export type NamesRequest = Static<typeof NamesRequest>

/** What User IDs and companies are called, for lists that have only their ids. In no order. */
export const UserIdNames = Type.Object({
  userIds: Type.Array(Type.Pick(UserIdRecord, ['bsoUserId', 'holderName', 'ein', 'companyName'])),
  companies: Type.Array(Type.Pick(CompanyRecord, ['ein', 'name'])),
})
export type UserIdNames = Static<typeof UserIdNames>

export const DisableOrder = Type.Object(
  {
    ...orderedBy,
    order: Type.Optional(OrderId),
    until: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 8.64e15, description: 'milliseconds, ahead of now' }),
    ),
  },
  { additionalProperties: false },
)
export type DisableOrder = Static<typeof DisableOrder>

export const EnableOrder = Type.Object(
  {
    ...orderedBy,
    order: Type.Optional(
      Type.String({
        pattern: ORDER_ID,
        description: 'the one order to disable that is lifted; all of them without it',
      }),
    ),
  },
  { additionalProperties: false },
)
export type EnableOrder = Static<typeof EnableOrder>

/**
 * How it stands afterwards. `changed`: this call added an order, or lifted one; of any number of calls at once about the same
 * order, one says so.
 */
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
    /** Those of a whole page at once; who is unknown is left out. */
    names: (body: NamesRequest) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: '/names/searches',
        body,
        response: UserIdNames,
      }),
    /** All that are linked to an account. */
    ofAccount: (accountId: string, page: Page = {}) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'GET',
        path: withQuery('/user-ids', { ...page, accountId }),
        response: UserIdRecords,
      }),
    /** Adds an order to those that stand. */
    disable: (bsoUserId: string, body: DisableOrder) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${ofUserId(bsoUserId)}/disablements`,
        body,
        response: UserIdChange,
      }),
    /** Lifts one order, or all. Of one that is unknown, over or lifted already, nothing changes. */
    enable: (bsoUserId: string, body: EnableOrder) =>
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
    enableCompany: (ein: string, body: EnableOrder) =>
      calls.call('bso-user-ids', {
        scope,
        method: 'POST',
        path: `${ofCompany(ein)}/enablements`,
        body,
        response: CompanyChange,
      }),
  }
}
