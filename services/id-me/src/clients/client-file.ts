// Reads the file of relying services and makes sure that all of it can be used.

import { readFile } from 'node:fs/promises'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type NewClientEntry, newEntryProblems } from './client-entry.ts'

/**
 * @param path the file that `CLIENTS_FILE` names
 * @throws ConfigurationError naming every entry and field that cannot be used, never what they hold
 */
export async function readClientFile(path: string): Promise<NewClientEntry[]> {
  const content = await readFile(path, 'utf8').catch(() => {
    throw new ConfigurationError('CLIENTS_FILE cannot be read')
  })
  const entries = json(content)
  if (!Array.isArray(entries)) throw unusable(['it must be a JSON array'])
  const named = new Set<unknown>()
  const problems = entries.flatMap((entry, index) => {
    const found = newEntryProblems(entry)
    if (named.has(entry?.client_id)) found.push({ field: 'client_id', rule: 'is registered twice' })
    named.add(entry?.client_id)
    return found.map(({ field, rule }) => `[${index}]${field && `.${field}`} ${rule}`)
  })
  if (problems.length > 0) throw unusable(problems)
  return entries
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
