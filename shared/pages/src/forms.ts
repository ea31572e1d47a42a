// The parts of a form around its fields, and alerts. Fields themselves are in fields.ts and come along from here.
import { html } from 'ghtml'
import { attributes } from './attributes.ts'
import type { Lang } from './site.ts'

export * from './fields.ts'

export type ButtonVariant = 'primary' | 'outline' | 'base' | 'secondary' | 'unstyled'

export interface FormOptions {
  action: string
  method?: 'post' | 'get'
  /** From `reply.csrfToken()`. A form that posts must have one. */
  csrf?: string
  /** Trusted HTML: fields and buttons. */
  body: string
  /** `narrow` 20rem, `wide` 30rem (default), `full` as wide as its container. */
  width?: 'narrow' | 'wide' | 'full'
  autocomplete?: 'off'
  /** Accessible name, where a page has several forms. */
  label?: string
}

export interface FieldError {
  /** The id of the field to fix: its name, unless the field was given an id. */
  field: string
  message: string
}

export type AlertKind = 'info' | 'warning' | 'error' | 'success'

export interface AlertOptions {
  kind: AlertKind
  heading?: string
  /** Plain text; escaped. */
  body?: string
  /** Trusted HTML after `body`, for links and lists. */
  html?: string
  slim?: boolean
}

const variantClass: Record<ButtonVariant, string> = {
  primary: '',
  outline: ' usa-button--outline',
  base: ' usa-button--base',
  secondary: ' usa-button--secondary',
  unstyled: ' usa-button--unstyled',
}

/**
 * A form that leaves checking to the server (`novalidate`): the browser's own bubbles are neither
 * translated with the page nor listed in the error summary.
 */
export function form({ action, method = 'post', csrf, body, width = 'wide', ...rest }: FormOptions): string {
  if (method === 'post' && !csrf) throw new Error('A form that posts needs a CSRF token')
  const sizes = { narrow: 'usa-form', wide: 'usa-form usa-form--large', full: 'usa-form gh-form-full' }
  const attrs = attributes({
    class: sizes[width],
    action,
    method,
    autocomplete: rest.autocomplete,
    'aria-label': rest.label,
  })
  return html`<form!${attrs} novalidate>!${csrf ? csrfField(csrf) : ''}
!${body}
</form>`
}

export function csrfField(token: string): string {
  return html`<input type="hidden" name="_csrf" value="${token}">`
}

export function submitButton(
  text: string,
  { name, value, variant = 'primary' }: { name?: string; value?: string; variant?: ButtonVariant } = {},
): string {
  const attrs = attributes({ class: `usa-button${variantClass[variant]}`, type: 'submit', name, value })
  return html`<button!${attrs}>${text}</button>`
}

/** A link that looks like a button, for moving on without posting anything. */
export function buttonLink(
  text: string,
  href: string,
  { variant = 'primary' }: { variant?: ButtonVariant } = {},
): string {
  return html`<a class="usa-button!${variantClass[variant]}" href="${href}">${text}</a>`
}

/** The list of what to fix, above the form; empty when there is nothing. Pass `error: true` to `layout` with it. */
export function errorSummary(errors: FieldError[], lang: Lang = 'en'): string {
  if (errors.length === 0) return ''
  const heading = lang === 'es' ? 'Hay un problema' : 'There is a problem'
  const items = errors.map(
    ({ field, message }) => html`<li><a class="usa-link" href="#${field}">${message}</a></li>`,
  )
  return alert({ kind: 'error', heading, html: html`<ul class="usa-list">!${items}</ul>` })
}

/** An error is announced at once (`role="alert"`), anything else when the reader pauses (`role="status"`). */
export function alert({ kind, heading, body, html: trusted = '', slim }: AlertOptions): string {
  const attrs = attributes({
    class: `usa-alert usa-alert--${kind}${slim ? ' usa-alert--slim' : ''}`,
    role: kind === 'error' ? 'alert' : 'status',
  })
  return html`<div!${attrs}><div class="usa-alert__body">
!${heading ? html`<h2 class="usa-alert__heading">${heading}</h2>` : ''}
!${body ? html`<p class="usa-alert__text">${body}</p>` : ''}!${trusted}
</div></div>`
}
