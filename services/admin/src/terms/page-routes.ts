import { PublishOrder, TermsText } from '@gatehouse/contracts/terms'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { frameOf, goTo, type Sent, submit } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { type Errors, orderErrors, orderFormFields, orderOf } from '../console/order-fields.ts'
import { cursorOf, ListQuery, pageRoute } from '../console/page-route.ts'
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
  const { administration, namesOf } = pages
  const withForm = { ...pageRoute(pages, { body: TermsForm }), bodyLimit: BODY_LIMIT }

  app.get('/terms', pageRoute(pages, { querystring: ListQuery }), async (request, reply) => {
    const { cursor } = request.query
    const query = cursorOf({ cursor })
    const { versions, next } = await administration.listTermsVersions(actorOf(request), { query })
    const names = await namesOf(versions.map(({ publishedBy }) => publishedBy ?? ''))
    const exports = exportLinks('listTermsVersions')
    return reply.page(termsPage(frameOf(request, reply, pages), { versions, next, cursor, names, exports }))
  })

  app.get('/terms/new', pageRoute(pages), async (request, reply) => {
    const actor = actorOf(request)
    const { versions } = await administration.listTermsVersions(actor, {})
    const inForce = versions.find(({ isInForce }) => isInForce)
    const whole =
      inForce && (await administration.findTermsVersion(actor, { params: { version: inForce.version } }))
    const values = whole ? editable(whole.text) : {}
    return reply.page(newTermsPage(frameOf(request, reply, pages), { values }))
  })

  function showForm(
    request: FastifyRequest,
    reply: FastifyReply,
    { values, errors = {}, status = 200 }: Sent<TermsForm> & { values: TermsForm },
  ): FastifyReply {
    return reply.page(newTermsPage(frameOf(request, reply, pages), { values, errors }), { status })
  }

  app.post('/terms/form', withForm, async (request, reply) =>
    showForm(request, reply, { values: request.body }),
  )

  app.post('/terms/preview', withForm, (request, reply) => {
    const values = request.body
    const text = textFrom(values)
    return submit({
      values,
      errors: termsErrors(values),
      perform: () => administration.previewTerms(actorOf(request), { body: { text } }),
      again: (sent) => showForm(request, reply, sent),
      done: (preview) =>
        reply.page(termsPreviewPage(frameOf(request, reply, pages), { values, text, preview })),
    })
  })

  app.post('/terms', withForm, (request, reply) => {
    const values = request.body
    const version = values.version.trim()
    const body = { version, text: textFrom(values), ...orderOf(values) }
    return submit({
      values,
      errors: termsErrors(values),
      perform: () => administration.publishTerms(actorOf(request), { body }, values.reference),
      fields: { terms_version_exists: 'version' },
      again: (sent) => showForm(request, reply, sent),
      done: () => goTo(reply, `/terms/${encodeURIComponent(version)}`),
    })
  })

  app.get('/terms/:version', pageRoute(pages, { params: OneVersion }), async (request, reply) => {
    const version = await administration.findTermsVersion(actorOf(request), { params: request.params })
    const names = await namesOf([version.publishedBy ?? ''])
    return reply.page(termsVersionPage(frameOf(request, reply, pages), { version, names }))
  })
}
