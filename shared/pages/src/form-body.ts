/** A form post refused before any handler sees it; names the rule, never what was sent. */
class FormRefused extends Error {
  readonly statusCode = 400
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Reads `application/x-www-form-urlencoded` into an object without a prototype whose values are all
 * strings. A field given twice is refused rather than turned into an array: a handler that compares
 * or hashes a string must never get anything else (RFC 6749 §3.1 asks the same of its endpoints).
 */
export function parseForm(text: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    // Object.assign and the like would turn this name into a prototype further on.
    if (name === '__proto__') throw new FormRefused('field_not_allowed', 'A field name is not allowed')
    if (name in fields) throw new FormRefused('repeated_field', 'A field was sent more than once')
    fields[name] = value
  }
  return fields
}
