// The file of relying services: all of it can be used, or the provider does not start.

import { readFile } from 'node:fs/promises'
import { ConfigurationError } from '@gatehouse/http/configuration'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** A rule that a registration breaks: the field by its path, never what it holds. */
export interface EntryProblem {
  field: string
  rule: string
}

/**
 * @param path the file that `CLIENTS_FILE` names: a JSON array
 * @param schema of an entry, which has a `client_id`
 * @param problemsOf what keeps an entry that fits the schema from being used all the same
 * @throws ConfigurationError naming every entry and field that cannot be used, never what they hold
 */
export async function readClientFile<Schema extends TSchema>(
  path: string,
  schema: Schema,
  problemsOf: (entry: Static<Schema>) => EntryProblem[],
): Promise<Static<Schema>[]> {
  const content = await readFile(path, 'utf8').catch(() => {
    throw new ConfigurationError('CLIENTS_FILE cannot be read')
  })
  const entries = json(content)
  if (!Array.isArray(entries)) throw unusable(['it must be a JSON array'])
  const named = new Set<unknown>()
  const problems = entries.flatMap((entry, index) => {
    const found = Value.Check(schema, entry) ? problemsOf(entry) : schemaProblems(schema, entry)
    if (named.has(entry?.client_id)) found.push({ field: 'client_id', rule: 'is registered twice' })
    named.add(entry?.client_id)
    return found.map(({ field, rule }) => `[${index}]${field && `.${field}`} ${rule}`)
  })
  if (problems.length > 0) throw unusable(problems)
  return entries
}

function schemaProblems(schema: TSchema, entry: unknown): EntryProblem[] {
  return Value.Errors(schema, entry).map(({ instancePath, message, params }) => {
    const more = params as { requiredProperties?: string[]; additionalProperties?: string[] }
    const fields = more.requiredProperties ?? more.additionalProperties ?? []
    return {
      field: instancePath.slice(1).replaceAll('/', '.'),
      rule: `${message}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`,
    }
  })
}

function unusable(problems: string[]): ConfigurationError {
  return new ConfigurationError(`CLIENTS_FILE is not usable: ${problems.join('; ')}`)
}

function json(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    // The parser's own message quotes the text, and with it secrets.
    return undefined
  }
}
