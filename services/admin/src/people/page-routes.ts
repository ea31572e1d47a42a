import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import type { ConsolePages } from '../access/pages.ts'
import { actorOf } from '../access/routes.ts'
import { attempt, frameOf } from '../console/desk.ts'
import { personPage } from './person-page.ts'
import { SearchBy } from './search.ts'
import { peoplePage } from './search-page.ts'

const SearchForm = Type.Object(
  {
    by: SearchBy,
    text: Type.String({ maxLength: 400 }),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { additionalProperties: false },
)
const OnePerson = Type.Object({ accountId: Type.String({ minLength: 1, maxLength: 128 }) })

export function addPeoplePages(app: App, pages: ConsolePages): void {
  const { administration, requireActor, namesOf } = pages

  app.get('/people', { preHandler: requireActor, schema: { hide: true } }, async (request, reply) =>
    reply.page(peoplePage(frameOf(request, reply, pages))),
  )

  app.post(
    '/people',
    { preHandler: requireActor, schema: { hide: true, body: SearchForm } },
    async (request, reply) => {
      const frame = frameOf(request, reply, pages)
      const { by, text, cursor } = request.body
      if (text.trim() === '') {
        const errors = { text: 'Enter what to search for' }
        return reply.page(peoplePage(frame, { by, errors }), { status: 422 })
      }
      const body = { by, text: text.trim(), ...(cursor ? { cursor } : {}) }
      const found = await attempt(() => administration.searchPeople(actorOf(request), { body }))
      if (found.trouble) {
        const { errors, status } = found.trouble
        return reply.page(peoplePage(frame, { by, text, errors }), { status })
      }
      const { people, unavailable, next } = found.answer
      return reply.page(peoplePage(frame, { by, text, people, missing: unavailable, next }))
    },
  )

  app.get(
    '/people/:accountId',
    { preHandler: requireActor, schema: { hide: true, params: OnePerson } },
    async (request, reply) => {
      const whole = await administration.findPerson(actorOf(request), { params: request.params })
      const names = await namesOf((whole.revocations.rows ?? []).map(({ by }) => by))
      return reply.page(personPage(frameOf(request, reply, pages), whole, names))
    },
  )
}
