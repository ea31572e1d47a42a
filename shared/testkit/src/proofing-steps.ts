// What a person does on Login.gov's pages that verify an identity, with the evidence that the mock fills in for personas.

import { formStep, type Step } from './form-step.ts'
import type { HeadlessBrowser } from './headless-browser.ts'
import type { Phone } from './phone.ts'
import { typeCode } from './second-factor.ts'

interface Person {
  browser: HeadlessBrowser
  phone: Phone
  persona: { password: string; ssn?: string | undefined }
}

const step = (name: string, path: string, entries: Parameters<typeof formStep<Person>>[2]) =>
  formStep<Person>(name, (pathname) => pathname.endsWith(`/verify/${path}`), entries)

export const proofingSteps: Step<Person>[] = [
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
