// An act: access that somebody ends or gives back, from the order to the last step. It is stored before anything is done,
// so that a crash, or a service that is away, leaves a half-done act that is finished later and shown as such.

import { type Revocation, RevocationKind } from '@gatehouse/contracts/revocations'
import { type Static, Type } from 'typebox'

export const ActState = Type.Union([
  Type.Literal('awaiting-approval'),
  Type.Literal('expired', { description: 'nobody decided in time' }),
  Type.Literal('refused', { description: 'by an approver' }),
  Type.Literal('withdrawn', { description: 'by who asked for it' }),
  Type.Literal('under-way', { description: 'not all steps are done; they are tried again until they are' }),
  Type.Literal('done'),
  Type.Literal('failed', { description: 'an owner refused a step, so that trying again is of no use' }),
])
export type ActState = Static<typeof ActState>

export const StepName = Type.Union([
  Type.Literal('disable', { description: 'the owner of User IDs and companies keeps that it is disabled' }),
  Type.Literal('enable'),
  Type.Literal('revoke', { description: 'sign-in ends what there is, and tells the gateways' }),
  Type.Literal('reinstate', { description: 'sign-in lets in again' }),
])
export type StepName = Static<typeof StepName>

export const Step = Type.Object({
  step: StepName,
  state: Type.Union([Type.Literal('to-do'), Type.Literal('done'), Type.Literal('failed')]),
  at: Type.Optional(Type.Integer({ description: 'when it was last tried, milliseconds' })),
  milliseconds: Type.Optional(Type.Number({ description: 'how long it took' })),
  because: Type.Optional(Type.String({ description: 'the code of the failure' })),
})
export type Step = Static<typeof Step>

/** Instants are milliseconds. */
export const Act = Type.Object({
  actId: Type.String(),
  operation: Type.Union([Type.Literal('revoke'), Type.Literal('reinstate')]),
  kind: RevocationKind,
  value: Type.String(),
  reason: Type.String(),
  ticket: Type.Optional(Type.String()),
  lasting: Type.Boolean(),
  endsAt: Type.Optional(Type.Integer()),
  askedBy: Type.String({ description: 'the administrator' }),
  askedAt: Type.Integer(),
  needsApproval: Type.Boolean(),
  decideBy: Type.Optional(Type.Integer({ description: 'until when an approver can decide' })),
  decidedBy: Type.Optional(Type.String()),
  decidedAt: Type.Optional(Type.Integer()),
  decisionReason: Type.Optional(Type.String()),
  state: ActState,
  steps: Type.Array(Step),
  revocationId: Type.Optional(Type.String({ description: 'of the revocation at sign-in' })),
  lifts: Type.Optional(
    Type.String({
      description:
        'of a reinstatement: the order to disable a User ID or company that it takes back; without it, all of them',
    }),
  ),
  failure: Type.Optional(Type.String({ description: 'the code with which an owner refused' })),
  doneAt: Type.Optional(Type.Integer()),
})
export type Act = Static<typeof Act>

/** The act that a revocation came of: of a User ID or company sign-in does not know whether it lasts. */
export const Cause = Type.Object({
  actId: Type.String(),
  lasting: Type.Boolean(),
  endsAt: Type.Optional(Type.Integer()),
  disables: Type.Boolean({
    description: 'its owner was told to keep the User ID or company disabled, under the id of the act',
  }),
  liftedAt: Type.Optional(Type.Integer({ description: 'when a reinstatement took that back' })),
})
export type Cause = Static<typeof Cause>

/** What is asked for. */
export type Order = Pick<Act, 'operation' | 'kind' | 'value' | 'reason' | 'lasting'> & {
  ticket?: string | undefined
  endsAt?: number | undefined
  /** Of a reinstatement: what is taken back. */
  revocationId?: string | undefined
  /** Of a reinstatement: the act whose disabling is taken back; that of others goes on. */
  lifts?: string | undefined
  steps: StepName[]
}

/** What reaches so far that nobody does it alone. */
const SENSITIVE: ReadonlySet<string> = new Set(['ein', 'provider', 'everything'])

export function isSensitive(kind: RevocationKind): boolean {
  return SENSITIVE.has(kind)
}

/** Milliseconds in which somebody else has to decide about a sensitive act. */
export const TIME_TO_DECIDE = 24 * 60 * 60 * 1000

/** What sign-in cannot keep ended, because User IDs and companies have an owner: there it is disabled. */
export function hasOwner(kind: RevocationKind): kind is 'bso_user_id' | 'ein' {
  return kind === 'bso_user_id' || kind === 'ein'
}

/** Whether the target can be ended for longer at all. */
export function canLast(kind: RevocationKind): boolean {
  return kind !== 'session' && kind !== 'everything'
}

/** The steps of a revocation, in order: first nobody gets in any more, then out goes who is in. */
export function stepsToRevoke(kind: RevocationKind, lasting: boolean): StepName[] {
  return lasting && hasOwner(kind) ? ['disable', 'revoke'] : ['revoke']
}

/**
 * The steps that take a revocation back.
 *
 * @param cause what it came of
 */
export function stepsToReinstate({ standing }: Revocation, cause: Cause | undefined): StepName[] {
  const steps: StepName[] = cause?.disables ? ['enable'] : []
  // Where there is nothing to take back, sign-in says so.
  return standing || steps.length === 0 ? [...steps, 'reinstate'] : steps
}
