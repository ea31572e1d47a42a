// Choosing a password, wherever one is chosen.

import { textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { type PasswordProblem, passwordProblem } from '@gatehouse/provider/password/password-rules'
import { SITE } from '../site.ts'

const words = {
  en: {
    label: 'Choose a password',
    hint: (shortest: number) => `${shortest} characters or more, and none that others would guess.`,
    show: 'Show password',
    too_short: (shortest: number) => `Use ${shortest} characters or more.`,
    too_long: () => 'Use 128 characters or fewer.',
    too_weak: () => 'That password is easy to guess. Use another one.',
  },
  es: {
    label: 'Elija una contraseña',
    hint: (shortest: number) => `${shortest} caracteres o más, y ninguna que otros puedan adivinar.`,
    show: 'Mostrar contraseña',
    too_short: (shortest: number) => `Use ${shortest} caracteres o más.`,
    too_long: () => 'Use 128 caracteres o menos.',
    too_weak: () => 'Esa contraseña es fácil de adivinar. Use otra.',
  },
}

/** What is wrong with a password that somebody with this address wants, if anything. */
export function problemOf(
  password: string,
  { email, shortest }: { email: string; shortest: number },
): Promise<PasswordProblem | undefined> {
  return passwordProblem(password, { shortest, words: [email, SITE.name, 'idme'] })
}

export function problemText(problem: PasswordProblem, shortest: number, lang: Lang): string {
  return words[lang][problem](shortest)
}

export function newPasswordField(lang: Lang, shortest: number, error: string | undefined): string {
  const say = words[lang]
  return textField({
    name: 'password',
    label: say.label,
    hint: say.hint(shortest),
    type: 'password',
    autocomplete: 'new-password',
    showPassword: say.show,
    required: true,
    ...(error ? { error } : {}),
  })
}
