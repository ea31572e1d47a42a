// What a new password must be like, wherever somebody chooses one (fact sheet 6.1, NIST SP 800-63B-4 §3.1.1.2).

import { errorSummary, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { passwordProblem } from '@gatehouse/provider/password/password-rules'
import { html } from 'ghtml'
import { SITE } from '../browser/frame.ts'

export type NewPasswordProblem = Awaited<ReturnType<typeof passwordProblem>>

export interface NewPasswords {
  /** @param emails addresses of the person: a password that is made of them is guessed first */
  problem(password: string, emails: readonly string[]): Promise<NewPasswordProblem>
  /** Characters. */
  shortest: number
}

export function createNewPasswords(shortest: number): NewPasswords {
  return {
    shortest,
    problem(password, emails) {
      const words = [SITE.name, 'gatehouse', ...emails]
      return passwordProblem(password, { shortest, words })
    },
  }
}

const words = {
  en: {
    label: 'Password',
    show: 'Show password',
    hint: (shortest: number) =>
      `Use at least ${shortest} characters. Avoid common phrases and repeated characters, such as abc or 111.`,
    too_short: (shortest: number) => `Password must be at least ${shortest} characters long.`,
    too_long: 'Password is too long.',
    too_weak: 'Password is too weak. Add another word or two; uncommon words are better.',
  },
  es: {
    label: 'Contraseña',
    show: 'Mostrar contraseña',
    hint: (shortest: number) =>
      `Use al menos ${shortest} caracteres. Evite frases comunes y caracteres repetidos, como abc o 111.`,
    too_short: (shortest: number) => `La contraseña debe tener al menos ${shortest} caracteres.`,
    too_long: 'La contraseña es demasiado larga.',
    too_weak: 'La contraseña es demasiado débil. Agregue una o dos palabras poco comunes.',
  },
}

export interface NewPasswordFields {
  lang: Lang
  /** Name of the field; its id has underscores for the brackets. */
  name: string
  submit: string
  shortest: number
  problem?: NewPasswordProblem
}

/** The error summary for the head of the page, and the fields of the form. */
export function newPasswordFields({ lang, name, submit, shortest, problem }: NewPasswordFields) {
  const say = words[lang]
  const id = name.replace(/\[(\w+)\]$/, '_$1')
  const error = problem && (problem === 'too_short' ? say.too_short(shortest) : say[problem])
  const field = textField({
    name,
    id,
    label: say.label,
    hint: say.hint(shortest),
    type: 'password',
    autocomplete: 'new-password',
    showPassword: say.show,
    required: true,
    ...(error ? { error } : {}),
  })
  return {
    summary: errorSummary(error ? [{ field: id, message: error }] : [], lang),
    body: html`!${field}!${submitButton(submit)}`,
  }
}
