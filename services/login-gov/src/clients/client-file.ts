// Reads the file of relying services and makes sure that all of it can be used.

import { readFile } from 'node:fs/promises'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type ClientEntry, entryProblems } from './client-entry.ts'

/**
 * @param path the file that `CLIENTS_FILE` names
 * @throws ConfigurationError naming every entry and field that cannot be used, never what they hold
 */
export async function readClientFile(path: string): Promise<ClientEntry[]> {
  const content = await readFile(path, 'utf8').catch(() => {
    throw new ConfigurationError('CLIENTS_FILE cannot be read')
  })
  const entries = json(content)
  if (!Array.isArray(entries)) throw unusable(['it must be a JSON array'])
  const named = new Set<unknown>()
  const problems = entries.flatMap((entry, index) => {
    const isTwice = named.has(entry?.client_id)
    named.add(entry?.client_id)
    const found = entryProblems(entry)
    if (isTwice) found.push({ field: 'client_id', rule: 'is registered twice' })
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
    return undefined
  }
}
