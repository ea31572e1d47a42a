import type { Registration } from '@gatehouse/relying-party/relying-party'
import { type Person, personOf } from '../person.ts'

/** What BSO is to sign-in. */
export const registration: Registration<Person> = {
  clientId: 'bso',
  scope: 'openid profile bso cbsv.verify',
  // CBSV behind the gateway.
  resource: 'urn:gatehouse:cbsv',
  personOf,
}
