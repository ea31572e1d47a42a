// Choosing a password, wherever one is chosen.

import { textField } from '@gatehouse/pages/forms'
import { type PasswordProblem, passwordProblem } from '@gatehouse/provider/password/password-rules'
import { SITE } from '../site.ts'

/**
 * What is wrong with a password, if anything, as a person reads it.
 *
 * @param about what an attacker would think of with this person: username, address, name
 */
export async function newPasswordRule(
  password: string,
  { shortest, about }: { shortest: number; about: string[] },
): Promise<string | undefined> {
  if (password === '') return 'Choose a password.'
  const words = [...about, SITE.name, 'mysocialsecurity', 'ssa']
  const problem = await passwordProblem(password, { shortest, words })
  return problem && ruleOf(problem, shortest)
}

function ruleOf(problem: PasswordProblem, shortest: number): string {
  if (problem === 'too_short') return `The password must have ${shortest} characters or more.`
  if (problem === 'too_long') return 'The password may have up to 128 characters.'
  return 'The password is easy to guess. Choose another one.'
}

export function newPasswordField(label: string, shortest: number, error: string | undefined): string {
  return textField({
    name: 'password',
    label,
    hint: `${shortest} characters or more, such as several words, and nothing that others would guess.`,
    type: 'password',
    autocomplete: 'new-password',
    showPassword: 'Show password',
    required: true,
    ...(error ? { error } : {}),
  })
}
