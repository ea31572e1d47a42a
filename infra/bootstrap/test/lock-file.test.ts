import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const kinds = ['dependencies', 'devDependencies'] as const

type Manifest = Partial<Record<(typeof kinds)[number], Record<string, string>>>

// An install that writes no lock file settles a difference without a word, on every machine for itself.
test('package-lock.json knows exactly what every package.json declares', () => {
  const { packages }: { packages: Record<string, Manifest> } = read('package-lock.json')
  const workspaces = Object.keys(packages).filter((path) => !path.includes('node_modules'))
  assert.ok(workspaces.length > 1)
  for (const path of workspaces) {
    const manifest: Manifest = read(join(path, 'package.json'))
    for (const kind of kinds) {
      assert.deepEqual(manifest[kind] ?? {}, packages[path]?.[kind] ?? {}, `${path || 'the root'}: ${kind}`)
    }
  }
})

function read(path: string) {
  return JSON.parse(readFileSync(join(repository, path), 'utf8'))
}
