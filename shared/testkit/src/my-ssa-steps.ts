// What a person does on my Social Security's pages: username and password, the text of extra security, and adding it.

import type { ServiceUrls } from '@gatehouse/contracts/services'
import { formStep, type Step } from './form-step.ts'
import type { HeadlessBrowser } from './headless-browser.ts'
import { openLetterBox } from './letter-box.ts'
import { type Page, StuckAt } from './page.ts'
import type { Phone } from './phone.ts'

/** What a person does about extra security that the account does not have. */
export type ExtraSecurityChoice = 'skip' | 'enable'

interface Person {
  urls: ServiceUrls
  browser: HeadlessBrowser
  phone: Phone
  persona: {
    password: string
    phoneNumber: string
    mySsa?: { username: string } | undefined
    address?: { street: string; zipCode: string } | undefined
  }
  extraSecurity?: ExtraSecurityChoice
}

const UPGRADE_CODE_LETTER = /upgrade code/i

const step = (name: string, path: string, entries: Parameters<typeof formStep<Person>>[2]) =>
  formStep<Person>(name, (pathname) => pathname === path, entries)

const textCode = async ({ phone }: Person) => ({ code: await phone.nextCode('text') })

const nationalNumber = ({ phoneNumber }: Person['persona']) => phoneNumber.replace(/^\+1/, '')

const offers = (page: Page, choice: string) =>
  page.root.querySelector(`[name="choice"][value="${choice}"]`) !== null

/** The newest letter counts, which may have come before: of an earlier one the code does not work any more. */
async function upgradeCode({ urls, persona, browser }: Person) {
  if (!persona.address) throw new StuckAt(browser.page, 'Nobody knows where the letter went')
  const box = await openLetterBox(urls, persona.address)
  const { code } = await box.newestLetter(UPGRADE_CODE_LETTER)
  const form = browser.page.forms.find(({ element }) => element.querySelector('[name=number]'))
  return { code, ...(form ? { number: nationalNumber(persona) } : {}) }
}

export const mySsaSteps: Step<Person>[] = [
  {
    name: 'the username and password',
    isAt: (page) => page.forms.some(isForUsername),
    async act({ browser, persona }) {
      const form = browser.page.forms.find(isForUsername)
      if (!form || !persona.mySsa) throw new StuckAt(browser.page, 'The persona has no username')
      await browser.submit(form, { username: persona.mySsa.username, password: persona.password })
    },
  },
  step('the security code', '/security-code', textCode),
  // Of a page that has both forms, the step above is the one.
  step('a text with the security code', '/security-code/texts', () => ({})),
  step('the letter with the upgrade code', '/extra-security', ({ extraSecurity = 'skip' }) => ({
    choice: extraSecurity,
  })),
  {
    name: 'extra security',
    isAt: isNeeded,
    async act({ browser, extraSecurity = 'skip' }) {
      const answer = (choice: string) => browser.submit(browser.page.form({ fields: ['choice'] }), { choice })
      // Its code is asked for at the next sign-in.
      if (extraSecurity === 'enable' && offers(browser.page, 'request')) await answer('request')
      if (isNeeded(browser.page)) await answer('skip')
    },
  },
  step('the cell phone', '/extra-security/phone', ({ persona }) => ({
    number: nationalNumber(persona),
  })),
  step('the code to the cell phone', '/extra-security/security-code', textCode),
  step('the upgrade code', '/extra-security/upgrade-code', upgradeCode),
  {
    name: 'the end of the enrolment',
    isAt: (page) => new URL(page.url).pathname === '/extra-security/congratulations',
    act: ({ browser }) => browser.follow('Next'),
  },
]

function isForUsername({ element }: { element: Page['root'] }): boolean {
  return ['username', 'password'].every((name) => element.querySelector(`[name="${name}"]`))
}

function isNeeded(page: Page): boolean {
  return page.forms.some(({ action }) => new URL(action).pathname === '/extra-security/needed')
}
