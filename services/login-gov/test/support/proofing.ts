// People to be proofed, and the way through the pages of it.

import assert from 'node:assert/strict'
import { now } from '@gatehouse/clock/clock'
import type { Evidence, Profile } from '@gatehouse/provider/accounts/account'
import type { Browser } from '@gatehouse/provider/for-tests/browser'
import { authorizeUrl, PASSWORD } from './login-gov.ts'
import type { People } from './people.ts'
import { signedIn } from './signed-in.ts'

export const PERSONA_SSN = '987654329'
export const FACE_REQUIRED = { acr_values: 'urn:acr.login.gov:verified-facial-match-required' }
export const FACE_PREFERRED = { acr_values: 'urn:acr.login.gov:verified-facial-match-preferred' }

export const IDENTITY: Evidence['identity'] = {
  givenName: 'Priya',
  familyName: 'Placeholder',
  birthdate: '1988-09-21',
  socialSecurityNumber: PERSONA_SSN,
  phoneNumber: '+12025550146',
  address: { street: '500 Example Street', locality: 'Baltimore', region: 'MD', postalCode: '01235' },
}

export const PROFILE: Profile = { ...IDENTITY, faceMatched: false, verifiedAt: 0 }

let count = 0

/** Somebody with a phone, signed in, whose evidence passes unless said otherwise. */
export async function newcomer(
  idp: People,
  given: { evidence?: Evidence | 'none'; profile?: Profile; headers?: Record<string, string> } = {},
) {
  count += 1
  const email = `newcomer-${count}@example.com`
  const evidence = given.evidence ?? { identity: IDENTITY, outcome: 'passes' as const }
  const accountId = await idp.accounts.add(
    {
      email,
      rulesAcceptedAt: now(),
      ...(given.profile ? { profile: given.profile } : {}),
      ...(evidence === 'none' ? {} : { evidence }),
    },
    PASSWORD,
  )
  assert.ok(accountId)
  const number = `+120255501${String(count % 100).padStart(2, '0')}`
  const details = { number, prefers: 'text' } as const
  await idp.authenticators.add({ accountId, kind: 'phone', name: 'Phone', details })
  const browser = await signedIn(idp, { email, ...(given.headers ? { headers: given.headers } : {}) })
  return {
    email,
    accountId,
    browser,
    profile: async () => (await idp.accounts.find(accountId))?.profile,
  }
}

/** What the page has in its field for the document. */
export function documentOn({ body }: { body: string }): string {
  const text = /<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(body)?.[1]
  if (text === undefined) throw new Error('this page has no document')
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replaceAll('&amp;', '&')
}

interface Answers {
  /** What is done with the document that the page has. */
  document?: (text: string) => string
  photo?: string
  ssn?: string
  phone?: string
}

export const STEPS = [
  'welcome',
  'document_capture',
  'selfie',
  'ssn',
  'verify_info',
  'phone',
  'phone_confirmation',
  'enter_password',
  'personal_key',
] as const
type Step = (typeof STEPS)[number]

/**
 * Goes through the pages from wherever the browser is, answering each, until `until` or a page that comes again.
 *
 * @returns the steps that were seen
 */
export async function walk(
  idp: People,
  browser: Browser,
  { until, base = '', ...answers }: Answers & { until?: Step; base?: string } = {},
): Promise<Step[]> {
  const { document = (text) => text, photo = 'matches', ssn = PERSONA_SSN } = answers
  const seen: Step[] = []
  for (;;) {
    const step = STEPS.find((one) => browser.path === `${base}/verify/${one}`)
    if (!step || step === until || seen.includes(step)) return seen
    seen.push(step)
    const fields: Record<Step, () => Record<string, string>> = {
      welcome: () => ({ ial2_consent_given: '1' }),
      document_capture: () => ({ document: document(documentOn(browser.last)) }),
      selfie: () => ({ photo }),
      ssn: () => ({ ssn }),
      verify_info: () => ({}),
      phone: () => ({ phone: answers.phone ?? '202-555-0147', otp_delivery_preference: 'sms' }),
      phone_confirmation: () => ({ code: idp.codes.newestCode }),
      enter_password: () => ({ 'user[password]': PASSWORD }),
      personal_key: () => ({ acknowledgment: '1' }),
    }
    await browser.submit(browser.path, fields[step]())
  }
}

/** Somebody who stands at a step. */
export async function newcomerAt(
  idp: People,
  step: Step,
  given: Parameters<typeof newcomer>[1] & { request?: Parameters<typeof authorizeUrl>[0] } & Answers = {},
) {
  const person = await newcomer(idp, given)
  await person.browser.open(authorizeUrl(given.request))
  await walk(idp, person.browser, { ...given, until: step })
  assert.equal(person.browser.path, `/verify/${step}`)
  return person
}
