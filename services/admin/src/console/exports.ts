// Lists as files. The rows are those of the operation behind the list, for whoever may see it.

import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { form, submitButton } from '@gatehouse/pages/forms'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { Type } from 'typebox'
import type { Operation } from '../access/operation.ts'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import type { OperationId } from '../operations.ts'
import { filledIn } from './desk.ts'
import { hiddenField } from './order-fields.ts'
import type { Frame } from './site.ts'
import { address } from './tables.ts'

/** Rows of one file at most, as in CSV. */
const MOST_ROWS = 10_000

/** Links to a list as files, under a list whose filter stands in its address. */
export function exportLinks(id: OperationId, query: Record<string, string | undefined> = {}): string {
  const { cursor: _, ...filter } = query
  const link = (format: string) =>
    html`<a href="${address(`/exports/${id}`, { ...filter, format })}">${format.toUpperCase()}</a>`
  return html`<p class="admin-quiet">Download as !${link('csv')} or !${link('json')}.</p>`
}

/** The same where what is searched for stands in no address. */
export function exportForm(frame: Frame, id: OperationId, body: Record<string, string>): string {
  return form({
    action: `/exports/${id}`,
    csrf: frame.csrf,
    label: 'Download',
    body: html`!${Object.entries(body).map(([name, value]) => hiddenField(name, value))}
<div class="admin-actions">!${submitButton('Download as CSV', { name: 'format', value: 'csv', variant: 'unstyled' })}
!${submitButton('Download as JSON', { name: 'format', value: 'json', variant: 'unstyled' })}</div>`,
  })
}

const Text = Type.Record(Type.String({ pattern: '^[a-z]{1,20}$' }), Type.String({ maxLength: 400 }))
const Params = Type.Object({ id: Type.String({ pattern: '^[a-zA-Z]{1,40}$' }) })

export function addExportRoutes(app: App, pages: ConsolePages): void {
  const { operations, administration, requireActor, sendCsv } = pages

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    method: 'GET' | 'POST',
    given: Record<string, string>,
  ): Promise<FastifyReply> {
    const { id } = request.params as { id: string }
    const entry = Object.hasOwn(operations, id) ? (operations[id as OperationId] as Operation) : undefined
    // What changes something is no list, and what needs more than a filter is no file.
    if (!entry?.rows || entry.method !== method || entry.change || entry.params)
      throw new Refusal('not_found')
    const { format, ...asked } = filledIn(given) as Record<string, string>
    const part = method === 'GET' ? 'query' : 'body'
    if (format === 'csv') return sendCsv(request, reply, id as OperationId, { [part]: asked })
    const perform = administration[id as OperationId] as (actor: object, input: object) => Promise<unknown>
    const rows: unknown[] = []
    let cursor: string | undefined
    do {
      const input = { [part]: { ...asked, ...(cursor === undefined ? {} : { cursor }) } }
      const answer = (await perform(actorOf(request), input)) as { next?: string }
      rows.push(...((answer as Record<string, unknown>)[entry.rows] as unknown[]))
      cursor = answer.next
    } while (cursor !== undefined && rows.length < MOST_ROWS)
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${id}.json"`)
      .send({ [entry.rows]: rows, ...(cursor === undefined ? {} : { next: cursor }) })
  }

  app.get(
    '/exports/:id',
    { preHandler: requireActor, schema: { hide: true, params: Params, querystring: Text } },
    (request, reply) => send(request, reply, 'GET', request.query),
  )
  app.post(
    '/exports/:id',
    { preHandler: requireActor, schema: { hide: true, params: Params, body: Text } },
    (request, reply) => send(request, reply, 'POST', request.body),
  )
}
