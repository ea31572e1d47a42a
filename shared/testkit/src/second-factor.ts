import { setTimeout as pause } from 'node:timers/promises'
import type { HeadlessBrowser } from './headless-browser.ts'
import { type Page, StuckAt } from './page.ts'
import type { Channel, Phone } from './phone.ts'

/** The field with which Login.gov's page of other methods sends the choice. */
export const METHOD_FIELD = 'two_factor_options_form[selection]'
/** Its values, before the id of a phone where there are several. */
const METHODS = { text: 'sms', call: 'voice' } as const

const TRIES = 3
/** A wait that a page asks for and that is still a cool-down; longer ones are lock-outs. */
const LONGEST_COOL_DOWN = 30

/** From the page that asks for a one-time code: has it sent by `channel`, takes it from the phone and enters it. */
export async function enterCode(browser: HeadlessBrowser, phone: Phone, channel: Channel): Promise<Page> {
  await haveCodeSent(browser, channel)
  return typeCode(browser, phone, channel)
}

/** Takes the code from the phone and enters it. */
export async function typeCode(browser: HeadlessBrowser, phone: Phone, channel: Channel): Promise<Page> {
  const code = await phone.nextCode(channel)
  return browser.submit(browser.page.form({ fields: ['code'] }), { code })
}

/** Chooses the first phone for texts or calls, on Login.gov's page of other methods. */
export async function chooseMethod(browser: HeadlessBrowser, channel: Channel): Promise<Page> {
  const form = browser.page.form({ fields: [METHOD_FIELD] })
  const values = form.element
    .querySelectorAll(`[name="${METHOD_FIELD}"]`)
    .map((field) => field.getAttribute('value') ?? '')
  const value = values.find((one) => one.split('_', 1)[0] === METHODS[channel])
  if (!value) throw new StuckAt(browser.page, 'This method is not offered')
  return browser.submit(form, { [METHOD_FIELD]: value })
}

/** The code is sent by text first. Another one, or a call, is not to be had before the cool-down of the last is over. */
async function haveCodeSent(browser: HeadlessBrowser, channel: Channel): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const form = browser.page.form({ fields: ['code'] })
    const isWanted = new URL(form.action).pathname.endsWith(`/${METHODS[channel]}`)
    const seconds = coolDown(browser.page)
    if (isWanted && seconds === 0) return
    await pause(seconds * 1000)
    if (isWanted) await browser.follow('Send another code')
    else {
      await browser.follow('Choose another authentication method')
      await chooseMethod(browser, channel)
    }
  }
  throw new StuckAt(browser.page, 'No code was sent')
}

/** How many seconds the page says to wait. */
function coolDown(page: Page): number {
  const said = page.alerts.join(' ').match(/try again in (?:(\d+) minutes?)?(?: and )?(?:(\d+) seconds?)?/)
  const seconds = Number(said?.[1] ?? 0) * 60 + Number(said?.[2] ?? 0)
  if (seconds > LONGEST_COOL_DOWN) throw new StuckAt(page, 'There is too long to wait')
  return seconds
}
