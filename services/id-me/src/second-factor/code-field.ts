import { textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { triesLeftText } from './around.ts'

const words = {
  en: { blank: 'Please fill in this field.', invalid: 'This code does not work.' },
  es: { blank: 'Por favor, rellene este campo.', invalid: 'Este código no sirve.' },
}

/** `triesLeft` is not told where nothing is counted. */
export type CodeProblem = { kind: 'blank' } | { kind: 'invalid'; triesLeft?: number | undefined }

export function codeProblemText(problem: CodeProblem, lang: Lang): string {
  if (problem.kind === 'blank') return words[lang].blank
  return `${words[lang].invalid} ${triesLeftText(problem.triesLeft, lang)}`.trim()
}

/** The field for a code: six digits, or a code on paper. */
export function codeField(given: {
  label: string
  kind: 'digits' | 'paper'
  error: string | undefined
}): string {
  const { label, kind, error } = given
  const isDigits = kind === 'digits'
  return textField({
    name: 'code',
    label,
    inputmode: isDigits ? 'numeric' : 'text',
    autocomplete: isDigits ? 'one-time-code' : 'off',
    width: isDigits ? 'sm' : 'lg',
    required: true,
    ...(error ? { error } : {}),
  })
}
