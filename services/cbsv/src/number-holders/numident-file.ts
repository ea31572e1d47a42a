// Reads the file of number holders that the generator under infra/numident writes: one JSON object on each line.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { now } from '@gatehouse/clock/clock'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { NumberHolder } from '../verifications/matching.ts'
import type { NumberHolderStore } from './store.ts'

const numberHolder = Compile(
  Type.Object({
    ssn: Type.String({ pattern: '^[0-9]{9}$' }),
    firstName: Type.String({ pattern: '^[A-Za-z][A-Za-z ]*$' }),
    lastName: Type.String({ pattern: '^[A-Za-z][A-Za-z ]*$' }),
    dateOfBirth: Type.String({ pattern: '^[0-9]{8}$' }),
    sex: Type.Union([Type.Literal('F'), Type.Literal('M'), Type.Literal('U')]),
    deceased: Type.Boolean(),
  }),
)

const CHUNK = 262_144

/**
 * Brings the table of number holders to the content of the file, if it is not that already.
 *
 * @returns whether anything was loaded, and how many number holders there are now
 * @throws Error when the file cannot be read, holds nobody, or has a line that is no number holder; the table stays as
 * it was, and the message names the line and the field and never what they hold
 */
export async function loadNumident(
  path: string,
  store: NumberHolderStore,
): Promise<{ loaded: boolean; count: number }> {
  const loaded = await store.replace(await digest(path), numberHolders(path), now())
  return { loaded, count: await store.count() }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** The number holders as they are read, many at a time: a promise for each line would cost more than the line. */
async function* numberHolders(path: string): AsyncGenerator<NumberHolder[]> {
  let read = 0
  let unfinished = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK })) {
    const lines = (unfinished + chunk).split('\n')
    unfinished = lines.pop() as string
    const before = read
    yield lines.map((line, index) => parse(line, before + index + 1))
    read += lines.length
  }
  if (unfinished !== '') yield [parse(unfinished, read + 1)]
  else if (read === 0) throw new Error('the file of number holders is empty')
}

function parse(text: string, line: number): NumberHolder {
  const value = json(text)
  if (numberHolder.Check(value)) return value
  const fields = numberHolder
    .Errors(value)
    .map(({ instancePath, message }) => `${instancePath.slice(1)} ${message}`)
  throw new Error(`line ${line} of the file of number holders is not one: ${fields.join(', ')}`)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the line.
    return undefined
  }
}
