// What the forms of a revocation send, and what it orders.

import { RevocationKind, type RevocationTarget } from '@gatehouse/contracts/revocations'
import { type Static, Type } from 'typebox'
import { canLast } from '../acts/act.ts'
import { type Errors, orderErrors, orderFormFields, orderOf } from '../console/order-fields.ts'
import { endOfEasternDay } from '../console/times.ts'
import { KINDS } from './words.ts'

export const RevocationForm = Type.Object(
  {
    kind: RevocationKind,
    value: Type.Optional(Type.String({ maxLength: 400 })),
    duration: Type.Optional(
      Type.Union([Type.Literal('once'), Type.Literal('until-reinstated'), Type.Literal('until-day')]),
    ),
    day: Type.Optional(Type.String({ maxLength: 40 })),
    ...orderFormFields,
  },
  { additionalProperties: false },
)
export type RevocationForm = Static<typeof RevocationForm>

export interface OrderedRevocation {
  target: RevocationTarget
  reason: string
  ticket?: string
  lasting: boolean
  endsAt?: number
}

/**
 * What is wrong with the form.
 *
 * @param at the present instant in milliseconds
 */
export function revocationErrors(form: RevocationForm, at: number): Errors {
  const { kind, duration } = form
  return {
    ...(valueSent(form)
      ? {}
      : { value: `Enter the ${KINDS[kind].value.toLowerCase().replace('ein', 'EIN')}` }),
    ...durationErrors({ kind, duration }, endSent(form), at),
    ...orderErrors(form),
  }
}

/** What a form without errors orders. */
export function revocationOf(form: RevocationForm): OrderedRevocation {
  const endsAt = endSent(form)
  return {
    target: { kind: form.kind, value: valueSent(form) },
    ...orderOf(form),
    lasting: form.duration !== undefined && form.duration !== 'once',
    ...(endsAt === undefined ? {} : { endsAt }),
  }
}

const valueSent = ({ kind, value }: RevocationForm) => (kind === 'everything' ? '*' : writtenAs(kind, value))

const endSent = ({ duration, day = '' }: RevocationForm) =>
  duration === 'until-day' ? endOfEasternDay(day) : undefined

function writtenAs(kind: RevocationForm['kind'], given = ''): string {
  const value = given.trim()
  if (kind === 'ein') return value.replaceAll('-', '')
  return kind === 'bso_user_id' ? value.toUpperCase() : value
}

function durationErrors(
  { kind, duration }: Pick<RevocationForm, 'kind' | 'duration'>,
  endsAt: number | undefined,
  at: number,
): Errors {
  if (!canLast(kind)) {
    if (duration === undefined || duration === 'once') return {}
    return { duration: `${KINDS[kind].name}: only what is open can end. Choose the first` }
  }
  if (duration === undefined) return { duration: 'Choose how long access stays ended' }
  if (duration !== 'until-day') return {}
  if (endsAt === undefined) return { day: 'Enter the last day' }
  return endsAt > at ? {} : { day: 'Enter a day that is not over yet' }
}
