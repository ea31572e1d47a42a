// @ts-check
// Makes node_modules what package-lock.json says, and only when it is not so already. Runs on Node 20 with nothing
// installed, so this file and its neighbours are plain JavaScript without dependencies. Nothing here writes to stdout.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where the pinned Node lies, as the npm package `node` puts it there. @param {string} root */
export function pinnedNodeOf(root) {
  return join(root, 'node_modules', 'node', 'bin', 'node')
}

/** Where Node keeps compiled code between runs. @param {string} root */
export function compileCacheOf(root) {
  return join(root, 'node_modules', '.cache', 'compiled')
}

/**
 * Installs what is missing, in the foreground. Ends the process with a plain message when that fails.
 * @param {string} root the folder of package-lock.json
 * @returns {boolean} whether anything had to be installed
 */
export function ensureInstalled(root) {
  const modules = join(root, 'node_modules')
  const unfinished = join(modules, '.unfinished')
  let worked = false
  if (existsSync(unfinished) || !matchesLock(root)) {
    say('Installing the packages that package-lock.json lists (npm install). This is needed once.')
    // What an install that was cut off left behind looks complete to npm, so it starts from nothing.
    if (existsSync(unfinished) || !existsSync(hiddenLockOf(root)))
      rmSync(modules, { recursive: true, force: true })
    mkdirSync(modules, { recursive: true })
    writeFileSync(unfinished, '')
    // Not `npm ci`: it refuses a lock file that lacks the binaries of platforms which a registry does not carry.
    if (!npm(root, 'install', '--no-save', '--include=dev'))
      giveUp('npm install failed; its messages are above.')
    rmSync(unfinished)
    worked = true
  }
  if (!existsSync(pinnedNodeOf(root))) {
    // npm leaves the package without its program where install scripts were off at the time.
    say('Fetching the pinned Node (npm rebuild node).')
    npm(root, 'rebuild', 'node')
    worked = true
  }
  if (!existsSync(pinnedNodeOf(root))) {
    giveUp(
      'The pinned Node is missing: node_modules/node/bin/node was not made, because npm did not run the install\n' +
        'script of the package "node". Usual causes: the npm setting ignore-scripts, or no way to the npm registry.\n' +
        'Try: npm rebuild node --ignore-scripts=false --foreground-scripts',
    )
  }
  return worked
}

/**
 * npm writes node_modules/.package-lock.json as the last step of an install: where it is missing the install was not
 * finished, and where it names other versions the lock file has moved on.
 * @param {string} root
 */
function matchesLock(root) {
  const wanted = packagesIn(join(root, 'package-lock.json'))
  const present = packagesIn(hiddenLockOf(root))
  if (!wanted) giveUp('package-lock.json is missing or is no JSON; it comes with the repository.')
  if (!present) return false
  return Object.entries(wanted).every(([path, entry]) => {
    const found = present[path]
    // The root is in no hidden lock file, and optional packages are mostly those of other platforms.
    if (!found) return path === '' || entry.optional
    return found.version === entry.version && found.link === entry.link
  })
}

/** @param {string} root */
function hiddenLockOf(root) {
  return join(root, 'node_modules', '.package-lock.json')
}

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean }} LockEntry
 * @param {string} lockFile
 * @returns {Record<string, LockEntry> | undefined}
 */
function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** @param {string} root @param {string[]} args */
function npm(root, ...args) {
  // The machine's own Node must run npm: the one in node_modules is about to be replaced.
  const inside = join(root, 'node_modules')
  const outside = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(inside))
  const { status, error } = spawnSync('npm', [...args, '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { ...process.env, PATH: outside.join(delimiter) },
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  })
  if (error) say(`npm could not be started: ${error.message}`)
  return status === 0
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`)
}

/** @param {string} reason @returns {never} */
function giveUp(reason) {
  say(reason)
  process.exit(1)
}
