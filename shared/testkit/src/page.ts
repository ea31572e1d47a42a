import { type HTMLElement, parse } from 'node-html-parser'

/** A form as a browser would send it, before anybody fills it in. */
export interface Form {
  /** Absolute. */
  action: string
  method: 'GET' | 'POST'
  /** What is in it: hidden fields, values that are there, boxes that are ticked. */
  values: [name: string, value: string][]
  element: HTMLElement
}

/** Where a browser without a screen is: the page it shows, or the address at which it stopped. */
export interface Page {
  url: string
  status: number
  /** The address was reached and not fetched, because the browser was told to stop there. */
  stopped: boolean
  title: string
  /** The one h1. */
  heading: string
  /** All that a person can read, with single spaces. */
  text: string
  /** What the page says is wrong or noteworthy. */
  alerts: string[]
  root: HTMLElement
  /** The forms of the page. */
  forms: Form[]
  /** The form that has all of these fields, or a button of this text. @throws StuckAt */
  form(wanted?: { fields?: string[]; button?: string }): Form
  /** The absolute address of the link whose text contains this. @throws StuckAt */
  link(text: string): string
}

/** The page is not what was expected. Names the page and what it says; never what was typed. */
export class StuckAt extends Error {
  readonly page: Page

  constructor(page: Page, why: string) {
    const { origin, pathname } = new URL(page.url)
    // The query may hold a state or a code.
    const where = `“${page.heading || page.title || `status ${page.status}`}” (${origin}${pathname})`
    super(`${why} at ${where}${page.alerts.map((alert) => `: ${alert}`).join('')}`)
    this.page = page
  }
}

const words = (text: string) => text.replace(/\s+/g, ' ').trim()

/** Reads a page. `html` may be anything; what is no HTML has no forms. */
export function readPage(url: string, status: number, html: string, stopped = false): Page {
  const root = parse(html, { comment: false })
  const one = (selector: string) => words(root.querySelector(selector)?.text ?? '')
  const page: Page = {
    url,
    status,
    stopped,
    title: one('title'),
    heading: one('h1'),
    text: words((root.querySelector('main') ?? root.querySelector('body') ?? root).structuredText),
    alerts: root
      .querySelectorAll('.usa-alert, .usa-error-message, [role=alert]:not(.usa-alert)')
      .map(({ structuredText }) => words(structuredText))
      .filter(Boolean),
    root,
    forms: root.querySelectorAll('form').map((element) => readForm(url, element)),
    form({ fields = [], button } = {}) {
      const found = page.forms.find(
        ({ element }) =>
          fields.every((name) => element.querySelector(`[name="${name}"]`)) &&
          (button === undefined || buttonsOf(element).some((candidate) => words(candidate.text) === button)),
      )
      if (found) return found
      const wanted = [...fields, ...(button === undefined ? [] : [`a button “${button}”`])]
      throw new StuckAt(page, `There is no form with ${wanted.join(', ') || 'anything'}`)
    },
    link(text) {
      const found = root.querySelectorAll('a[href]').find((element) => words(element.text).includes(text))
      if (!found) throw new StuckAt(page, `There is no link “${text}”`)
      return new URL(found.getAttribute('href') ?? '', url).href
    },
  }
  return page
}

/** The buttons that send the form. */
export function buttonsOf(form: HTMLElement): HTMLElement[] {
  return form
    .querySelectorAll('button, input[type=submit]')
    .filter((button) => (button.getAttribute('type') ?? 'submit') === 'submit')
}

function readForm(url: string, element: HTMLElement): Form {
  return {
    action: new URL(element.getAttribute('action') || url, url).href,
    method: element.getAttribute('method')?.toLowerCase() === 'post' ? 'POST' : 'GET',
    values: element.querySelectorAll('input, select, textarea').flatMap((field): [string, string][] => {
      const name = field.getAttribute('name')
      const value = sentValue(field)
      return name && value !== undefined && !field.hasAttribute('disabled') ? [[name, value]] : []
    }),
    element,
  }
}

/** What the field would send as it stands; nothing where it would not be sent. */
function sentValue(field: HTMLElement): string | undefined {
  if (field.tagName === 'TEXTAREA') return field.text
  if (field.tagName === 'SELECT') {
    const options = field.querySelectorAll('option')
    const chosen = options.find((option) => option.hasAttribute('selected')) ?? options[0]
    return chosen && (chosen.getAttribute('value') ?? words(chosen.text))
  }
  const type = field.getAttribute('type') ?? 'text'
  if (['submit', 'button', 'image', 'reset', 'file'].includes(type)) return undefined
  if (type === 'checkbox' || type === 'radio') {
    return field.hasAttribute('checked') ? (field.getAttribute('value') ?? 'on') : undefined
  }
  return field.getAttribute('value') ?? ''
}
