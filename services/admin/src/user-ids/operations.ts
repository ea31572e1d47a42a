import { BsoUserId } from '@gatehouse/contracts/bso-user-ids'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import {
  CompanyRecord,
  CompanyRecords,
  CompanySearch,
  UserIdRecord,
  UserIdRecords,
  UserIdSearch,
  userIdAdministration,
} from '@gatehouse/contracts/user-id-administration'
import { Type } from 'typebox'
import { pageOf, pageQuery } from '../access/cursors.ts'
import { operation } from '../access/operation.ts'
import { Why, why } from '../access/why.ts'
import { type Order, stepsToRevoke } from '../acts/act.ts'
import { ActAnswer } from '../acts/operations.ts'
import type { Orders } from '../acts/orders.ts'
import { outcomeOf } from '../revocations/operations.ts'

const UserIdParams = Type.Object({ bsoUserId: BsoUserId })
const CompanyParams = Type.Object({ ein: Type.String({ pattern: '^[0-9]{9}$' }) })
const Page = Type.Object(pageQuery, { additionalProperties: false })

const DisableBody = Type.Object(
  {
    ...why,
    until: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 8.64e15,
        description: 'milliseconds; until it is enabled without it',
      }),
    ),
  },
  { additionalProperties: false },
)

interface Dependencies {
  calls: ServiceCalls
  orders: Orders
}

/** User IDs and companies. To disable one is to revoke it for good: its owner keeps that, and what is in flight ends. */
export function userIdOperations({ calls, orders }: Dependencies) {
  const owner = userIdAdministration(calls)

  const disabling = (
    kind: 'bso_user_id' | 'ein',
    value: string,
    { reason, ticket, until: endsAt }: { reason: string; ticket?: string; until?: number },
  ): Order => ({
    operation: 'revoke',
    kind,
    value,
    reason,
    ticket,
    endsAt,
    lasting: true,
    steps: stepsToRevoke(kind, true),
  })
  const enabling = (
    kind: 'bso_user_id' | 'ein',
    value: string,
    { reason, ticket }: { reason: string; ticket?: string },
  ): Order => ({ operation: 'reinstate', kind, value, reason, ticket, lasting: false, steps: ['enable'] })

  const wasDisabled = ({ disabled }: UserIdRecord | CompanyRecord) => ({ disabled: disabled !== undefined })

  return {
    searchUserIds: operation({
      method: 'POST',
      path: '/user-ids/searches',
      role: 'viewer',
      summary: 'User IDs by their beginning, by EIN, company or holder; disabled ones too',
      body: UserIdSearch,
      answer: UserIdRecords,
      rows: 'userIds',
      run: (_actor, { body }) => owner.search(body),
    }),
    findUserId: operation({
      method: 'GET',
      path: '/user-ids/:bsoUserId',
      role: 'viewer',
      summary: 'One User ID',
      params: UserIdParams,
      answer: UserIdRecord,
      run: (_actor, { params }) => owner.find(params.bsoUserId),
    }),
    disableUserId: operation({
      method: 'POST',
      path: '/user-ids/:bsoUserId/disablements',
      role: 'revoker',
      summary: 'Disables a User ID and ends what is in flight for it',
      params: UserIdParams,
      body: DisableBody,
      answer: ActAnswer,
      status: 201,
      change: {
        event: 'user-id.disabled',
        subject: ({ params }) => params.bsoUserId,
        before: async ({ params }) => wasDisabled(await owner.find(params.bsoUserId)),
        after: outcomeOf,
      },
      run: (actor, { params, body }, key) =>
        orders.place(actor, disabling('bso_user_id', params.bsoUserId, body), key),
    }),
    enableUserId: operation({
      method: 'POST',
      path: '/user-ids/:bsoUserId/enablements',
      role: 'revoker',
      summary: 'Enables a User ID again',
      params: UserIdParams,
      body: Why,
      answer: ActAnswer,
      status: 201,
      change: {
        event: 'user-id.enabled',
        subject: ({ params }) => params.bsoUserId,
        before: async ({ params }) => wasDisabled(await owner.find(params.bsoUserId)),
        after: outcomeOf,
      },
      run: (actor, { params, body }, key) =>
        orders.place(actor, enabling('bso_user_id', params.bsoUserId, body), key),
    }),
    searchCompanies: operation({
      method: 'POST',
      path: '/companies/searches',
      role: 'viewer',
      summary: 'Companies by EIN or a part of the name; all of them without a text',
      body: CompanySearch,
      answer: CompanyRecords,
      rows: 'companies',
      run: (_actor, { body }) => owner.searchCompanies(body),
    }),
    findCompany: operation({
      method: 'GET',
      path: '/companies/:ein',
      role: 'viewer',
      summary: 'One company',
      params: CompanyParams,
      answer: CompanyRecord,
      run: (_actor, { params }) => owner.findCompany(params.ein),
    }),
    listUserIdsOfCompany: operation({
      method: 'GET',
      path: '/companies/:ein/user-ids',
      role: 'viewer',
      summary: 'The User IDs of a company',
      params: CompanyParams,
      query: Page,
      answer: UserIdRecords,
      rows: 'userIds',
      run: (_actor, { params, query }) => owner.userIdsOfCompany(params.ein, pageOf(query)),
    }),
    disableCompany: operation({
      method: 'POST',
      path: '/companies/:ein/disablements',
      role: 'revoker',
      summary: 'Asks another administrator to approve that a company is disabled, with all of its User IDs',
      params: CompanyParams,
      body: DisableBody,
      answer: ActAnswer,
      status: 201,
      change: {
        event: 'company.disable-ordered',
        subject: ({ params }) => params.ein,
        before: async ({ params }) => wasDisabled(await owner.findCompany(params.ein)),
        after: outcomeOf,
      },
      run: (actor, { params, body }, key) => orders.place(actor, disabling('ein', params.ein, body), key),
    }),
    enableCompany: operation({
      method: 'POST',
      path: '/companies/:ein/enablements',
      role: 'revoker',
      summary: 'Asks another administrator to approve that a company is enabled again',
      params: CompanyParams,
      body: Why,
      answer: ActAnswer,
      status: 201,
      change: {
        event: 'company.enable-ordered',
        subject: ({ params }) => params.ein,
        before: async ({ params }) => wasDisabled(await owner.findCompany(params.ein)),
        after: outcomeOf,
      },
      run: (actor, { params, body }, key) => orders.place(actor, enabling('ein', params.ein, body), key),
    }),
  }
}
