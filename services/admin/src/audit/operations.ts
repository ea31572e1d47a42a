import { AuditQuery, AuditVerification } from '@gatehouse/contracts/audit'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { people } from '@gatehouse/contracts/people'
import type { ServiceName } from '@gatehouse/contracts/services'
import { Refusal } from '@gatehouse/http/refusal'
import { Type } from 'typebox'
import { type Cursors, next, pageQuery, ROWS } from '../access/cursors.ts'
import { operation } from '../access/operation.ts'
import type { Administrators } from '../administrators/administrators.ts'
import { createTrail, EventOfService, type TrailPosition } from './trail.ts'

interface Dependencies {
  calls: ServiceCalls
  administrators: Administrators
  cursors: Cursors
  services: readonly ServiceName[]
}

const MOST_NAMESAKES = 10

export function auditOperations({ calls, administrators, cursors, services }: Dependencies) {
  const trail = createTrail(calls)
  const OneService = Type.Union(services.map((name) => Type.Literal(name)))
  const { event, actor, subject, outcome, since, until, text } = AuditQuery.properties

  /** Whom a name means: audit trails know people by ids alone. */
  async function whoIs(name: string): Promise<string> {
    const wanted = name.toLowerCase()
    const colleagues = (await administrators.all()).filter(
      ({ name: own, email }) => own?.toLowerCase().includes(wanted) || email.includes(wanted),
    )
    const by = name.includes('@') ? ('email' as const) : ('name' as const)
    const found = (await people(calls).search({ by, text: name, limit: MOST_NAMESAKES })).people
    const matches = [
      ...colleagues.map(({ id, name: own, email }) => ({ id, name: own ?? email, is: 'administrator' })),
      ...found.map(({ accountId, name: own }) => ({ id: accountId, name: own ?? accountId, is: 'account' })),
    ]
    const [only] = matches
    if (!only) throw new Refusal('name_unknown')
    if (matches.length > 1) throw new Refusal('name_ambiguous', undefined, { matches })
    return only.id
  }

  return {
    searchAudit: operation({
      method: 'GET',
      path: '/audit-events',
      role: 'viewer',
      summary: 'What happened in all services, newest first',
      query: Type.Object(
        {
          ...pageQuery,
          service: Type.Optional(OneService),
          event,
          actor,
          subject,
          outcome,
          since,
          until,
          text,
          who: Type.Optional(
            Type.String({
              minLength: 2,
              maxLength: 200,
              description:
                'a name or an e-mail address of one administrator or person; where several have it, the refusal `name_ambiguous` names them in `matches`, and their ids can be searched for as `text`',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      answer: Type.Object({
        events: Type.Array(EventOfService),
        unavailable: Type.Array(Type.String(), { description: 'services that did not answer' }),
        next,
      }),
      rows: 'events',
      async run(_actor, { query = {} }) {
        const { cursor, limit, service, since: from, until: to, who, ...given } = query
        if (who !== undefined && given.text !== undefined) {
          throw new Refusal('invalid_request', undefined, {
            errors: [{ field: 'query.text', rule: 'must be left out beside who' }],
          })
        }
        const asked = { service, from, to, who, ...given }
        const filter = {
          ...given,
          ...(who === undefined ? {} : { text: await whoIs(who) }),
          since: from === undefined ? undefined : Number(from),
          until: to === undefined ? undefined : Number(to),
        }
        const position =
          cursor === undefined ? undefined : cursors.open<TrailPosition>('audit', asked, cursor)
        const chosen = service === undefined ? services : [service]
        const page = await trail.page(chosen, filter, Number(limit ?? ROWS), position)
        const actors = new Set(page.events.flatMap((entry) => entry.actor ?? []))
        const named = await administrators.named([...actors])
        const names = new Map(named.map(({ id, name, email }) => [id, name ?? email]))
        const events = page.events.map((entry) => {
          const actorName = entry.actor === undefined ? undefined : names.get(entry.actor)
          return actorName === undefined ? entry : { ...entry, actorName }
        })
        const { unavailable } = page
        if (page.next === undefined) return { events, unavailable }
        return { events, unavailable, next: cursors.seal('audit', asked, page.next) }
      },
    }),
    verifyAudit: operation({
      method: 'POST',
      path: '/audit-verifications',
      role: 'viewer',
      summary: 'Has every service check that nobody has changed its audit trail',
      answer: Type.Object({
        trails: Type.Array(
          Type.Object({
            service: Type.String(),
            available: Type.Boolean({ description: 'it answered' }),
            ...Type.Partial(AuditVerification).properties,
          }),
        ),
      }),
      rows: 'trails',
      run: async () => ({ trails: await trail.verify(services) }),
    }),
  }
}
