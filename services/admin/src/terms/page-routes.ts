import { PublishOrder, TermsText } from '@gatehouse/contracts/terms'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { attempt, frameOf, goTo } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { type Errors, orderErrors, orderFormFields, orderOf } from '../console/order-fields.ts'
import { editable, newTermsPage, termsPage, termsPreviewPage, termsVersionPage, textFrom } from './pages.ts'

/** As long as a text in a form may be: less than a body may be altogether. */
const LONGEST_TEXT = 200_000
const BODY_LIMIT = 1024 * 1024

const TermsForm = Type.Object(
  {
    version: Type.String({ maxLength: 100 }),
    introduction: Type.String({ maxLength: LONGEST_TEXT }),
    conditions: Type.String({ maxLength: LONGEST_TEXT }),
    agreement: Type.String({ maxLength: 1000 }),
    ...orderFormFields,
  },
  { additionalProperties: false },
)
type TermsForm = Static<typeof TermsForm>

const { version: VersionName } = PublishOrder.properties
const OneVersion = Type.Object({ version: VersionName })

function termsErrors(form: TermsForm): Errors {
  const text = textFrom(form)
  const { introduction, conditions, agreement } = TermsText.properties
  return {
    ...(Value.Check(VersionName, form.version.trim())
      ? {}
      : { version: 'Enter a name of at most 32 letters, digits, dots and hyphens' }),
    ...(Value.Check(introduction, text.introduction)
      ? {}
      : { introduction: 'Enter 1 to 50 paragraphs of at most 4,000 characters' }),
    ...(Value.Check(conditions, text.conditions)
      ? {}
      : {
          conditions:
            'Enter 1 to 100 conditions of at most 4,000 characters, each with a sentence above its details',
        }),
    ...(Value.Check(agreement, text.agreement)
      ? {}
      : { agreement: 'Enter the words of the checkbox, of at most 200 characters' }),
    ...orderErrors(form),
  }
}

export function addTermsPages(app: App, pages: ConsolePages): void {
  const { administration, requireActor, namesOf } = pages
  const page = { preHandler: requireActor, schema: { hide: true } }
  const withForm = {
    preHandler: requireActor,
    bodyLimit: BODY_LIMIT,
    schema: { hide: true, body: TermsForm },
  }

  app.get(
    '/terms',
    {
      ...page,
      schema: {
        hide: true,
        querystring: Type.Object(
          { cursor: Type.Optional(Type.String({ maxLength: 4096 })) },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const { cursor } = request.query
      const query = cursor === undefined ? {} : { cursor }
      const { versions, next } = await administration.listTermsVersions(actorOf(request), { query })
      const names = await namesOf(versions.map(({ publishedBy }) => publishedBy ?? ''))
      const exports = exportLinks('listTermsVersions')
      return reply.page(termsPage(frameOf(request, reply, pages), { versions, next, cursor, names, exports }))
    },
  )

  app.get('/terms/new', page, async (request, reply) => {
    const actor = actorOf(request)
    const { versions } = await administration.listTermsVersions(actor, {})
    const inForce = versions.find(({ isInForce }) => isInForce)
    const whole =
      inForce && (await administration.findTermsVersion(actor, { params: { version: inForce.version } }))
    const values = whole ? editable(whole.text) : {}
    return reply.page(newTermsPage(frameOf(request, reply, pages), { values }))
  })

  function again(
    request: FastifyRequest<{ Body: TermsForm }>,
    reply: FastifyReply,
    errors: Errors = {},
    status = 200,
  ): FastifyReply {
    const shown = newTermsPage(frameOf(request, reply, pages), { values: request.body, errors })
    return reply.page(shown, { status })
  }

  app.post('/terms/form', withForm, async (request, reply) => again(request, reply))

  app.post('/terms/preview', withForm, async (request, reply) => {
    const errors = termsErrors(request.body)
    if (Object.keys(errors).length > 0) return again(request, reply, errors, 422)
    const text = textFrom(request.body)
    const done = await attempt(() => administration.previewTerms(actorOf(request), { body: { text } }))
    if (done.trouble) return again(request, reply, done.trouble.errors, done.trouble.status)
    const given = { values: request.body, text, preview: done.answer }
    return reply.page(termsPreviewPage(frameOf(request, reply, pages), given))
  })

  app.post('/terms', withForm, async (request, reply) => {
    const errors = termsErrors(request.body)
    if (Object.keys(errors).length > 0) return again(request, reply, errors, 422)
    const version = request.body.version.trim()
    const body = { version, text: textFrom(request.body), ...orderOf(request.body) }
    const done = await attempt(
      () => administration.publishTerms(actorOf(request), { body }, request.body.reference),
      { terms_version_exists: 'version' },
    )
    if (done.trouble) return again(request, reply, done.trouble.errors, done.trouble.status)
    return goTo(reply, `/terms/${encodeURIComponent(version)}`)
  })

  app.get(
    '/terms/:version',
    { ...page, schema: { hide: true, params: OneVersion } },
    async (request, reply) => {
      const version = await administration.findTermsVersion(actorOf(request), { params: request.params })
      const names = await namesOf([version.publishedBy ?? ''])
      return reply.page(termsVersionPage(frameOf(request, reply, pages), { version, names }))
    },
  )
}
