// The field for a cell phone number, and what is wrong with one.

import { textField } from '@gatehouse/pages/forms'
import { Type } from 'typebox'
import { lockedText, NOT_DELIVERED } from './pages.ts'
import type { SendProblem } from './texts.ts'

export type NumberProblem = { kind: 'blank' | 'malformed' | 'same' } | SendProblem

/** Of a form for a number; anything that a person types is theirs to correct. */
export const NumberText = Type.Optional(Type.String({ maxLength: 200 }))

/** What is to be fixed at the field; empty for what is no fault of the number. */
export function numberError(problem: NumberProblem | undefined): string {
  switch (problem?.kind) {
    case 'blank':
    case 'malformed':
      return 'Enter a 10-digit number, area code first.'
    case 'same':
      return 'This is the number that you have now. Enter another one.'
    case 'number_refused':
      return 'This number cannot receive text messages. Enter the number of a cell phone.'
    default:
      return ''
  }
}

/** What is no fault of the number; empty for what is. */
export function sendingError(problem: NumberProblem | undefined): string {
  if (problem?.kind === 'not_delivered') return NOT_DELIVERED
  return problem?.kind === 'locked' ? lockedText(problem.until) : ''
}

/** @param given what was typed before, or the number that is to be corrected */
export function numberField(label: string, given: string, error: string): string {
  return textField({
    name: 'number',
    label,
    hint: '10-digit Number',
    type: 'tel',
    autocomplete: 'tel-national',
    width: 'lg',
    required: true,
    value: given,
    ...(error ? { error } : {}),
  })
}
