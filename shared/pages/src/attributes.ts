import { html } from 'ghtml'

type AttributeValue = string | number | boolean | undefined

/**
 * HTML attributes with a leading space each, values escaped. `undefined`, `false` and `''` leave the
 * attribute out, `true` writes the bare name. Names come from our code and are written as they are.
 */
export function attributes(values: Record<string, AttributeValue>): string {
  let text = ''
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === false || value === '') continue
    text += value === true ? ` ${name}` : ` ${name}="${html`${value}`}"`
  }
  return text
}
