// Lists as CSV (RFC 4180), safe to open in a spreadsheet.

/**
 * What a spreadsheet would take for a formula (OWASP: CSV Injection) gets a `'` before it; so does what begins so after
 * white space, which some programs drop.
 */
const FORMULA = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/

/** Instants are milliseconds in JSON; in a table people read them. */
const INSTANT = /(^instant|At|Until|Since|From)$/

function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  const isInstant = typeof value === 'number' && INSTANT.test(name) && Math.abs(value) <= 8.64e15
  if (isInstant) return new Date(value).toISOString()
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** @param columns the header, in order; what a row does not have is left empty */
export function csv(columns: readonly string[], rows: readonly Record<string, unknown>[]): string {
  const lines = rows.map((row) => columns.map((name) => cell(name, row[name])).join(','))
  return [columns.join(','), ...lines].map((line) => `${line}\r\n`).join('')
}
