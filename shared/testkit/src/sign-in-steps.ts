// What a person does on the pages between a relying service's Sign in and the way back to it. Each page is known by
// what it asks for, so that wording and order may change.

import type { ServiceUrls } from '@gatehouse/contracts/services'
import type { Step } from './form-step.ts'
import type { HeadlessBrowser } from './headless-browser.ts'
import { type ExtraSecurityChoice, mySsaSteps } from './my-ssa-steps.ts'
import { buttonsOf, type Form, type Page, StuckAt } from './page.ts'
import { type Channel, type Phone, pickUpPhone } from './phone.ts'
import { proofingSteps } from './proofing-steps.ts'
import { chooseMethod, enterCode, METHOD_FIELD, typeCode } from './second-factor.ts'
import { securityKeySteps } from './security-key-steps.ts'

/** Who signs in. */
export interface SignInPersona {
  email: string
  password: string
  phoneNumber: string
  userIds: { bsoUserId: string; ein: string }[]
  /** For those whose identity has to be verified on the way. */
  ssn?: string | undefined
  /** For those who sign in at my Social Security. */
  mySsa?: { username: string } | undefined
  /** Where letters go. */
  address?: { street: string; zipCode: string } | undefined
}

export interface SignInChoices {
  urls: ServiceUrls
  persona: SignInPersona
  /** Where several are offered, the provider, as the `idp` claim names it; Login.gov unless given. */
  provider?: Provider
  /** How the one-time code comes; a text unless given. my Social Security knows nothing else. */
  channel?: Channel
  /**
   * What to do where my Social Security asks about extra security: go on without it unless given. To enable it takes the
   * letter: who has not asked for one does so, and enables at the next sign-in.
   */
  extraSecurity?: ExtraSecurityChoice
  /** Touches the lab's security key where Login.gov asks for one, and adds it first where the account has none. */
  securityKey?: boolean
  /** Signs in with the User ID for this employer, and requests one where there is none; default: the first User ID. */
  ein?: string
}

export type Provider = 'login.gov' | 'id.me' | 'my-ssa'

interface Person extends SignInChoices {
  browser: HeadlessBrowser
  phone: Phone
}

const asksFor =
  (...fields: string[]) =>
  (page: Page) =>
    page.forms.some(({ element }) => fields.every((field) => element.querySelector(`[name="${field}"]`)))

interface Button {
  form: Form
  name: string | undefined
  value: string | undefined
  text: string
}

function findButton(page: Page, isIt: (button: Button) => boolean): Button | undefined {
  return page.forms
    .flatMap((form) =>
      buttonsOf(form.element).map((element) => ({
        form,
        name: element.getAttribute('name'),
        value: element.getAttribute('value'),
        text: element.text.trim(),
      })),
    )
    .find(isIt)
}

const providerButton = (page: Page, provider?: Provider) =>
  findButton(page, ({ name, value }) => name === 'provider' && (!provider || value === provider))
const leaveButton = (page: Page) => findButton(page, ({ name }) => name === 'leave')
const agreeButton = (page: Page) =>
  findButton(page, ({ name, text }) => text === 'Agree and continue' || name === 'answer')

function press(
  browser: HeadlessBrowser,
  button: Button | undefined,
  missing = 'The button is gone',
): Promise<Page> {
  if (!button) throw new StuckAt(browser.page, missing)
  return browser.submit(button.form, {}, button.text)
}

