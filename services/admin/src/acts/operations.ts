import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { Revocation, RevocationKind } from '@gatehouse/contracts/revocations'
import { Type } from 'typebox'
import { type Cursors, next, pageQuery, ROWS } from '../access/cursors.ts'
import { operation } from '../access/operation.ts'
import { Why } from '../access/why.ts'
import { createDisablements, Disablements } from '../revocations/disablements.ts'
import { Act, ActState } from './act.ts'
import type { Orders } from './orders.ts'
import type { ActPosition, ActStore } from './store.ts'

export const ActAnswer = Type.Object({
  act: Act,
  revocation: Type.Optional(Revocation),
})

const ActParams = Type.Object({ actId: Type.String({ pattern: '^[\\w-]{8,64}$' }) })
const Acts = Type.Object({ acts: Type.Array(Act), next })

const filter = {
  kind: Type.Optional(RevocationKind),
  value: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
  state: Type.Optional(ActState),
}

interface Dependencies {
  calls: ServiceCalls
  store: ActStore
  orders: Orders
  cursors: Cursors
}

/** What was ordered, and the requests among it that somebody else decides about. */
export function actOperations({ calls, store, orders, cursors }: Dependencies) {
  const disablementsOf = createDisablements(calls)

  async function list(
    name: string,
    { cursor, limit, ...asked }: { cursor?: string; limit?: string } & Parameters<ActStore['page']>[0],
  ) {
    const most = Number(limit ?? ROWS)
    const after = cursor === undefined ? undefined : cursors.open<ActPosition>(name, asked, cursor)
    const found = await store.page(asked, most, after)
    const acts = found.slice(0, most)
    const last = acts.at(-1)
    if (found.length <= most || !last) return { acts }
    const position: ActPosition = { askedAt: last.askedAt, actId: last.actId }
    return { acts, next: cursors.seal(name, asked, position) }
  }

  const decision = (event: string) => ({
    event,
    subject: ({ params }: { params: { actId: string } }) => params.actId,
    after: ({ act }: { act: Act }) => ({ state: act.state }),
  })

  return {
    listActs: operation({
      method: 'GET',
      path: '/acts',
      role: 'viewer',
      summary: 'What was ordered to end access or to give it back, newest first',
      query: Type.Object({ ...pageQuery, ...filter }, { additionalProperties: false }),
      answer: Acts,
      rows: 'acts',
      run: (_actor, { query = {} }) => list('acts', query),
    }),
    findAct: operation({
      method: 'GET',
      path: '/acts/:actId',
      role: 'viewer',
      summary: 'One order, with its steps and its revocation',
      params: ActParams,
      answer: Type.Object({ ...ActAnswer.properties, disablements: Type.Optional(Disablements) }),
      async run(_actor, { params }) {
        const act = await orders.find(params.actId)
        const [found, disablements] = await Promise.all([orders.withRevocation(act), disablementsOf(act)])
        return { ...found, ...(disablements ? { disablements } : {}) }
      },
    }),
    retryAct: operation({
      method: 'POST',
      path: '/acts/:actId/retries',
      role: 'revoker',
      summary: 'Tries at once what is left of an order that is under way',
      params: ActParams,
      body: Why,
      answer: ActAnswer,
      change: decision('act.retried'),
      run: (_actor, { params }) => orders.retry(params.actId),
    }),
    listApprovals: operation({
      method: 'GET',
      path: '/approvals',
      role: 'viewer',
      summary: 'Requests that somebody else decides about, newest first',
      query: Type.Object({ ...pageQuery, ...filter }, { additionalProperties: false }),
      answer: Acts,
      rows: 'acts',
      run: (_actor, { query = {} }) => list('approvals', { ...query, needsApproval: true }),
    }),
    approve: operation({
      method: 'POST',
      path: '/approvals/:actId/approvals',
      role: 'approver',
      summary: 'Approves what another administrator asked for, and carries it out',
      params: ActParams,
      body: Why,
      answer: ActAnswer,
      change: decision('request.approved'),
      run: (actor, { params, body }) => orders.approve(actor, params.actId, body.reason),
    }),
    refuse: operation({
      method: 'POST',
      path: '/approvals/:actId/refusals',
      role: 'approver',
      summary: 'Refuses what another administrator asked for',
      params: ActParams,
      body: Why,
      answer: ActAnswer,
      change: decision('request.refused'),
      run: (actor, { params, body }) => orders.refuse(actor, params.actId, body.reason),
    }),
    withdraw: operation({
      method: 'POST',
      path: '/approvals/:actId/withdrawals',
      role: 'revoker',
      summary: 'Withdraws what one asked for oneself',
      params: ActParams,
      body: Why,
      answer: ActAnswer,
      change: decision('request.withdrawn'),
      run: (actor, { params, body }) => orders.withdraw(actor, params.actId, body.reason),
    }),
  }
}
