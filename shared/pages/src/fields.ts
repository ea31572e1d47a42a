// Form fields in USWDS markup. The id of a field is its name unless `id` says otherwise, so that an error
// summary can link to `#name`; in a radio group the first choice carries the bare name.
import { html } from 'ghtml'
import { attributes } from './attributes.ts'

interface FieldOptions {
  /** Form field name, and the id unless `id` is given. */
  name: string
  id?: string
  label: string
  hint?: string
  /** What to fix, shown above the field and announced with it. */
  error?: string
  /** `true` sets `required`; `false` adds the word optional to the label; leave out to say nothing. */
  required?: boolean
  /** Word shown behind the label of an optional field; default `optional`. */
  optionalWord?: string
}

export interface TextFieldOptions extends FieldOptions {
  /** Shown again in the field; never for `type: 'password'`. */
  value?: string
  type?: 'text' | 'email' | 'password' | 'tel' | 'search' | 'date'
  /** HTML autocomplete token, such as `username`, `current-password`, `one-time-code`. */
  autocomplete?: string
  inputmode?: 'text' | 'numeric' | 'tel' | 'email' | 'search'
  maxlength?: number
  width?: '2xs' | 'xs' | 'sm' | 'md' | 'lg' | 'xl' | '2xl'
  /** Keeps the label for screen readers only, as in a table whose column head says the same. */
  hideLabel?: boolean
  /** Label of a checkbox that shows the password, such as `Show password`; it appears only where scripts run. */
  showPassword?: string
}

export interface Choice {
  value: string
  label: string
  hint?: string
}

export interface ChoiceFieldOptions extends FieldOptions {
  value?: string
  options: Choice[]
}

export interface CheckboxOptions extends FieldOptions {
  /** What is posted when ticked; default `yes`. */
  value?: string
  checked?: boolean
}

export function textField(options: TextFieldOptions): string {
  const { name, id = name, type = 'text', error, hint, hideLabel, showPassword } = options
  const isSecret = type === 'password'
  const asTyped = isSecret || type === 'email' || type === 'tel' || options.inputmode === 'numeric'
  const input = attributes({
    class: `usa-input${options.width ? ` usa-input--${options.width}` : ''}${error ? ' usa-input--error' : ''}`,
    id,
    name,
    type,
    // A password in a page would outlive the request in caches and screenshots.
    value: isSecret ? undefined : options.value,
    autocomplete: options.autocomplete,
    inputmode: options.inputmode,
    maxlength: options.maxlength,
    required: options.required === true,
    autocapitalize: asTyped ? 'none' : undefined,
    spellcheck: asTyped ? 'false' : undefined,
    ...describing(id, options),
  })
  return group(
    error,
    html`!${label(id, options, hideLabel)}!${hintText(id, hint)}!${errorText(id, error)}
<input!${input}>
!${isSecret && showPassword ? showPasswordBox(id, showPassword) : ''}`,
  )
}

export function select(options: ChoiceFieldOptions & { hideLabel?: boolean }): string {
  const { name, id = name, error, hint } = options
  const attrs = attributes({
    class: `usa-select${error ? ' usa-input--error' : ''}`,
    id,
    name,
    required: options.required === true,
    ...describing(id, options),
  })
  const choices = options.options.map(
    ({ value, label: text }) =>
      html`<option value="${value}"!${value === options.value ? ' selected' : ''}>${text}</option>`,
  )
  return group(
    error,
    html`!${label(id, options, options.hideLabel)}!${hintText(id, hint)}!${errorText(id, error)}
<select!${attrs}>!${choices}</select>`,
  )
}

export function checkbox(options: CheckboxOptions): string {
  const { name, id = name, error, hint } = options
  const attrs = attributes({
    class: 'usa-checkbox__input',
    id,
    type: 'checkbox',
    name,
    value: options.value ?? 'yes',
    checked: options.checked === true,
    required: options.required === true,
    ...describing(id, options),
  })
  return group(
    error,
    html`!${errorText(id, error)}<div class="usa-checkbox">
<input!${attrs}>
<label class="usa-checkbox__label" for="${id}">${options.label}!${optional(options)}</label>
</div>!${hintText(id, hint)}`,
  )
}

/** `label` is the legend over the choices. */
export function radioGroup(options: ChoiceFieldOptions & { tiles?: boolean }): string {
  const { name, id = name, error, hint } = options
  const choices = options.options.map((choice, index) => {
    const choiceId = index === 0 ? id : `${id}-${index + 1}`
    const attrs = attributes({
      class: `usa-radio__input${options.tiles ? ' usa-radio__input--tile' : ''}`,
      id: choiceId,
      type: 'radio',
      name,
      checked: choice.value === options.value,
      required: options.required === true,
    })
    const more = choice.hint ? html`<span class="usa-radio__label-description">${choice.hint}</span>` : ''
    return html`<div class="usa-radio">
<input!${attrs} value="${choice.value}">
<label class="usa-radio__label" for="${choiceId}">${choice.label}!${more}</label>
</div>`
  })
  // aria-invalid is not allowed on a fieldset; the group's description carries the error instead.
  const described = attributes({ 'aria-describedby': describing(id, options)['aria-describedby'] })
  return group(
    error,
    html`<fieldset class="usa-fieldset"!${described}>
<legend class="usa-legend!${error ? ' usa-label--error' : ''}">${options.label}!${optional(options)}</legend>
!${hintText(id, hint)}!${errorText(id, error)}!${choices}
</fieldset>`,
  )
}

function group(error: string | undefined, body: string): string {
  return html`<div class="usa-form-group!${error ? ' usa-form-group--error' : ''}">!${body}</div>`
}

function describing(id: string, { hint, error }: FieldOptions) {
  return {
    'aria-invalid': error ? 'true' : undefined,
    'aria-describedby': [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' '),
  }
}

function label(id: string, options: FieldOptions, hidden = false): string {
  const kind = hidden ? 'usa-sr-only' : options.error ? 'usa-label usa-label--error' : 'usa-label'
  return html`<label class="!${kind}" for="${id}">${options.label}!${optional(options)}</label>`
}

function optional({ required, optionalWord = 'optional' }: FieldOptions): string {
  return required === false ? html` <span class="usa-hint">(${optionalWord})</span>` : ''
}

function hintText(id: string, hint?: string): string {
  return hint ? html`<span class="usa-hint" id="${id}-hint">${hint}</span>` : ''
}

function errorText(id: string, error?: string): string {
  return error ? html`<span class="usa-error-message" id="${id}-error">${error}</span>` : ''
}

// Hidden until assets/show-password.js finds it: without scripts the box could do nothing.
function showPasswordBox(id: string, text: string): string {
  return html`<div class="usa-checkbox gh-show-password" data-show-password="${id}" hidden>
<input class="usa-checkbox__input" id="${id}-show" type="checkbox" aria-controls="${id}">
<label class="usa-checkbox__label" for="${id}-show">${text}</label>
</div>`
}
