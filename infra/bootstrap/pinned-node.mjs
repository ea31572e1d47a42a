// @ts-check
// Runs a TypeScript program of this repository in the pinned Node, installing first what is missing. npm puts the
// pinned Node first on the path of its scripts, so once installed we already are in it and need no second process.

import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compileCacheOf, ensureInstalled, pinnedNodeOf } from './installed.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * @param {string} program a file, relative to the root of the repository
 * @param {string[]} args
 */
export async function runInPinnedNode(program, args) {
  const installedNow = ensureInstalled(root)
  const file = join(root, program)
  // Halves the start: V8 keeps the compiled code, and Node the sources with their types stripped.
  process.env.NODE_COMPILE_CACHE ??= compileCacheOf(root)
  if (!installedNow && isPinned(process.execPath)) {
    module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
    process.argv = [process.execPath, file, ...args]
    await import(pathToFileURL(file).href)
  } else {
    runAsChild(file, args)
  }
}

/** @param {string} node */
function isPinned(node) {
  return realpathSync(node) === realpathSync(pinnedNodeOf(root))
}

/** @param {string} file @param {string[]} args */
function runAsChild(file, args) {
  const child = spawn(pinnedNodeOf(root), [file, ...args], { stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal gives Ctrl-C to the child as well; a second one would make it stop without closing.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`The pinned Node could not be started: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (status, signal) => {
    process.exit(status ?? 128 + (signal ? constants.signals[signal] : 0))
  })
}
