import { ApprovalRequest, ApprovalState, Approval as AskedApproval } from '@gatehouse/contracts/lab'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Refusal, type Refusals } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { longPoll, WaitQuery } from '../long-poll.ts'
import type { News } from '../news.ts'
import { isServed, toE164, WRITTEN_NUMBER } from '../phone-numbers.ts'
import type { Approval, Approvals } from './approvals.ts'
import type { ApprovalStore } from './store.ts'

interface Dependencies {
  approvals: Approvals
  store: ApprovalStore
  news: News
}

export const approvalRefusals: Refusals = {
  no_such_phone: { status: 422, title: 'There is no phone with this number' },
  approval_decided: { status: 409, title: 'This has been answered already' },
  approval_expired: { status: 409, title: 'This can no longer be answered: it has expired' },
}

const Id = Type.String({ pattern: '^[\\w-]{1,64}$' })
const Number_ = Type.String({ pattern: WRITTEN_NUMBER })
const Asked = Type.Object({
  id: Type.String(),
  cursor: Type.Integer(),
  from: Type.String(),
  question: Type.String(),
  state: ApprovalState,
  askedAt: Type.String(),
  expiresAt: Type.String(),
})
const AskedList = Type.Object({ approvals: Type.Array(Asked), cursor: Type.Integer() })
const Decision = Type.Object(
  { decision: Type.Union([Type.Literal('approve'), Type.Literal('deny')]) },
  { additionalProperties: false },
)

/** A phone number is part of these paths, so their request lines stay out of the log. */
const QUIET = { logLevel: 'warn' } as const

function asked({ id, sequence, from, question, state, askedAt, expiresAt }: Approval) {
  return {
    id,
    cursor: sequence,
    from,
    question,
    state,
    askedAt: new Date(askedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

export function addApprovalRoutes(app: App, { approvals, store, news }: Dependencies): void {
  app.post(
    '/approvals',
    {
      onRequest: app.requireCaller('approvals.write'),
      schema: {
        summary: 'Ask for an approval on a phone',
        body: ApprovalRequest,
        response: { 201: AskedApproval, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      if (!isServed(request.body.phoneNumber)) throw new Refusal('no_such_phone')
      const { id, state } = await approvals.ask(request.body)
      return reply.code(201).send({ approvalId: id, state })
    },
  )

  app.get(
    '/approvals/:id',
    {
      onRequest: app.requireCaller('approvals.write'),
      schema: {
        summary: 'Whether an approval came',
        params: Type.Object({ id: Id }),
        response: { 200: AskedApproval, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const approval = await approvals.find(request.params.id)
      if (!approval) throw new Refusal('not_found')
      return { approvalId: approval.id, state: approval.state }
    },
  )

  app.get(
    '/phones/:number/approvals',
    {
      ...QUIET,
      schema: {
        summary: 'What was asked on a phone after a cursor; waits until something is',
        params: Type.Object({ number: Number_ }),
        querystring: WaitQuery,
        response: { 200: AskedList, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const number = toE164(request.params.number)
      const found = await longPoll(reply, request.query, {
        news,
        concerns: ({ channel, to }) => channel === 'approval' && to === number,
        after: (cursor, limit) => store.after(number, cursor, limit),
        last: async (limit) => (await store.newest(limit, number)).reverse(),
      })
      const cursor = found.at(-1)?.sequence ?? Number(request.query.after ?? 0)
      return { approvals: found.map(asked), cursor }
    },
  )

  app.post(
    '/phones/:number/approvals/:id',
    {
      ...QUIET,
      schema: {
        summary: 'Approve or deny',
        params: Type.Object({ number: Number_, id: Id }),
        body: Decision,
      },
    },
    async (request, reply) => {
      const number = toE164(request.params.number)
      const { outcome } = await approvals.decide(request.params.id, number, request.body.decision)
      if (outcome === 'unknown') throw new Refusal('not_found')
      if (outcome !== 'taken') throw new Refusal(`approval_${outcome}`)
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      if (isForm) return reply.redirect(`/phones/${number}`, 303)
      return reply.code(204).send()
    },
  )
}
