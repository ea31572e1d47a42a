// The folder that holds everything a suite keeps. It belongs to one running suite at a time, and it is never a folder
// that was something else before: starting over empties it.

import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { CannotStart } from './cannot-start.ts'

const MARK = 'GATEHOUSE-DATA'
const MARK_TEXT = 'Gatehouse keeps its data here. "npm start -- --reset" empties this folder.\n'
const LOCK = 'lock'
const HOLDER = 'lock-holder'

/** A data directory that this process holds. */
export interface DataDirectory {
  path: string
  /** Lets others have it. */
  release(): Promise<void>
}

/**
 * Makes the data directory if there is none, and holds it until released or until this process ends, however it ends.
 *
 * @param options.reset empties it first
 * @throws CannotStart when the folder is not Gatehouse's, another suite holds it, or it cannot be written
 */
export async function holdDataDirectory(
  directory: string,
  options: { reset?: boolean } = {},
): Promise<DataDirectory> {
  const path = resolve(directory)
  try {
    return await hold(path, options)
  } catch (error) {
    throw isOfTheSystem(error) ? new CannotStart(`${path} cannot hold the data: ${error.message}`) : error
  }
}

/** Not there, not a folder, read-only, full: said by the file system or by SQLite. */
function isOfTheSystem(error: unknown): error is Error {
  return (
    error instanceof Error && ('syscall' in error || ('code' in error && error.code === 'ERR_SQLITE_ERROR'))
  )
}

async function hold(path: string, options: { reset?: boolean }): Promise<DataDirectory> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const entries = await readdir(path)
  if (!isGatehouses(entries)) {
    throw new CannotStart(
      `${path} holds something else than Gatehouse's data, and is left alone. Choose another folder with --data.`,
    )
  }
  if (options.reset && entries.length > 0 && !entries.includes(MARK)) {
    throw new CannotStart(
      `${path} was never the data of a suite, and is not emptied. Start on it without --reset first, or empty it yourself.`,
    )
  }
  // What is in it is for its owner alone, whoever made the folder.
  await chmod(path, 0o700)
  const lock = await takeLock(path)
  try {
    if (options.reset) {
      const unlocked = entries.filter((name) => name !== LOCK && name !== HOLDER)
      await Promise.all(unlocked.map((name) => rm(join(path, name), { recursive: true, force: true })))
    }
    await writeFile(join(path, MARK), MARK_TEXT, { mode: 0o600 })
    await writeFile(join(path, HOLDER), `${process.pid}\n`, { mode: 0o600 })
  } catch (error) {
    lock.close()
    throw error
  }
  return {
    path,
    async release() {
      await rm(join(path, HOLDER), { force: true })
      lock.close()
    },
  }
}

/** Empty, marked, or holding nothing but folders of services that ran by themselves. */
function isGatehouses(entries: string[]): boolean {
  const ours: string[] = [...SERVICE_NAMES, LOCK, HOLDER]
  return entries.includes(MARK) || entries.every((name) => ours.includes(name))
}

/**
 * The lock is SQLite's own on a file: the system takes it back when the process ends, so that none is ever stale, and
 * no process id that now is somebody else's keeps a suite from starting.
 */
async function takeLock(path: string): Promise<DatabaseSync> {
  const lock = new DatabaseSync(join(path, LOCK))
  try {
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    if (!/locked/.test((error as Error).message)) throw error
    const holder = await readFile(join(path, HOLDER), 'utf8').catch(() => '')
    const who = holder.trim() ? `process ${holder.trim()}` : 'another process'
    throw new CannotStart(
      `A suite is running on ${path} already (${who}). Stop that one, or choose another folder with --data and other ports with --port-base.`,
    )
  }
}
