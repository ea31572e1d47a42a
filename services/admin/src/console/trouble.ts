import { Refusal } from '@gatehouse/http/refusal'
import { consoleRefusals } from '../access/refusals.ts'
import type { Errors } from './order-fields.ts'

/** What a form is shown again with. */
export interface Trouble {
  errors: Errors
  status: number
}

/** About the person and not the form: these have a page of their own. */
const OWN_PAGE = new Set([
  'role_missing',
  'phishing_resistant_needed',
  'not_administrator',
  'revocations_unknown',
])

/**
 * What a refusal says to whoever filled in a form.
 *
 * @param fields by code: the field that it is about
 * @throws the error itself, where it is none that filling in again helps with
 */
export function troubleOf(error: unknown, fields: Record<string, string> = {}): Trouble {
  if (!(error instanceof Refusal) || OWN_PAGE.has(error.code)) throw error
  if (error.code === 'invalid_request') return { errors: errorsOf(error), status: 422 }
  const { status, title } = consoleRefusals[error.code] ?? {}
  if (!status || !title || status >= 500) throw error
  const message = error.detail ? `${title}. ${error.detail}` : title
  return { errors: { [fields[error.code] ?? 'whole']: message }, status }
}

/** By the last name on the way to each field. */
function errorsOf(refusal: Refusal): Errors {
  const { errors } = refusal.extensions as { errors?: { field: string; rule: string }[] }
  if (!errors?.length) return { whole: refusal.detail ?? 'This is not valid' }
  return Object.fromEntries(
    errors.map(({ field, rule }) => {
      const name = field.split('.').at(-1) ?? ''
      return [/^[a-zA-Z]+$/.test(name) ? name : 'whole', `${field.split('.').slice(1).join('.')} ${rule}`]
    }),
  )
}
