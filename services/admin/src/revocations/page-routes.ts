// The pages that end access: form, preview, order; what was revoked; giving access back.

import { now } from '@gatehouse/clock/clock'
import { RevocationKind } from '@gatehouse/contracts/revocations'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { isSensitive } from '../acts/act.ts'
import { filledIn, frameOf, goTo, type Sent, submit, submitOrder } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import { OrderBody } from '../console/order-fields.ts'
import { cursor, pageRoute } from '../console/page-route.ts'
import { clientsOf } from './effect.ts'
import { previewPage, revocationFormPage } from './form-pages.ts'
import { RevocationForm, revocationErrors, revocationOf } from './order-form.ts'
import { type RevocationsFilter, revocationPage, revocationsPage } from './pages.ts'
import { reinstatementPage } from './reinstatement-page.ts'

const Query = Type.Object(
  {
    kind: Type.Optional(Type.String({ maxLength: 40 })),
    value: Type.Optional(Type.String({ maxLength: 320 })),
    standing: Type.Optional(Type.String({ maxLength: 5 })),
    cursor,
  },
  { additionalProperties: false },
)
const Target = Type.Object(
  { kind: Type.Optional(RevocationKind), value: Type.Optional(Type.String({ maxLength: 320 })) },
  { additionalProperties: false },
)
const OneRevocation = Type.Object({ revocationId: Type.String({ pattern: '^[\\w-]{1,64}$' }) })

/** What refusals of an order are about. */
const FIELDS = {
  target_unknown: 'value',
  user_id_unknown: 'value',
  company_unknown: 'value',
  cannot_last: 'duration',
  lasting_not_possible: 'duration',
  end_not_usable: 'day',
  end_not_ahead: 'day',
}

export function addRevocationPages(app: App, pages: ConsolePages): void {
  const { administration, namesOf, labelsOf } = pages
  type FoundRevocation = Awaited<ReturnType<typeof administration.findRevocation>>

  app.get('/revocations', pageRoute(pages, { querystring: Query }), async (request, reply) => {
    const actor = actorOf(request)
    const filter = filledIn(request.query) as RevocationsFilter
    const [{ revocations, next }, { acts }] = await Promise.all([
      administration.listRevocations(actor, { query: filter }),
      administration.listActs(actor, { query: { state: 'under-way' } }),
    ])
    const [names, labels] = await Promise.all([
      namesOf([...revocations.map(({ by }) => by), ...acts.map(({ askedBy }) => askedBy)]),
      labelsOf([...revocations.map(({ target }) => target), ...acts]),
    ])
    const exports = exportLinks('listRevocations', { ...filter })
    const given = { revocations, next, filter, names, labels, underWay: acts, exports }
    return reply.page(revocationsPage(frameOf(request, reply, pages), given))
  })

  async function showForm(
    request: FastifyRequest,
    reply: FastifyReply,
    { values = {}, errors = {}, status = 200 }: Sent<Partial<RevocationForm>>,
  ): Promise<FastifyReply> {
    const frame = frameOf(request, reply, pages)
    const { kind, value } = values
    // Who may not look at people and companies is not told their names either.
    const labels = await labelsOf(kind && value && frame.may('previewRevocation') ? [{ kind, value }] : [])
    return reply.page(revocationFormPage(frame, { values, errors, labels }), { status })
  }

  app.get('/revocations/new', pageRoute(pages, { querystring: Target }), async (request, reply) =>
    showForm(request, reply, { values: request.query }),
  )

  const withForm = pageRoute(pages, { body: RevocationForm })

  /** The form again, as it was sent. */
  app.post('/revocations/form', withForm, async (request, reply) =>
    showForm(request, reply, { values: request.body }),
  )

  app.post('/revocations/preview', withForm, (request, reply) => {
    const values = request.body
    const order = revocationOf(values)
    return submit({
      values,
      errors: revocationErrors(values, now()),
      perform: () => administration.previewRevocation(actorOf(request), { body: order.target }),
      fields: FIELDS,
      again: (sent) => showForm(request, reply, sent),
      async done(preview) {
        const clients = preview.clients.map((client) => ({ kind: 'client' as const, value: client }))
        const labels = await labelsOf([order.target, ...clients])
        const needsApproval = isSensitive(order.target.kind)
        const given = { form: values, order, preview, needsApproval, labels }
        return reply.page(previewPage(frameOf(request, reply, pages), given))
      },
    })
  })

  app.post('/revocations', withForm, (request, reply) => {
    const values = request.body
    const body = revocationOf(values)
    return submit({
      values,
      errors: revocationErrors(values, now()),
      perform: () => administration.revoke(actorOf(request), { body }, values.reference),
      fields: FIELDS,
      again: (sent) => showForm(request, reply, sent),
      done: ({ act }) => goTo(reply, `/acts/${act.actId}`),
    })
  })

  const atOne = { params: OneRevocation }

  /** How all that is on the page of a revocation is called. */
  async function calledAs({ revocation, disablements, acts }: FoundRevocation) {
    const [names, labels] = await Promise.all([
      namesOf([
        revocation.by,
        revocation.reinstatedBy ?? '',
        ...acts.map(({ askedBy }) => askedBy),
        ...(disablements?.rows ?? []).map(({ by }) => by),
      ]),
      labelsOf([revocation.target, ...clientsOf(revocation)]),
    ])
    return { names, labels }
  }

  app.get('/revocations/:revocationId', pageRoute(pages, atOne), async (request, reply) => {
    const found = await administration.findRevocation(actorOf(request), { params: request.params })
    const given = { ...found, ...(await calledAs(found)) }
    return reply.page(revocationPage(frameOf(request, reply, pages), given))
  })

  async function showReinstatement(
    request: FastifyRequest<{ Params: Static<typeof OneRevocation> }>,
    reply: FastifyReply,
    { status = 200, ...sent }: Sent = {},
  ): Promise<FastifyReply> {
    const { params } = request
    const found = await administration.findRevocation(actorOf(request), { params })
    const needsApproval = isSensitive(found.revocation.target.kind)
    const given = { ...found, ...(await calledAs(found)), needsApproval, ...sent }
    return reply.page(reinstatementPage(frameOf(request, reply, pages), given), { status })
  }

  app.get('/revocations/:revocationId/reinstatement', pageRoute(pages, atOne), (request, reply) =>
    showReinstatement(request, reply),
  )

  app.post(
    '/revocations/:revocationId/reinstatement',
    pageRoute(pages, { ...atOne, body: OrderBody }),
    (request, reply) =>
      submitOrder(request, {
        perform: administration.reinstateRevocation,
        again: (sent) => showReinstatement(request, reply, sent),
        done: ({ act }) => goTo(reply, `/acts/${act.actId}`),
      }),
  )
}
