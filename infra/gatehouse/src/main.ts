// The program behind `npm run gatehouse -- …`.

import { parseArgs } from 'node:util'
import { type Command, CommandFailure, UsageError, type Values } from './command.ts'

/** Loaded when needed: help and a mistyped option wait for nothing. */
const commands: Record<string, () => Promise<Command>> = {
  'sign-in': async () => (await import('./commands/sign-in.ts')).signIn,
  verify: async () => (await import('./commands/verify.ts')).verify,
  letters: async () => (await import('./commands/letters.ts')).letters,
  register: async () => (await import('./commands/register.ts')).register,
  'rotate-keys': async () => (await import('./commands/rotate-keys.ts')).rotateKeys,
  'audit verify': async () => (await import('./commands/audit-verify.ts')).auditVerify,
  'audit head': async () => (await import('./commands/audit-head.ts')).auditHead,
}

const [name, args] = split(process.argv.slice(2))
try {
  process.exitCode = await main()
} catch (error) {
  const again = name && Object.hasOwn(commands, name) ? `${name} --help` : '--help'
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nTry npm run gatehouse -- ${again}\n`)
    process.exitCode = 2
  } else {
    const known = error instanceof CommandFailure
    process.stderr.write(`${known ? error.message : describe(error)}\n`)
    process.exitCode = 1
  }
}

/** A command has one word, or two. */
function split([first, second, ...rest]: string[]): [name: string | undefined, args: string[]] {
  if (first === undefined || second === undefined) return [first, []]
  const both = `${first} ${second}`
  return Object.hasOwn(commands, both) ? [both, rest] : [first, [second, ...rest]]
}

async function main(): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    ;(name ? process.stdout : process.stderr).write(await overview())
    return name ? 0 : 2
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!load) throw new UsageError(unknown(name))
  const command = await load()
  const values = read(command)
  if (values.help) {
    process.stdout.write(command.help)
    return 0
  }
  const answer = await command.run(values)
  process.stdout.write(`${values.json ? JSON.stringify(answer.json) : answer.words}\n`)
  return answer.status ?? 0
}

function unknown(first: string): string {
  const second = Object.keys(commands).flatMap((one) => (one.startsWith(`${first} `) ? [one] : []))
  return second.length > 0 ? `There is ${second.join(' and ')}.` : `There is no command ${first}.`
}

function read(command: Command): Values {
  try {
    return parseArgs({ args, options: command.options }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function overview(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(commands).map(async ([title, load]) => `  ${title.padEnd(14)}${(await load()).summary}`),
  )
  return `npm run gatehouse -- COMMAND [options]\n\n${lines.join('\n')}\n\nnpm run gatehouse -- COMMAND --help tells more about one of them.\n`
}

/** Errors of libraries say why in their cause; none of them holds a token. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
