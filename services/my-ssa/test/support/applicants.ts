// People who create an account, and what they enter.

import { type Browser, titleOf } from '@gatehouse/provider/for-tests/browser'
import type { FakeOffices } from './fake-offices.ts'

export const NEW_PASSWORD = 'nine quiet herons rent a lighthouse'

let count = 0

/** Details, address and e-mail address of somebody whom nobody knows. */
export function applicant(changes: Record<string, string> = {}) {
  count += 1
  return {
    firstName: 'Test',
    middleName: '',
    lastName: 'Person',
    birthdate: '1990-02-28',
    ssn: String(910_000_000 + count),
    street: '1 Test Street',
    city: 'Baltimore',
    state: 'MD',
    zip: '21235',
    email: `applicant-${count}@example.com`,
    username: `Applicant${1000 + count}`,
    ...changes,
  }
}
export type Applicant = ReturnType<typeof applicant>

export function aboutYou({ username: _, ...entered }: Applicant) {
  return entered
}

/** The details by which a person is recognised later. */
export function detailsOf({ firstName, middleName, lastName, birthdate, ssn }: Applicant) {
  return { firstName, middleName, lastName, birthdate, ssn }
}

/** To the page behind the link in the e-mail. */
export async function apply(browser: Browser, person: Applicant) {
  await browser.open('/create-account')
  await browser.submit('/create-account', { acknowledged: 'yes' })
  return browser.submit('/create-account/about-you', aboutYou(person))
}

/** To the page for username and password. */
export async function confirmEmail(browser: Browser, offices: FakeOffices, person: Applicant) {
  await browser.open(offices.linkTo(person.email))
  await browser.submit('/create-account/confirmation')
  if (browser.path !== '/create-account/username') throw new Error(`at ${titleOf(browser.last)} instead`)
}

/** To the end. */
export async function createAccount(
  browser: Browser,
  offices: FakeOffices,
  person = applicant(),
  extraSecurity = 'no',
) {
  await apply(browser, person)
  await confirmEmail(browser, offices, person)
  const { username } = person
  await browser.submit('/create-account/username', { username, password: NEW_PASSWORD, extraSecurity })
  return person
}

/** Waits until what follows an answer is done. Bounded: what does not come within two seconds is not coming. */
export async function eventually<Result>(look: () => Result | undefined | false): Promise<Result> {
  for (let waited = 0; waited < 2_000; waited += 5) {
    const found = look()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it did not come')
}
