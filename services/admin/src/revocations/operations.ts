import type { ServiceCalls } from '@gatehouse/contracts/calls'
import {
  Revocation,
  RevocationKind,
  RevocationPreview,
  Revocations,
  RevocationTarget,
  revocations,
} from '@gatehouse/contracts/revocations'
import { Refusal } from '@gatehouse/http/refusal'
import { Type } from 'typebox'
import { pageOf, pageQuery } from '../access/cursors.ts'
import { type Facts, operation } from '../access/operation.ts'
import { Why, why } from '../access/why.ts'
import { Act, Cause, canLast, stepsToReinstate, stepsToRevoke } from '../acts/act.ts'
import { subjectOf } from '../acts/events.ts'
import { ActAnswer } from '../acts/operations.ts'
import type { ActWithRevocation, Orders } from '../acts/orders.ts'
import type { ActStore } from '../acts/store.ts'
import { createDisablements, Disablements, keepsDisabled } from './disablements.ts'

const RevocationParams = Type.Object({ revocationId: Type.String({ pattern: '^[\\w-]{1,64}$' }) })

const RevokeBody = Type.Object(
  {
    target: RevocationTarget,
    ...why,
    lasting: Type.Optional(
      Type.Boolean({ description: 'access stays ended until `endsAt`, or until it is reinstated' }),
    ),
    endsAt: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 8.64e15, description: 'milliseconds; only of a lasting one' }),
    ),
  },
  { additionalProperties: false },
)

interface Dependencies {
  calls: ServiceCalls
  orders: Orders
  store: ActStore
}

/** What an act came to, for the audit trail. */
export function outcomeOf({ act, revocation }: ActWithRevocation): Facts {
  const { sessions, grants, refreshTokens } = revocation?.ended ?? {}
  const counts = sessions === undefined ? {} : { sessions, grants, refreshTokens }
  return { act: act.actId, state: act.state, ...(counts as Facts) }
}

/** Orders are kept for good: what stands in place of an id, and is none, must not be among them. */
function isSsnByMistake({ kind, value }: { kind: string; value: string }): boolean {
  return kind !== 'ein' && /^\s*[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\s*$/.test(value)
}

/** Ending access and giving it back. */
export function revocationOperations({ calls, orders, store }: Dependencies) {
  const atSignIn = revocations(calls)
  const disablementsOf = createDisablements(calls)

  /** A revocation, the act that it came of, and what its owner says of a User ID or company. */
  async function find(revocationId: string) {
    const [revocation, causes] = await Promise.all([
      atSignIn.find(revocationId),
      store.causesOf([revocationId]),
    ])
    const cause = causes.get(revocationId)
    const disablements = await disablementsOf(revocation.target)
    return { revocation, ...(cause ? { cause } : {}), ...(disablements ? { disablements } : {}) }
  }

  return {
    previewRevocation: operation({
      method: 'POST',
      path: '/revocations/previews',
      role: 'viewer',
      summary: 'What a revocation would end if it came now',
      body: RevocationTarget,
      answer: RevocationPreview,
      run: (_actor, { body }) => atSignIn.preview(body),
    }),
    revoke: operation({
      method: 'POST',
      path: '/revocations',
      role: 'revoker',
      summary:
        'Ends access; of a company, a provider and everything, asks another administrator to approve it',
      body: RevokeBody,
      answer: ActAnswer,
      status: 201,
      change: {
        event: 'revocation.ordered',
        subject: ({ body }) => subjectOf(body.target),
        after: outcomeOf,
      },
      run(actor, { body }, key) {
        const { target, reason, ticket, lasting = false, endsAt } = body
        if (isSsnByMistake(target)) throw new Refusal('target_unknown')
        if (lasting && !canLast(target.kind)) throw new Refusal('cannot_last')
        if (endsAt !== undefined && !lasting) throw new Refusal('end_not_usable')
        const order = { operation: 'revoke' as const, ...target, reason, ticket, lasting, endsAt }
        return orders.place(actor, { ...order, steps: stepsToRevoke(target.kind, lasting) }, key)
      },
    }),
    listRevocations: operation({
      method: 'GET',
      path: '/revocations',
      role: 'viewer',
      summary: 'What was revoked, newest first',
      query: Type.Object(
        {
          ...pageQuery,
          kind: Type.Optional(RevocationKind),
          value: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
          standing: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
        },
        { additionalProperties: false },
      ),
      answer: Type.Object({
        ...Revocations.properties,
        revocations: Type.Array(Type.Object({ ...Revocation.properties, cause: Type.Optional(Cause) })),
      }),
      rows: 'revocations',
      async run(_actor, { query = {} }) {
        const { kind, value, standing } = query
        const page = await atSignIn.list({
          ...pageOf(query),
          ...(kind === undefined ? {} : { kind }),
          ...(value === undefined ? {} : { value }),
          ...(standing === undefined ? {} : { standing: standing === 'true' }),
        })
        const causes = await store.causesOf(page.revocations.map(({ revocationId }) => revocationId))
        const rows = page.revocations.map((revocation) => {
          const cause = causes.get(revocation.revocationId)
          return { ...revocation, ...(cause ? { cause } : {}) }
        })
        return { ...page, revocations: rows }
      },
    }),
    findRevocation: operation({
      method: 'GET',
      path: '/revocations/:revocationId',
      role: 'viewer',
      summary: 'One revocation: when each gateway and relying service had it, and the orders about it',
      params: RevocationParams,
      answer: Type.Object({
        revocation: Revocation,
        cause: Type.Optional(Cause),
        disablements: Type.Optional(Disablements),
        acts: Type.Array(Act, { description: 'what was ordered about this target lately, newest first' }),
      }),
      async run(_actor, { params }) {
        const found = await find(params.revocationId)
        const { kind, value } = found.revocation.target
        return { ...found, acts: (await store.page({ kind, value }, 20)).slice(0, 20) }
      },
    }),
    reinstateRevocation: operation({
      method: 'POST',
      path: '/revocations/:revocationId/reinstatements',
      role: 'revoker',
      summary:
        'Lets in again whom a lasting revocation keeps out; sensitive where the revocation was. Of a User ID or company it lifts the order of this revocation and no other',
      params: RevocationParams,
      body: Why,
      answer: ActAnswer,
      status: 201,
      change: {
        event: 'reinstatement.ordered',
        subject: ({ params }) => params.revocationId,
        before: async ({ params }) => {
          const { revocation, cause, disablements } = await find(params.revocationId)
          const standing = revocation.standing || keepsDisabled(cause, disablements)
          return { standing, ...revocation.target }
        },
        after: outcomeOf,
      },
      async run(actor, { params, body }, key) {
        const { revocation, cause, disablements } = await find(params.revocationId)
        const { revocationId, target } = revocation
        const lifts = cause?.disables ? cause.actId : undefined
        if (lifts && disablements?.rows && !keepsDisabled(cause, disablements))
          throw new Refusal('not_standing')
        const order = {
          operation: 'reinstate' as const,
          ...target,
          ...body,
          lasting: false,
          revocationId,
          lifts,
        }
        return orders.place(actor, { ...order, steps: stepsToReinstate(revocation, cause) }, key)
      },
    }),
  }
}
