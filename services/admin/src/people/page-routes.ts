import type { RevocationTarget } from '@gatehouse/contracts/revocations'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { frameOf, submit } from '../console/desk.ts'
import { cursor, cursorOf, pageRoute } from '../console/page-route.ts'
import type { WholePerson } from './person.ts'
import { personPage } from './person-page.ts'
import { SearchBy } from './search.ts'
import { peoplePage } from './search-page.ts'

const SearchForm = Type.Object(
  {
    by: SearchBy,
    text: Type.String({ maxLength: 400 }),
    cursor,
  },
  { additionalProperties: false },
)
const OnePerson = Type.Object({ accountId: Type.String({ minLength: 1, maxLength: 128 }) })

export function addPeoplePages(app: App, pages: ConsolePages): void {
  const { administration, namesOf, labelsOf } = pages

  app.get('/people', pageRoute(pages), async (request, reply) =>
    reply.page(peoplePage(frameOf(request, reply, pages))),
  )

  app.post('/people', pageRoute(pages, { body: SearchForm }), (request, reply) => {
    const { by, text, cursor } = request.body
    const frame = frameOf(request, reply, pages)
    const body = { by, text: text.trim(), ...cursorOf({ cursor }) }
    return submit({
      values: { by, text },
      errors: body.text === '' ? { text: 'Enter what to search for' } : {},
      perform: () => administration.searchPeople(actorOf(request), { body }),
      again: ({ values, errors, status }) => reply.page(peoplePage(frame, { ...values, errors }), { status }),
      done: ({ people, unavailable, next }) =>
        reply.page(peoplePage(frame, { by, text, people, missing: unavailable, next })),
    })
  })

  app.get('/people/:accountId', pageRoute(pages, { params: OnePerson }), async (request, reply) => {
    const whole = await administration.findPerson(actorOf(request), { params: request.params })
    const [names, labels] = await Promise.all([
      namesOf((whole.revocations.rows ?? []).map(({ by }) => by)),
      labelsOf(namedOn(whole)),
    ])
    return reply.page(personPage(frameOf(request, reply, pages), whole, names, labels))
  })
}

/** What stands on a person's page by an id and has a name. */
function namedOn({ person, revocations, verifications }: WholePerson): RevocationTarget[] {
  const clients = [
    ...person.sessions.flatMap((session) => session.clients),
    ...[...person.grants, ...(verifications.rows ?? [])].map(({ clientId }) => clientId),
  ]
  return [
    ...(revocations.rows ?? []).map(({ target }) => target),
    ...clients.map((value) => ({ kind: 'client' as const, value })),
  ]
}
