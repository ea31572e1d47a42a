import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { type Static, Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { filledIn, frameOf, submit } from '../console/desk.ts'
import { exportLinks } from '../console/exports.ts'
import type { Errors } from '../console/order-fields.ts'
import { cursor, cursorOf, pageRoute } from '../console/page-route.ts'
import { endOfEasternDay, startOfEasternDay } from '../console/times.ts'
import { type AuditFound, auditPage, verificationPage } from './pages.ts'

const text = Type.Optional(Type.String({ maxLength: 255 }))
const Query = Type.Object(
  {
    service: text,
    event: text,
    actor: text,
    subject: text,
    outcome: text,
    text,
    from: text,
    to: text,
    cursor,
  },
  { additionalProperties: false },
)
const WhoForm = Type.Object({ who: Type.String({ maxLength: 400 }), cursor }, { additionalProperties: false })
const NothingElse = Type.Object({}, { additionalProperties: false })

interface Namesake {
  id: string
  name: string
  is: string
}

/** @param services those that have a trail in this profile */
export function addAuditPages(app: App, pages: ConsolePages, services: readonly string[]): void {
  const { administration } = pages
  type AuditQuery = NonNullable<Parameters<typeof administration.searchAudit>[1]['query']>

  app.get('/audit', pageRoute(pages, { querystring: Query }), (request, reply) => {
    const frame = frameOf(request, reply, pages)
    const values = filledIn(request.query)
    const { filter, errors } = readFilter(values)
    const given = { values, services, exports: exportLinks('searchAudit', filter) }
    const query = filter as AuditQuery
    return submit({
      values,
      errors,
      perform: () => administration.searchAudit(actorOf(request), { query }),
      again: (sent) =>
        reply.page(auditPage(frame, { ...given, events: [], errors: sent.errors }), { status: sent.status }),
      done: (found) => reply.page(auditPage(frame, { ...given, ...found })),
    })
  })

  app.post('/audit', pageRoute(pages, { body: WhoForm }), async (request, reply) => {
    const frame = frameOf(request, reply, pages)
    const who = request.body.who.trim()
    const show = (more: Partial<AuditFound>, status = 200) =>
      reply.page(auditPage(frame, { values: {}, who, services, events: [], exports: '', ...more }), {
        status,
      })
    if (who.length < 2 || who.length > 200) {
      return show({ errors: { who: 'Enter a name or an email address of at least 2 characters' } }, 422)
    }
    const query = { who, ...cursorOf(request.body) }
    try {
      return show(await administration.searchAudit(actorOf(request), { query }))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.code === 'name_ambiguous') return show({ matches: error.extensions.matches as Namesake[] })
      if (error.code === 'name_unknown') return show({ errors: { who: 'Nobody has this name' } }, 404)
      throw error
    }
  })

  app.post('/audit/verification', pageRoute(pages, { body: NothingElse }), async (request, reply) => {
    const { trails } = await administration.verifyAudit(actorOf(request), {})
    return reply.page(verificationPage(frameOf(request, reply, pages), trails))
  })
}

/** Days become instants; the rest goes on as it is. */
function readFilter({ from, to, ...rest }: Static<typeof Query>): {
  filter: Record<string, string>
  errors: Errors
} {
  const since = from === undefined ? undefined : startOfEasternDay(from)
  const until = to === undefined ? undefined : endOfEasternDay(to)
  return {
    filter: {
      ...(rest as Record<string, string>),
      ...(since === undefined ? {} : { since: String(since) }),
      ...(until === undefined ? {} : { until: String(until) }),
    },
    errors: {
      ...(from !== undefined && since === undefined ? { from: 'Enter a day' } : {}),
      ...(to !== undefined && until === undefined ? { to: 'Enter a day' } : {}),
    },
  }
}
