import type { ParseArgsOptionsConfig } from 'node:util'

/** What was given for each option: text, `true`, or a list where an option may be repeated. */
export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

export interface Command {
  /** For the list of commands. */
  summary: string
  help: string
  options: ParseArgsOptionsConfig
  /** @returns what to print: an object with `--json`, otherwise plain words */
  run(values: Values): Promise<Answer>
}

export interface Answer {
  json: unknown
  words: string
  /** The exit status where what was found is what matters, and not that it was found; 0 unless given. */
  status?: number
}

/** A command line that cannot be understood: exit status 2. */
export class UsageError extends Error {}

/** The command cannot be carried out, in words for whoever gave it: exit status 1. */
export class CommandFailure extends Error {}

/** The text given for an option, if any. */
export function text(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** @throws UsageError when the option is missing */
export function requiredText(values: Values, name: string): string {
  const value = text(values, name)
  if (!value) throw new UsageError(`--${name} is needed`)
  return value
}
