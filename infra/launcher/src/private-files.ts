import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The text of a file, or nothing where there is none. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Makes a file hold `content`, readable by its owner alone. Whoever reads the path meets the old content or the new,
 * never half of it; a file that is right already stays as it is.
 */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  if ((await textOf(path)) === content) return
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const unfinished = `${path}.${randomUUID()}.part`
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

/** What a file holds; made by `create` where there is none yet. */
export async function keptIn(path: string, create: () => Promise<string> | string): Promise<string> {
  const present = await textOf(path)
  if (present !== undefined) return present
  const content = await create()
  await writePrivateFile(path, content)
  return content
}

/** A value as the text of a file that people may read too. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
