// @ts-check
// npm runs this after every install. Whatever happens here, the install stands: a cold start is only slower.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileCacheOf, pinnedNodeOf } from './installed.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const node = pinnedNodeOf(root)
if (existsSync(node)) {
  spawnSync(node, [join(root, 'infra/launcher/src/load.ts')], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCacheOf(root) },
    stdio: 'ignore',
    timeout: 60_000,
  })
}
