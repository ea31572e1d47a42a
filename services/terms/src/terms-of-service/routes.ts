import { PageQuery } from '@gatehouse/contracts/paging'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import {
  PreviewOrder,
  PublishOrder,
  Terms,
  TermsPreview,
  TermsVersions,
  WholeTermsVersion,
} from '@gatehouse/contracts/terms'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { Publications } from './publications.ts'

export function addTermsRoutes(app: App, publications: Publications): void {
  const failures = { '4xx': ProblemSchema }
  const onRequest = app.requireCaller('terms.publish')

  app.get(
    '/terms/current',
    {
      onRequest: app.requireCaller('attestations.write'),
      schema: { summary: 'The Terms of Service in force', response: { 200: Terms, ...failures } },
    },
    async () => publications.current(),
  )
  app.get(
    '/terms/versions',
    {
      onRequest,
      schema: {
        summary: 'All versions of the Terms of Service, newest first',
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: TermsVersions, ...failures },
      },
    },
    async ({ query: { cursor, limit } }) => publications.list(cursor, limit),
  )
  app.get(
    '/terms/versions/:version',
    {
      onRequest,
      schema: {
        summary: 'A version with its text',
        params: Type.Object({ version: Type.String({ maxLength: 32 }) }, { additionalProperties: false }),
        response: { 200: WholeTermsVersion, ...failures },
      },
    },
    async ({ params }) => publications.find(params.version),
  )
  app.post(
    '/terms/previews',
    {
      onRequest,
      schema: {
        summary: 'What publishing a text would do; changes nothing',
        body: PreviewOrder,
        response: { 200: TermsPreview, ...failures },
      },
    },
    async ({ body }) => publications.preview(body.text),
  )
  app.post(
    '/terms/versions',
    {
      onRequest,
      schema: {
        summary: 'Publish a new version: it is in force at once',
        body: PublishOrder,
        response: { 201: WholeTermsVersion, ...failures },
      },
    },
    async ({ body, id }, reply) => reply.code(201).send(await publications.publish(body, id)),
  )
}
