import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { numberHolders } from './generator.ts'

type Options = Parameters<typeof numberHolders>[0]

/** The holders as text, one JSON object on each line, in chunks of some hundred lines. */
export function* numberHolderLines(options?: Options): Generator<string> {
  let lines: string[] = []
  for (const holder of numberHolders(options)) {
    if (lines.push(JSON.stringify(holder)) === 500) {
      yield `${lines.join('\n')}\n`
      lines = []
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`
}

/**
 * Writes a Numident file, replacing the one that may be there. Whoever reads the path meets the old file or the
 * new one, never half of it. The folder must exist.
 */
export async function writeNumberHolders(path: string, options?: Options): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`
  try {
    await pipeline(Readable.from(numberHolderLines(options)), createWriteStream(unfinished))
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}
