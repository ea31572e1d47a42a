// What a person does where Login.gov asks for a security key: has the lab's answer, and adds it where there is none yet.

import type { Step } from './form-step.ts'
import type { HeadlessBrowser } from './headless-browser.ts'
import { type Page, StuckAt } from './page.ts'
import { METHOD_FIELD } from './second-factor.ts'

interface Person {
  browser: HeadlessBrowser
  /** Whether the person has a security key at hand. */
  securityKey?: boolean
}

const LAB_KEY = 'Use the lab’s security key'

const offersLabKey = (page: Page) =>
  page.forms.some(({ element }) => element.text.replace(/\s+/g, ' ').includes(LAB_KEY))

const isSetUpOf = (page: Page, path: string) => new URL(page.url).pathname.endsWith(path)

/** From the provider's page to the lab, where the key is touched, and back with its answer. */
async function touch({ browser, securityKey }: Person): Promise<void> {
  if (!securityKey) throw new StuckAt(browser.page, 'The person has no security key')
  await browser.submit(browser.page.form({ button: LAB_KEY }), {}, LAB_KEY)
  await browser.submit(browser.page.form({ button: 'Touch' }))
  await browser.submit(browser.page.form({ fields: ['response'] }))
}

export const securityKeySteps: Step<Person>[] = [
  {
    name: 'the first method that resists phishing',
    isAt: (page) => isSetUpOf(page, '/authentication_methods_setup'),
    async act({ browser, securityKey }) {
      if (!securityKey) throw new StuckAt(browser.page, 'The person has no security key')
      await browser.submit(browser.page.form({ fields: [METHOD_FIELD] }), { [METHOD_FIELD]: 'webauthn' })
    },
  },
  {
    name: 'the security key to add',
    isAt: (page) => offersLabKey(page) && isSetUpOf(page, '/webauthn_setup'),
    act: touch,
  },
  { name: 'the security key', isAt: offersLabKey, act: touch },
]
