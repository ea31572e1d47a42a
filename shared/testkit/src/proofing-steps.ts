// What a person does on Login.gov's pages that verify an identity, with the evidence that the mock fills in for personas.

import type { HeadlessBrowser } from './headless-browser.ts'
import { type Page, StuckAt } from './page.ts'
import type { Phone } from './phone.ts'
import { typeCode } from './second-factor.ts'

interface Person {
  browser: HeadlessBrowser
  phone: Phone
  persona: { password: string; ssn?: string | undefined }
}

interface ProofingStep {
  name: string
  isAt(page: Page): boolean
  act(person: Person): Promise<unknown>
}

/** A step is known by the address that its form goes to: some ask for nothing but a press of the button. */
function step(
  name: string,
  path: string,
  entries: (person: Person) => Record<string, string | boolean>,
): ProofingStep {
  const isIt = ({ action }: { action: string }) => new URL(action).pathname.endsWith(`/verify/${path}`)
  return {
    name,
    isAt: (page) => page.forms.some(isIt),
    act(person) {
      const form = person.browser.page.forms.find(isIt)
      if (!form) throw new StuckAt(person.browser.page, 'The form is gone')
      return person.browser.submit(form, entries(person))
    },
  }
}

export const proofingSteps: ProofingStep[] = [
  step('the consent to be verified', 'welcome', () => ({ ial2_consent_given: true })),
  step('the identity document', 'document_capture', () => ({})),
  step('the photograph', 'selfie', () => ({})),
  step('the Social Security number', 'ssn', ({ persona }) => ({ ssn: persona.ssn ?? '' })),
  step('the review', 'verify_info', () => ({})),
  step('the phone of the identity', 'phone', () => ({})),
  {
    ...step('the code to the phone of the identity', 'phone_confirmation', () => ({})),
    act: ({ browser, phone }) => typeCode(browser, phone, 'text'),
  },
  step('the password again', 'enter_password', ({ persona }) => ({ 'user[password]': persona.password })),
  step('the personal key', 'personal_key', () => ({ acknowledgment: true })),
]
