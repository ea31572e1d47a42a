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
 * @param at the present instant in milliseconds
 * @returns the order, or by field what to fix
 */
export function readRevocationForm(
  form: RevocationForm,
  at: number,
): { order: OrderedRevocation } | { errors: Errors } {
  const { kind, duration, day = '' } = form
  const value = kind === 'everything' ? '*' : writtenAs(kind, form.value)
  const endsAt = duration === 'until-day' ? endOfEasternDay(day) : undefined
  const errors: Errors = {
    ...(value ? {} : { value: `Enter the ${KINDS[kind].value.toLowerCase().replace('ein', 'EIN')}` }),
    ...durationErrors(form, endsAt, at),
    ...orderErrors(form),
  }
  if (Object.keys(errors).length > 0) return { errors }
  return {
    order: {
      target: { kind, value },
      ...orderOf(form),
      lasting: duration !== undefined && duration !== 'once',
      ...(endsAt === undefined ? {} : { endsAt }),
    },
  }
}

function writtenAs(kind: RevocationForm['kind'], given = ''): string {
  const value = given.trim()
  if (kind === 'ein') return value.replaceAll('-', '')
  return kind === 'bso_user_id' ? value.toUpperCase() : value
}

function durationErrors({ kind, duration }: RevocationForm, endsAt: number | undefined, at: number): Errors {
  if (!canLast(kind)) {
    if (duration === undefined || duration === 'once') return {}
    return { duration: `${KINDS[kind].name}: only what is open can end. Choose the first` }
  }
  if (duration === undefined) return { duration: 'Choose how long access stays ended' }
  if (duration !== 'until-day') return {}
  if (endsAt === undefined) return { day: 'Enter the last day' }
  return endsAt > at ? {} : { day: 'Enter a day that is not over yet' }
}
