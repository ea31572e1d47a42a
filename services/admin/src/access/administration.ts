// The console's one door: every operation goes through here, whether a program or a page asks. It checks the rights and the
// form of what is asked, answers the same key with the same answer, and tells the audit trail of changes and refusals.

import type { Audit } from '@gatehouse/audit/audit'
import { Refusal } from '@gatehouse/http/refusal'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { Facts, Input, Operation } from './operation.ts'
import { passedOn } from './refusals.ts'
import type { RepeatedRequests } from './repeated-requests.ts'
import type { Actor } from './roles.ts'

type Table = Record<string, Operation>

// biome-ignore lint/suspicious/noExplicitAny: any schemas will do
type AnyOperation = Operation<any, any, any, any>
type InputOf<Entry> =
  Entry extends Operation<infer Params, infer Query, infer Body, infer _> ? Input<Params, Query, Body> : never
export type AnswerOf<Entry> =
  Entry extends Operation<infer _P, infer _Q, infer _B, infer Answer> ? Static<Answer> : never

/** The operations of a table as functions for pages and routes. */
export type Performing<Operations> = {
  /**
   * @param key of two calls with the same key by one administrator, one is carried out, and both get its answer
   * @throws Refusal `role_missing`, `phishing_resistant_needed`, `invalid_request` with `errors`, those of the operation
   * @throws CallFailed when an owner does not answer
   */
  [Id in keyof Operations]: (
    actor: Actor,
    input: InputOf<Operations[Id]>,
    key?: string,
  ) => Promise<AnswerOf<Operations[Id]>>
}

interface Dependencies {
  audit: Audit
  repeated: RepeatedRequests
}

/** Whether the actor may perform the operation now, for pages that show only what can be done. */
export function may(actor: Actor, { role }: Pick<AnyOperation, 'role'>): boolean {
  return actor.rights.has(role)
}

export function createAdministration<Operations extends { [Id in keyof Operations]: AnyOperation }>(
  operations: Operations,
  { audit, repeated }: Dependencies,
): Performing<Operations> {
  async function tell(
    actor: Actor,
    entry: { event: string; outcome: 'success' | 'refusal'; subject?: string; details?: Facts },
    more: { reason?: string; before?: Facts; after?: Facts } = {},
  ): Promise<void> {
    const { administratorId, from, requestId } = actor
    await audit.record({ ...entry, actor: administratorId, from, requestId, ...more })
  }

  async function checkRights(actor: Actor, id: string, { role }: AnyOperation): Promise<void> {
    if (actor.rights.has(role)) return
    // Who has the role and lacks the factor can do something about it.
    const code = actor.roles.includes(role) ? 'phishing_resistant_needed' : 'role_missing'
    const details = { operation: id, role, because: code }
    await tell(actor, { event: 'operation.refused', outcome: 'refusal', details })
    throw new Refusal(code, undefined, { role })
  }

  async function change(entry: AnyOperation, actor: Actor, input: Given, key?: string): Promise<unknown> {
    const { change: told, seen, run } = entry
    if (seen) {
      const { event, subject } = seen
      await tell(actor, { event, outcome: 'success', subject: subject(input) })
    }
    if (!told) return run(actor, input, key)
    const body = (input.body ?? {}) as { reason?: string; ticket?: string }
    const words = body.reason === undefined ? {} : { reason: body.reason }
    const details: Facts = body.ticket === undefined ? {} : { ticket: body.ticket }
    let before: Facts | undefined
    try {
      before = await told.before?.(input)
      const answer = await run(actor, input, key)
      const after = told.after?.(answer, input)
      await tell(
        actor,
        { event: told.event, outcome: 'success', subject: told.subject(input, answer), details },
        { ...words, ...(before ? { before } : {}), ...(after ? { after } : {}) },
      )
      return answer
    } catch (error) {
      const refused = passedOn(error)
      const because = refused instanceof Refusal ? refused.code : 'failed'
      await tell(
        actor,
        {
          event: told.event,
          outcome: 'refusal',
          subject: told.subject(input),
          details: { ...details, because },
        },
        { ...words, ...(before ? { before } : {}) },
      )
      throw refused
    }
  }

  async function perform(id: string, entry: AnyOperation, actor: Actor, input: Given, key?: string) {
    await checkRights(actor, id, entry)
    checkForm(entry, input)
    try {
      if (key === undefined) return await change(entry, actor, input)
      const request = { administratorId: actor.administratorId, operation: id, input, key }
      return await repeated.once(request, () => change(entry, actor, input, key))
    } catch (error) {
      throw passedOn(error)
    }
  }

  return Object.fromEntries(
    Object.entries<AnyOperation>(operations as Table).map(([id, entry]) => [
      id,
      (actor: Actor, input: Given, key?: string) => perform(id, entry, actor, input, key),
    ]),
  ) as unknown as Performing<Operations>
}

// biome-ignore lint/suspicious/noExplicitAny: checked against the schemas of the operation
type Given = { params?: any; query?: any; body?: any }

/** Pages come here without Fastify's check, and programs had it: one more costs little and nothing is forgotten. */
function checkForm(entry: AnyOperation, input: Given): void {
  const parts: [keyof Given, TSchema | undefined][] = [
    ['params', entry.params],
    ['query', entry.query],
    ['body', entry.body],
  ]
  const errors = parts.flatMap(([part, schema]) => {
    const given = input[part] ?? (part === 'query' ? {} : undefined)
    if (schema === undefined || Value.Check(schema, given)) return []
    return Value.Errors(schema, given).map(({ instancePath, message, params }) => {
      const { requiredProperties } = params as { requiredProperties?: string[] }
      const path = [part, ...instancePath.split('/').slice(1), ...(requiredProperties ?? [])]
      return { field: path.join('.'), rule: message ?? 'is not valid' }
    })
  })
  if (errors.length > 0) throw new Refusal('invalid_request', undefined, { errors: errors.slice(0, 50) })
}
