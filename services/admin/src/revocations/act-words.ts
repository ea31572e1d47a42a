// How acts and their steps are told to administrators.

import type { Act, ActState, Step, StepName } from '../acts/act.ts'
import { tag } from '../console/tables.ts'

const STATES: Record<ActState, { text: string; kind: 'good' | 'bad' | 'open' | 'quiet' }> = {
  'awaiting-approval': { text: 'Awaiting approval', kind: 'open' },
  expired: { text: 'Expired', kind: 'quiet' },
  refused: { text: 'Refused', kind: 'quiet' },
  withdrawn: { text: 'Withdrawn', kind: 'quiet' },
  'under-way': { text: 'Under way', kind: 'open' },
  done: { text: 'Done', kind: 'good' },
  failed: { text: 'Failed', kind: 'bad' },
}

export function stateTag(state: ActState): string {
  const { text, kind } = STATES[state]
  return tag(text, kind)
}

const STEPS: Record<StepName, string> = {
  disable: 'Disabled with its owner',
  enable: 'Enabled with its owner',
  revoke: 'Ended at sign-in, and told to the gateways',
  reinstate: 'Let in again at sign-in',
}

export function stepText({ step }: Step): string {
  return STEPS[step]
}

const STEP_STATES = {
  'to-do': ['To do', 'open'],
  done: ['Done', 'good'],
  failed: ['Not possible', 'bad'],
} as const

export function stepTag({ state }: Step): string {
  const [text, kind] = STEP_STATES[state]
  return tag(text, kind)
}

/** Why an owner refused, in plain words. */
const FAILURES: Record<string, string> = {
  target_unknown: 'There is nothing of that name.',
  lasting_not_possible: 'Of this kind only what is open can end.',
  end_not_usable: 'The end was over already.',
  end_not_ahead: 'The end was over already.',
  user_id_unknown: 'There is no such User ID.',
  company_unknown: 'There is no such company.',
  revocation_unknown: 'The revocation is not known.',
  not_standing: 'Nothing is ended any more.',
  service_unavailable: 'The service does not answer. It is tried again.',
}

export function failureText(failure: string): string {
  return FAILURES[failure] ?? failure
}

export function operationText({ operation }: Pick<Act, 'operation'>): string {
  return operation === 'revoke' ? 'Revocation' : 'Reinstatement'
}
