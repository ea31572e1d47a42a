// What an administrator does at the console, step by step.

import type { Gatehouse, Persona } from '@gatehouse/testkit/gatehouse'
import { administratorClient, signInHeadless } from '@gatehouse/testkit/sign-in'
import type { Page } from 'playwright-core'
import { agreeToTerms, enterPassword, follow, press } from './browser-steps.ts'
import { choose, touchLabKey } from './login-gov-steps.ts'

/** Adds the lab's security key to the account of an administrator, so that a browser is asked for nothing but a touch. */
export async function addSecurityKey({ urls }: Gatehouse, persona: Persona): Promise<void> {
  await signInHeadless({ urls, persona, client: administratorClient, securityKey: true })
}

/** From the console's first page to its sections, with the lab's security key. */
export async function signInAtConsole(
  page: Page,
  { urls }: Pick<Gatehouse, 'urls'>,
  persona: Persona,
  { javaScript }: { javaScript: boolean },
): Promise<void> {
  await page.goto(urls.admin)
  await follow(page, 'Sign in')
  await press(page, 'Sign in with Login.gov')
  await enterPassword(page, persona)
  await press(page, 'Use the lab’s security key')
  await touchLabKey(page, { javaScript })
  const consent = page.getByRole('button', { name: 'Agree and continue' })
  if (await consent.count()) await press(page, 'Agree and continue')
  await agreeToTerms(page)
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor()
}

/** On the page of a reason: why, and the button. */
export async function giveReason(page: Page, reason: string, button: string): Promise<void> {
  await page.getByLabel('Reason').fill(reason)
  await press(page, button)
}

/** On the form of a revocation: how long, why and for which ticket, on to what it would end. */
export async function describeRevocation(
  page: Page,
  { duration, reason, ticket }: { duration: string; reason: string; ticket: string },
): Promise<void> {
  await choose(page, duration)
  await page.getByLabel('Ticket').fill(ticket)
  await giveReason(page, reason, 'Continue')
}

/** Finds a person by name and opens the page. */
export async function openPerson(page: Page, admin: string, name: string): Promise<void> {
  await page.goto(`${admin}/people`)
  await page.getByLabel('Search for').fill(name)
  await press(page, 'Search')
  await follow(page, name)
}
