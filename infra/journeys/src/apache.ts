// Apache with mod_auth_openidc, in a folder of its own, on a loopback port.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const PROGRAM = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'
const START_TRIES = 100

/** Why Apache cannot be had here, in words for a skipped test; nothing when it can. */
export function apacheIsMissing(): string | undefined {
  const isThere = existsSync(PROGRAM) && existsSync(`${MODULES}/mod_auth_openidc.so`)
  return isThere ? undefined : 'Apache with mod_auth_openidc was not found'
}

/** Where the provider sends people back to an Apache on this port. */
export function redirectUriAt(port: number): string {
  return `http://localhost:${port}/protected/callback`
}

export interface ApacheOptions {
  port: number
  /** Directives of mod_auth_openidc. */
  settings: Record<string, string>
  /** Claims that the protected page shows, one `name=value` on each line. */
  claims: string[]
}

export interface Apache {
  url: string
  /** What Apache has to say for itself. */
  errors(): Promise<string>
  stop(): Promise<void>
}

/** @throws Error with Apache's own words when it does not listen within ten seconds */
export async function startApache({ port, settings, claims }: ApacheOptions): Promise<Apache> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-apache-'))
  // Read by Apache after it has given up being root.
  await chmod(folder, 0o755)
  const url = `http://localhost:${port}`
  await mkdir(join(folder, 'www', 'protected'), { recursive: true })
  const shown = claims.map((claim) => `${claim}=<!--#echo var="OIDC_CLAIM_${claim}" -->`).join('\n')
  await writeFile(join(folder, 'www', 'protected', 'index.shtml'), `${shown}\n`)
  const modules = [
    'mpm_event',
    'authz_core',
    'authz_user',
    'authn_core',
    'dir',
    'mime',
    'include',
    'auth_openidc',
  ]
  const errors = join(folder, 'error.log')
  const isRoot = process.getuid?.() === 0
  const configuration = [
    ...modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    `ServerRoot ${folder}`,
    `ServerName localhost`,
    `Listen 127.0.0.1:${port}`,
    `PidFile ${join(folder, 'pid')}`,
    `ErrorLog ${errors}`,
    'Mutex pthread',
    // Root is given up by Apache itself.
    ...(isRoot ? ['User www-data', 'Group www-data'] : []),
    `DocumentRoot ${join(folder, 'www')}`,
    `OIDCRedirectURI ${redirectUriAt(port)}`,
    `OIDCCryptoPassphrase ${randomBytes(16).toString('hex')}`,
    'OIDCCacheType shm',
    ...Object.entries(settings).map(([name, value]) => `${name} ${value}`),
    '<Location /protected>',
    'AuthType openid-connect',
    'Require valid-user',
    'Options +Includes',
    '</Location>',
    'TypesConfig /dev/null',
    'AddType text/html .shtml',
    'AddOutputFilter INCLUDES .shtml',
    'DirectoryIndex index.shtml',
  ]
  const file = join(folder, 'apache.conf')
  // It holds the client's secret; Apache reads it while it is still who started it.
  await writeFile(file, `${configuration.join('\n')}\n`, { mode: 0o600 })
  const apache = spawn(PROGRAM, ['-DFOREGROUND', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  apache.stderr.on('data', (chunk) => {
    said += chunk
  })
  const ended = new Promise<void>((resolve) => apache.once('exit', () => resolve()))
  const stop = async () => {
    apache.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const readErrors = () => readFile(errors, 'utf8').catch(() => '')
  for (let tries = 0; tries < START_TRIES; tries++) {
    if (apache.exitCode !== null) break
    const answer = await fetch(url).catch(() => undefined)
    if (answer) return { url, errors: readErrors, stop }
    await pause(100)
  }
  const log = await readErrors()
  await stop()
  throw new Error(`Apache does not listen: ${said} ${log}`)
}

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
