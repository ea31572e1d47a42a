// The numbers of a provider that somebody might want to change: one table with default, unit and source, and single
// numbers of it overridden by configuration.

import { ConfigurationError } from '@gatehouse/http/configuration'

/** A number that can be configured. */
export interface Limit {
  default: number
  /** What one is of: milliseconds, tries … */
  unit: string
  /** Smallest value that makes sense; 0 unless given. */
  minimum?: number
  /** Where the default comes from, or `assumed`. */
  source: string
}

export type Limits<Table extends Record<string, Limit>> = Record<keyof Table, number>

/**
 * @param overrides JSON: an object of names in the table to whole numbers
 * @throws ConfigurationError that names what is not usable
 */
export function readLimits<Table extends Record<string, Limit>>(
  table: Table,
  overrides = '{}',
): Limits<Table> {
  let given: unknown
  try {
    given = JSON.parse(overrides)
  } catch {
    throw new ConfigurationError('LIMITS must be JSON')
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError('LIMITS must be a JSON object')
  }
  for (const [name, value] of Object.entries(given)) {
    const limit = Object.hasOwn(table, name) ? table[name] : undefined
    if (!limit) throw new ConfigurationError(`LIMITS: there is no limit ${JSON.stringify(name)}`)
    const minimum = limit.minimum ?? 0
    if (!Number.isSafeInteger(value) || (value as number) < minimum) {
      throw new ConfigurationError(
        `LIMITS: ${name} must be a whole number of at least ${minimum} (${limit.unit})`,
      )
    }
  }
  const defaults = Object.entries(table).map(([name, limit]) => [name, limit.default])
  return { ...Object.fromEntries(defaults), ...given }
}
