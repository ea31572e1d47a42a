import type { ServiceCalls } from '@gatehouse/contracts/calls'
import type { ServiceName } from '@gatehouse/contracts/services'
import { Type } from 'typebox'
import { operation } from '../access/operation.ts'
import { askedProviders } from './held-credentials.ts'
import { createPersonFinder, WholePerson } from './person.ts'
import { createPeopleSearch, Found, Search } from './search.ts'

/** Not an SSN, which somebody might put there by mistake: who was looked at is kept for good. */
const PersonParams = Type.Object({
  accountId: Type.String({ maxLength: 128, pattern: '^(?![0-9]{3}-?[0-9]{2}-?[0-9]{4}$)[^]+$' }),
})

interface Dependencies {
  calls: ServiceCalls
  /** Those that there are in this profile. */
  services: readonly ServiceName[]
}

export function peopleOperations({ calls, services }: Dependencies) {
  const providers = askedProviders(services)
  const search = createPeopleSearch(calls, providers)
  const find = createPersonFinder(calls, providers)
  return {
    searchPeople: operation({
      method: 'POST',
      path: '/people/searches',
      role: 'viewer',
      summary:
        'People by name, e-mail address, User ID, EIN, ending of a phone number or an SSN, account or credential',
      body: Search,
      answer: Found,
      rows: 'people',
      run: (_actor, { body }) => search(body),
    }),
    findPerson: operation({
      method: 'GET',
      path: '/people/:accountId',
      role: 'viewer',
      summary: 'One person, with everything that goes on',
      params: PersonParams,
      answer: WholePerson,
      seen: { event: 'person.seen', subject: ({ params }) => params.accountId },
      run: (_actor, { params }) => find(params.accountId),
    }),
  }
}
