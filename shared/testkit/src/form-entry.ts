import type { HTMLElement } from 'node-html-parser'
import { buttonsOf, type Form, type Page, StuckAt } from './page.ts'

/** What a person enters: text, the value of a choice, `true` to tick a box, `false` to clear it. */
export type Entries = Record<string, string | boolean>

/**
 * What a browser would send after a person has filled in the form and pressed a button.
 *
 * @param button its text; left out, the first one, as when a person presses Enter
 * @throws StuckAt when a person could not do that on this page: no such field, choice or button
 */
export function filledIn(page: Page, form: Form, entries: Entries, button?: string): URLSearchParams {
  const values = new Map<string, string>(form.values)
  for (const [name, entry] of Object.entries(entries)) {
    const fields = form.element.querySelectorAll(`[name="${name}"]`)
    if (fields.length === 0) throw new StuckAt(page, `There is no field ${name}`)
    const value = entered(fields, entry)
    if (value === undefined) throw new StuckAt(page, `The field ${name} does not offer what was to be chosen`)
    if (value === null) values.delete(name)
    else values.set(name, value)
  }
  const buttons = buttonsOf(form.element)
  const pressed =
    button === undefined
      ? buttons[0]
      : buttons.find((candidate) => candidate.text.replace(/\s+/g, ' ').trim() === button)
  if (button !== undefined && !pressed) throw new StuckAt(page, `There is no button “${button}”`)
  const buttonName = pressed?.getAttribute('name')
  if (buttonName) values.set(buttonName, pressed?.getAttribute('value') ?? '')
  return new URLSearchParams([...values])
}

/** The value to send; `null` for none, `undefined` where the fields offer no such thing. */
function entered(fields: HTMLElement[], entry: string | boolean): string | null | undefined {
  const [field] = fields as [HTMLElement]
  const type = field.tagName === 'SELECT' ? 'select' : (field.getAttribute('type') ?? 'text')
  if (entry === false) return type === 'checkbox' ? null : undefined
  if (entry === true) return type === 'checkbox' ? (field.getAttribute('value') ?? 'on') : undefined
  const choices = type === 'select' ? field.querySelectorAll('option') : type === 'radio' ? fields : undefined
  if (!choices) return entry
  return choices.some((choice) => choice.getAttribute('value') === entry) ? entry : undefined
}
