import type { Entries } from './form-entry.ts'
import type { HeadlessBrowser } from './headless-browser.ts'
import { type Page, StuckAt } from './page.ts'

/** One page of a sign-in, and what a person does there. */
export interface Step<Person> {
  name: string
  /** Whether the page asks for this. */
  isAt(page: Page): boolean
  act(person: Person): Promise<unknown>
}

/** A step that is known by the address its form goes to: some ask for nothing but a press of the button. */
export function formStep<Person extends { browser: HeadlessBrowser }>(
  name: string,
  isAddress: (pathname: string) => boolean,
  entries: (person: Person) => Entries | Promise<Entries>,
): Step<Person> {
  const isIt = ({ action }: { action: string }) => isAddress(new URL(action).pathname)
  return {
    name,
    isAt: (page) => page.forms.some(isIt),
    async act(person) {
      const form = person.browser.page.forms.find(isIt)
      if (!form) throw new StuckAt(person.browser.page, 'The form is gone')
      return person.browser.submit(form, await entries(person))
    },
  }
}
