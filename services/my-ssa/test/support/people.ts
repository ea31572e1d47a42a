// The service with people of a test's own making, each in the state of extra security that the test is about.

import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { hashPassword } from '@gatehouse/provider/password/password-hash'
import { sqlExtraSecurity } from '../../src/extra-security/store.ts'
import { FakeServices } from './fake-services.ts'
import { PASSWORD, type Start, startMySsa } from './my-ssa.ts'

export type People = Awaited<ReturnType<typeof startWithPeople>>
export type Person = Awaited<ReturnType<People['person']>>

export const ADDRESS = {
  street: '100 Example Street',
  locality: 'Baltimore',
  region: 'MD',
  postalCode: '21235',
}

let hash: Promise<string> | undefined

/** @param services those of an earlier start, for a restart over the same database */
export async function startWithPeople(given: Start = {}, services: FakeServices = new FakeServices()) {
  const mySsa = await startMySsa({ calls: services.calls, ...given })
  const store = sqlExtraSecurity(mySsa.ground.database, mySsa.ground.secrets)
  let count = 0

  return {
    ...mySsa,
    services,
    store,
    /** Somebody new; a `requested` letter is mailed when it is first needed. */
    async person(state: 'off' | 'requested' | 'on' = 'off') {
      count += 1
      const username = `Person${String(count).padStart(4, '0')}`
      const email = `person-${count}@example.com`
      const phone = `+1${200 + count}5550148`
      hash ??= hashPassword(PASSWORD)
      const added = await mySsa.usernames.add(
        {
          email,
          username,
          rulesAcceptedAt: 1,
          profile: {
            givenName: 'Ruth',
            familyName: 'Template',
            birthdate: '1979-05-23',
            socialSecurityNumber: String(900_700_000 + count),
            address: ADDRESS,
            faceMatched: false,
            verifiedAt: 1,
          },
        },
        await hash,
      )
      if (added.outcome !== 'added') throw new Error(added.outcome)
      const { accountId } = added
      if (state !== 'off') await store.seed(accountId, state, state === 'on' ? phone : undefined)
      return { accountId, username, email, phone }
    },
  }
}

/** Sends username and password, and follows. */
export async function signIn(browser: Browser, { username }: { username: string }, url = '/sign-in') {
  await browser.open(url)
  return browser.submit('/sign-in', { username, password: PASSWORD })
}