const steps: Step<Person>[] = [
  ...proofingSteps,
  ...mySsaSteps,
  ...securityKeySteps,
  {
    name: 'the choice of a provider',
    isAt: (page) => providerButton(page) !== undefined,
    act: ({ browser, provider = 'login.gov' }) =>
      press(browser, providerButton(browser.page, provider), `${provider} is not offered`),
  },
  {
    name: 'whether to leave for the provider',
    isAt: (page) => leaveButton(page) !== undefined,
    act: ({ browser }) => press(browser, leaveButton(browser.page)),
  },
  {
    name: 'the password',
    isAt: asksFor('email', 'password'),
    act: ({ browser, persona }) =>
      browser.submit(browser.page.form({ fields: ['email', 'password'] }), {
        email: persona.email,
        password: persona.password,
      }),
  },
  {
    name: 'the way to confirm the sign-in',
    isAt: asksFor('method'),
    act: ({ browser }) => browser.submit(browser.page.form({ fields: ['method'] }), { method: 'phone' }),
  },
  {
    name: 'text or call',
    isAt: asksFor('channel'),
    act: ({ browser, channel = 'text' }) =>
      browser.submit(browser.page.form({ fields: ['channel'] }), { channel }),
  },
  {
    name: 'the password',
    isAt: asksFor('user[email]', 'user[password]'),
    act: ({ browser, persona }) =>
      browser.submit(browser.page.form({ fields: ['user[email]', 'user[password]'] }), {
        'user[email]': persona.email,
        'user[password]': persona.password,
      }),
  },
  {
    name: 'the choice of a second factor',
    isAt: asksFor(METHOD_FIELD),
    act: ({ browser, channel = 'text' }) => chooseMethod(browser, channel),
  },
  {
    name: 'the one-time code',
    isAt: asksFor('code'),
    act: ({ browser, phone, channel = 'text', provider }) =>
      provider === 'id.me' ? typeCode(browser, phone, channel) : enterCode(browser, phone, channel),
  },
  {
    name: 'the consent to share',
    isAt: (page) => agreeButton(page) !== undefined,
    act: ({ browser }) => press(browser, agreeButton(browser.page)),
  },
  {
    name: 'the Terms of Service',
    isAt: asksFor('agree'),
    act: ({ browser }) => browser.submit(browser.page.form({ fields: ['agree'] }), { agree: true }, 'Next'),
  },
  {
    name: 'the User ID',
    isAt: (page) => asksFor('userId')(page) || newUserIdLink(page) !== undefined,
    act: chooseUserId,
  },
]

const NEW_USER_ID = 'Request a new User ID'

/** The page for somebody without any User ID has no choice, only this. */
const newUserIdLink = (page: Page) =>
  page.root.querySelectorAll('a[href]').find(({ text }) => text.trim() === NEW_USER_ID)

async function chooseUserId({ browser, persona, ein }: Person): Promise<void> {
  const wanted = ein ?? persona.userIds[0]?.ein
  if (ein && !offered(browser.page, ein)) {
    await browser.follow(NEW_USER_ID)
    await browser.submit(browser.page.form({ fields: ['ein'] }), { ein })
  }
  const userId = offered(browser.page, wanted)
  if (!userId) throw new StuckAt(browser.page, 'There is no User ID to choose')
  await browser.submit(browser.page.form({ fields: ['userId'] }), { userId }, 'Next')
}

/** The choice `<User ID>:<EIN>` for an employer, or the first where none is named. */
function offered(page: Page, ein: string | undefined): string | undefined {
  const options = page.root.querySelectorAll('[name="userId"] option')
  const values = options.map((option) => option.getAttribute('value')).filter((value) => value !== '')
  return values.find((value) => ein === undefined || value?.endsWith(`:${ein}`))
}

/**
 * Goes through the sign-in from whichever of its pages the browser shows, until it leaves `sign-in` and the providers.
 *
 * @returns the page where it arrives
 * @throws StuckAt naming the page that asks for something else, or for the same again
 */
export async function completeSignIn(browser: HeadlessBrowser, choices: SignInChoices): Promise<Page> {
  const phone = await pickUpPhone(choices.urls, choices.persona.phoneNumber)
  const within = (['sign-in', 'login-gov', 'id-me', 'my-ssa'] as const).map(
    (name) => new URL(choices.urls[name]).origin,
  )
  const done = new Set<Step<Person>>()
  for (;;) {
    const { page } = browser
    if (page.stopped || !within.includes(new URL(page.url).origin)) return page
    const step = steps.find(({ isAt }) => isAt(page))
    if (!step) throw new StuckAt(page, 'The sign-in stopped')
    if (done.has(step)) throw new StuckAt(page, `The sign-in asks for ${step.name} a second time`)
    done.add(step)
    await step.act({ ...choices, browser, phone })
  }
}
