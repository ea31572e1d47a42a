import { textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { Type } from 'typebox'

const words = {
  en: { label: 'Nickname', hint: 'So that you can tell it from others.', optional: 'optional' },
  es: { label: 'Apodo', hint: 'Para que pueda distinguirlo de otros.', optional: 'opcional' },
}

/** What a person calls an authenticator. */
export const Name = Type.Optional(Type.String({ maxLength: 80 }))

export function nameField(lang: Lang, value?: string): string {
  const { label, hint, optional } = words[lang]
  return textField({
    name: 'name',
    label,
    hint,
    value,
    required: false,
    optionalWord: optional,
    maxlength: 80,
  })
}

/** The name as given, without what no line of text has; `fallback` when nothing is left. */
export function nameOr(fallback: string, given: string | undefined): string {
  const name = (given ?? '').replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim()
  return name.slice(0, 80) || fallback
}
