import { Type } from 'typebox'

/**
 * One line or several of what somebody writes, at most `maxLength` characters. Nine digits are refused, with or without
 * the hyphens of an SSN: reasons are kept for good and shown to every auditor.
 */
function words(minLength: number, maxLength: number) {
  return Type.String({
    minLength,
    maxLength,
    pattern:
      '^(?![^]*(?<![0-9])[0-9]{3}-?[0-9]{2}-?[0-9]{4}(?![0-9]))(?:[^\\p{C}]|[\\r\\n\\t])*[^\\p{C}\\s](?:[^\\p{C}]|[\\r\\n\\t])*$',
    description: 'no number of nine digits',
  })
}

/** Why something is changed: part of the body of every operation that does. */
export const why = {
  reason: words(3, 500),
  ticket: Type.Optional(words(1, 100)),
}
export const Why = Type.Object(why, { additionalProperties: false })
