// What every change is asked for: why, and for which ticket. And the field that keeps a form that is sent twice from
// doing it twice.

import { randomUUID } from 'node:crypto'
import { attributes } from '@gatehouse/pages/attributes'
import { textField } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { why } from '../access/why.ts'

/** By field: what is wrong with it; under `whole` what is wrong with all of it. */
export type Errors = Readonly<Record<string, string | undefined>>

/** What forms of changes send, as text. */
export const orderFormFields = {
  reason: Type.String({ maxLength: 4000 }),
  ticket: Type.Optional(Type.String({ maxLength: 400 })),
  reference: Type.String({ pattern: '^[\\w-]{8,64}$' }),
}

/** The body of a form that asks for nothing else. */
export const OrderBody = Type.Object(orderFormFields, { additionalProperties: false })
export type OrderBody = Static<typeof OrderBody>

export interface OrderForm {
  reason?: string | undefined
  ticket?: string | undefined
  reference?: string | undefined
}

const LONGEST_REASON = 500
const LONGEST_TICKET = 100

/** What is wrong with reason and ticket, by the rules of every change. */
export function orderErrors({ reason = '', ticket = '' }: OrderForm): Errors {
  const isFine = (text: string, schema: TSchema) => Value.Check(schema, text)
  const length = reason.trim().length
  return {
    ...(isFine(reason.trim(), why.reason)
      ? {}
      : {
          reason:
            length < 3 || length > LONGEST_REASON
              ? `Enter a reason of 3 to ${LONGEST_REASON} characters`
              : 'Leave out numbers of nine digits: the reason is kept for good',
        }),
    ...(ticket.trim() === '' || isFine(ticket.trim(), why.ticket)
      ? {}
      : { ticket: `Enter a ticket of at most ${LONGEST_TICKET} characters, without numbers of nine digits` }),
  }
}

/** Reason and ticket as they are handed on. */
export function orderOf({ reason = '', ticket = '' }: OrderForm): { reason: string; ticket?: string } {
  return { reason: reason.trim(), ...(ticket.trim() ? { ticket: ticket.trim() } : {}) }
}

export function orderFields(values: OrderForm = {}, errors: Errors = {}, { ticket = true } = {}): string {
  return html`!${textArea({
    name: 'reason',
    label: 'Reason',
    hint: 'Kept in the audit trail under your name. No Social Security numbers.',
    value: values.reason,
    error: errors.reason,
  })}
!${ticket ? ticketField(values, errors) : ''}!${referenceField(values.reference)}`
}

function ticketField(values: OrderForm, errors: Errors): string {
  return textField({
    name: 'ticket',
    label: 'Ticket',
    required: false,
    value: values.ticket ?? '',
    ...(errors.ticket ? { error: errors.ticket } : {}),
    maxlength: LONGEST_TICKET,
  })
}

/** Names this one order: of two posts with the same, one does it and both show the outcome. */
function referenceField(reference: string = randomUUID()): string {
  return hiddenField('reference', reference)
}

export function hiddenField(name: string, value: string): string {
  return html`<input type="hidden" name="${name}" value="${value}">`
}

/** Several lines of text, in the markup of the other fields. */
export function textArea(options: {
  name: string
  label: string
  hint?: string
  value?: string | undefined
  error?: string | undefined
  rows?: number
}): string {
  const { name, label, hint, value = '', error, rows = 3 } = options
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ')
  const field = attributes({
    class: `usa-textarea${error ? ' usa-input--error' : ''}`,
    id: name,
    name,
    rows: String(rows),
    'aria-invalid': error ? 'true' : undefined,
    'aria-describedby': described || undefined,
  })
  return html`<div class="usa-form-group!${error ? ' usa-form-group--error' : ''}">
<label class="usa-label!${error ? ' usa-label--error' : ''}" for="${name}">${label}</label>
!${hint ? html`<span class="usa-hint" id="${name}-hint">${hint}</span>` : ''}
!${error ? html`<span class="usa-error-message" id="${name}-error">${error}</span>` : ''}
<textarea!${field}>${value}</textarea></div>`
}

/** For the error summary above a form. */
export function listed(errors: Errors): { field: string; message: string }[] {
  return Object.entries(errors).flatMap(([field, message]) => (message ? [{ field, message }] : []))
}
