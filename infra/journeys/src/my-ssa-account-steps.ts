// What a person does around a my Social Security account: creating one, a forgotten username, a forgotten password.

import type { Persona } from '@gatehouse/testkit/gatehouse'
import type { Page } from 'playwright-core'
import { press } from './browser-steps.ts'
import { choose } from './login-gov-steps.ts'
import { textOf } from './page-checks.ts'

/** By what Social Security recognises somebody. */
export type Details = Pick<Persona, 'firstName' | 'lastName' | 'dateOfBirth' | 'ssn'>

/** Fifteen characters and more. */
export const NEW_PASSWORD = 'nineteen quiet lighthouses'

/** On a page that asks who somebody is. */
export async function fillDetails(page: Page, { firstName, lastName, dateOfBirth, ssn }: Details) {
  await page.getByLabel('First name').fill(firstName)
  await page.getByLabel('Last name').fill(lastName)
  await page.getByLabel('Date of birth').fill(dateOfBirth)
  await page.getByLabel('Social Security number').fill(ssn ?? '')
}

/** On "Tell us about yourself": everything that it asks for. */
export async function tellAboutYourself(
  page: Page,
  person: Details & Pick<Persona, 'address' | 'email'>,
): Promise<void> {
  const { address, email } = person
  await fillDetails(page, person)
  await page.getByLabel('Street address').fill(address.street)
  await page.getByLabel('City').fill(address.city)
  await page.getByLabel('State, territory or military address').selectOption(address.state)
  await page.getByLabel('ZIP Code').fill(address.zipCode)
  await page.getByLabel('E-mail address').fill(email)
  await press(page, 'Next')
}

/** On "Create a username and password". `extraSecurity` is left open unless given. */
export async function chooseCredentials(
  page: Page,
  given: { username: string; password: string; extraSecurity?: boolean },
): Promise<void> {
  const { username, password, extraSecurity } = given
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  if (extraSecurity !== undefined) {
    await choose(page, extraSecurity ? 'Yes, mail me a letter.' : 'No, not now.')
  }
  await press(page, 'Create my account')
}

/** On "Forgot Password". */
export async function askForPassword(
  page: Page,
  username: string,
  how: 'E-mail me a link.' | 'Mail me a temporary password.',
): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(username)
  await choose(page, how)
  await press(page, 'Next')
}

/** On "Use your temporary password". */
export async function useTemporaryPassword(
  page: Page,
  given: { username: string; temporary: string; password: string },
): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(given.username)
  await page.getByLabel('Temporary password', { exact: true }).fill(given.temporary)
  await page.getByLabel('New password', { exact: true }).fill(given.password)
  await press(page, 'Change my password')
}

/** What is to be fixed, as the summary above a form lists it. */
export async function thingsToFix(page: Page): Promise<string[]> {
  return page.locator('.usa-alert--error li').allInnerTexts()
}

/** What the page says of it, for a comparison of two pages; without what every answer has anew. */
export async function wordsOf(page: Page): Promise<string> {
  return (await textOf(page)).replaceAll(/\s+/g, ' ').trim()
}
