// What happens at page routes: the frame of a request, doing what a form asks for, going on afterwards.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { may } from '../access/administration.ts'
import type { Operation } from '../access/operation.ts'
import type { ConsolePages } from '../access/pages.ts'
import type { Actor } from '../access/roles.ts'
import { actorOf } from '../access/routes.ts'
import { type Errors, type OrderBody, type OrderForm, orderErrors, orderOf } from './order-fields.ts'
import type { Frame } from './site.ts'
import { type Trouble, troubleOf } from './trouble.ts'

export function frameOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { operations }: Pick<ConsolePages, 'operations'>,
): Frame {
  const actor = actorOf(request)
  return {
    actor,
    csrf: reply.csrfToken(),
    may: (operationId) => may(actor, operations[operationId] as Operation),
  }
}

/**
 * Does what a form asks for.
 *
 * @param fields by code of a refusal: the field that it is about
 * @returns the answer, or what the form is shown again with
 * @throws what filling in again does not help with
 */
async function attempt<Answer>(
  perform: () => Promise<Answer>,
  fields?: Record<string, string>,
): Promise<{ answer: Answer; trouble?: undefined } | { trouble: Trouble }> {
  try {
    return { answer: await perform() }
  } catch (error) {
    return { trouble: troubleOf(error, fields) }
  }
}

/** A form as it was sent, with what to fix, for the page that shows it again. */
export interface Sent<Values = OrderForm> {
  values?: Values
  errors?: Errors
  status?: number
}

/**
 * Does what a form asks for, or shows the form again with what to fix.
 *
 * @throws what filling in again does not help with
 */
export async function submit<Answer, Values>(given: {
  values: Values
  /** What can be seen to be wrong with the values before anybody is asked. */
  errors: Errors
  perform(): Promise<Answer>
  /** By code of a refusal: the field that it is about. */
  fields?: Record<string, string>
  again(sent: Required<Sent<Values>>): FastifyReply | Promise<FastifyReply>
  done(answer: Answer): FastifyReply | Promise<FastifyReply>
}): Promise<FastifyReply> {
  const { values, errors, perform, fields, again, done } = given
  if (Object.keys(errors).length > 0) return again({ values, errors, status: 422 })
  const tried = await attempt(perform, fields)
  return tried.trouble ? again({ values, ...tried.trouble }) : done(tried.answer)
}

/**
 * The same of a form that asks for nothing but why: the operation is about what the address names.
 *
 * @param perform an operation of the table
 */
export function submitOrder<Params, Answer>(
  request: FastifyRequest & { params: Params; body: OrderBody },
  {
    perform,
    ...then
  }: {
    perform(
      actor: Actor,
      input: { params: Params; body: ReturnType<typeof orderOf> },
      key: string,
    ): Promise<Answer>
    again(sent: Required<Sent<OrderBody>>): Promise<FastifyReply>
    done(answer: Answer): FastifyReply
  },
): Promise<FastifyReply> {
  const { params, body: values } = request
  return submit({
    ...then,
    values,
    errors: orderErrors(values),
    perform: () => perform(actorOf(request), { params, body: orderOf(values) }, values.reference),
  })
}

export function goTo(reply: FastifyReply, address: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(address, 303)
}

/** Without what was left empty, as a form sends it. */
export function filledIn<Values extends Record<string, string | undefined>>(values: Values): Partial<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value.trim() !== ''),
  ) as Partial<Values>
}
