import { BsoUserId } from '@gatehouse/contracts/bso-user-ids'
import { PageQuery } from '@gatehouse/contracts/paging'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import {
  CompanyChange,
  CompanyRecord,
  CompanyRecords,
  CompanySearch,
  DisableOrder,
  EnableOrder,
  NamesRequest,
  UserIdChange,
  UserIdNames,
  UserIdRecord,
  UserIdRecords,
  UserIdSearch,
} from '@gatehouse/contracts/user-id-administration'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { AuditedDisablements } from '../disablements/audited.ts'
import type { Register } from './register.ts'

const OfUserId = Type.Object({ bsoUserId: BsoUserId }, { additionalProperties: false })
const OfCompany = Type.Object(
  { ein: Type.String({ pattern: '^[0-9]{9}$' }) },
  { additionalProperties: false },
)

const pageOf = ({ cursor, limit }: { cursor?: string; limit?: string }) => ({
  cursor,
  limit: limit === undefined ? undefined : Number(limit),
})

export function addRegisterRoutes(app: App, register: Register, disablements: AuditedDisablements): void {
  const onRequest = app.requireCaller('user-ids.administer')
  const failures = { '4xx': ProblemSchema }

  app.post(
    '/user-ids/searches',
    {
      onRequest,
      schema: {
        summary: 'Search all User IDs, disabled ones too',
        body: UserIdSearch,
        response: { 200: UserIdRecords, ...failures },
      },
    },
    async (request) => register.search(request.body),
  )
  app.post(
    '/names/searches',
    {
      onRequest,
      schema: {
        summary: 'What User IDs and companies are called; those that nobody knows are left out',
        body: NamesRequest,
        response: { 200: UserIdNames, ...failures },
      },
    },
    async (request) => register.names(request.body),
  )
  app.get(
    '/user-ids',
    {
      onRequest,
      schema: {
        summary: 'All User IDs that are linked to an account, disabled ones too',
        querystring: Type.Object(
          { accountId: Type.String({ minLength: 1, maxLength: 128 }), ...PageQuery },
          { additionalProperties: false },
        ),
        response: { 200: UserIdRecords, ...failures },
      },
    },
    async ({ query }) => register.ofAccount(query.accountId, pageOf(query)),
  )
  app.get(
    '/user-ids/:bsoUserId',
    {
      onRequest,
      schema: {
        summary: 'A User ID, with its holder, its accounts, and why it is disabled',
        params: OfUserId,
        response: { 200: UserIdRecord, ...failures },
      },
    },
    async ({ params }) => register.userId(params.bsoUserId),
  )
  app.post(
    '/user-ids/:bsoUserId/disablements',
    {
      onRequest,
      schema: {
        summary: 'Disable a User ID, for good or until an instant: adds an order to those that stand',
        params: OfUserId,
        body: DisableOrder,
        response: { 200: UserIdChange, ...failures },
      },
    },
    async ({ params, body, id }) => {
      const changed = await disablements.disable({ bsoUserId: params.bsoUserId }, body, id)
      return { changed, userId: await register.userId(params.bsoUserId) }
    },
  )
  app.post(
    '/user-ids/:bsoUserId/enablements',
    {
      onRequest,
      schema: {
        summary: 'Lift one order to disable a User ID, or all; while another stands it stays disabled',
        params: OfUserId,
        body: EnableOrder,
        response: { 200: UserIdChange, ...failures },
      },
    },
    async ({ params, body, id }) => {
      const changed = await disablements.enable({ bsoUserId: params.bsoUserId }, body, id)
      return { changed, userId: await register.userId(params.bsoUserId) }
    },
  )

  app.post(
    '/companies/searches',
    {
      onRequest,
      schema: {
        summary: 'Search companies by EIN or name',
        body: CompanySearch,
        response: { 200: CompanyRecords, ...failures },
      },
    },
    async (request) => register.searchCompanies(request.body),
  )
  app.get(
    '/companies/:ein',
    {
      onRequest,
      schema: {
        summary: 'A company, and why it is disabled',
        params: OfCompany,
        response: { 200: CompanyRecord, ...failures },
      },
    },
    async ({ params }) => register.company(params.ein),
  )
  app.get(
    '/companies/:ein/user-ids',
    {
      onRequest,
      schema: {
        summary: 'All User IDs of a company, disabled ones too',
        params: OfCompany,
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: UserIdRecords, ...failures },
      },
    },
    async ({ params, query }) => register.ofCompany(params.ein, pageOf(query)),
  )
  app.post(
    '/companies/:ein/disablements',
    {
      onRequest,
      schema: {
        summary: 'Disable a company with all its User IDs, for good or until an instant: adds an order',
        params: OfCompany,
        body: DisableOrder,
        response: { 200: CompanyChange, ...failures },
      },
    },
    async ({ params, body, id }) => {
      const changed = await disablements.disable({ ein: params.ein }, body, id)
      return { changed, company: await register.company(params.ein) }
    },
  )
  app.post(
    '/companies/:ein/enablements',
    {
      onRequest,
      schema: {
        summary: 'Lift one order to disable a company, or all; User IDs that are disabled themselves stay so',
        params: OfCompany,
        body: EnableOrder,
        response: { 200: CompanyChange, ...failures },
      },
    },
    async ({ params, body, id }) => {
      const changed = await disablements.enable({ ein: params.ein }, body, id)
      return { changed, company: await register.company(params.ein) }
    },
  )
}
