// What page routes have in common: the frame of a request, trying what a form asks for, going on afterwards.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { may } from '../access/administration.ts'
import type { Operation } from '../access/operation.ts'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
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
export async function attempt<Answer>(
  perform: () => Promise<Answer>,
  fields?: Record<string, string>,
): Promise<{ answer: Answer; trouble?: undefined } | { trouble: Trouble }> {
  try {
    return { answer: await perform() }
  } catch (error) {
    return { trouble: troubleOf(error, fields) }
  }
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
