import { PeopleFound, PeopleSearch, Person } from '@gatehouse/contracts/people'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { Refusals } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { Kysely } from 'kysely'
import { Type } from 'typebox'
import type { Revocations } from '../revocations/revocations.ts'
import { createPeople } from './person.ts'
import { createPeopleSearch, type PeopleTables } from './search.ts'
import type { SsnEndings } from './ssn-endings.ts'

export const peopleRefusals: Refusals = {
  person_unknown: { status: 404, title: 'There is no such account' },
}

interface Dependencies {
  database: Kysely<PeopleTables>
  endings: SsnEndings
  revocations: Pick<Revocations, 'endOfSignIn'>
}

export function addPeopleRoutes(app: App, { database, endings, revocations }: Dependencies): void {
  const onRequest = app.requireCaller('people.read')
  const search = createPeopleSearch(database, endings)
  const people = createPeople({ database, endings, revocations })

  app.post(
    '/people/searches',
    {
      onRequest,
      config: { csrf: false },
      schema: {
        summary: 'Search people by name, e-mail address, SSN ending, account or credential',
        body: PeopleSearch,
        response: { 200: PeopleFound, '4xx': ProblemSchema },
      },
    },
    async (request) => search(request.body),
  )
  app.get(
    '/people/:accountId',
    {
      onRequest,
      schema: {
        summary: 'A person with credentials, sessions and grants',
        params: Type.Object(
          { accountId: Type.String({ minLength: 1, maxLength: 128 }) },
          { additionalProperties: false },
        ),
        response: { 200: Person, '4xx': ProblemSchema },
      },
    },
    async (request) => people.find(request.params.accountId),
  )
}
