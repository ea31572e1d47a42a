// Who may import whom is said by package name, in biome.json. That only holds while nobody goes around a name with
// a path, so a relative import never leaves its workspace. (Biome matches the text of an import, not where it leads.)

import { globSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

interface Crossing {
  file: string
  line: number
  specifier: string
}

const relativeImport = /(?:\bfrom|\bimport)\s*\(?\s*(['"`])(\.{1,2}\/[^'"`\n]*)\1/g

/** Every relative import in `shared`, `services` and `infra` that leads out of its own workspace. */
export function relativeImportsAcrossWorkspaces(root: string): Crossing[] {
  const sources = globSync('{shared,services,infra}/*/**/*.{ts,js,mjs}', {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'var',
  })
  return sources.sort().flatMap((file) => crossingsIn(root, file))
}

function crossingsIn(root: string, file: string): Crossing[] {
  const source = readFileSync(join(root, file), 'utf8')
  return Array.from(source.matchAll(relativeImport), (match) => ({
    file,
    line: source.slice(0, match.index).split('\n').length,
    specifier: match[2] ?? '',
  })).filter(({ specifier }) => {
    const target = relative(root, resolve(root, file, '..', specifier))
    return workspaceOf(target) !== workspaceOf(file)
  })
}

function workspaceOf(path: string): string {
  return path.split(sep).slice(0, 2).join('/')
}
