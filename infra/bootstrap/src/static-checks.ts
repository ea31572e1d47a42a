// The checks that only read the sources.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { relativeImportsAcrossWorkspaces } from './workspace-borders.ts'

export interface CheckResult {
  title: string
  passed: boolean
  /** What to show where it failed. */
  output: string
}

/** All of them, side by side, in the order in which they are reported. */
export function staticChecks(root: string): Promise<CheckResult>[] {
  return [
    tool(root, 'types', 'tsc', '-p', '.', '--pretty', 'false'),
    tool(
      root,
      'format, lint, imports by name',
      'biome',
      'ci',
      '.',
      '--error-on-warnings',
      '--max-diagnostics=50',
    ),
    workspaceBorders(root),
    tool(root, 'unused files, exports and dependencies', 'knip', '--no-progress', '--no-config-hints'),
  ]
}

async function workspaceBorders(root: string): Promise<CheckResult> {
  const found = relativeImportsAcrossWorkspaces(root)
  const lines = found.map(({ file, line, specifier }) => `${file}:${line} imports ${specifier}`)
  if (lines.length > 0)
    lines.push('A relative import stays in its workspace; another is imported by its name.')
  return { title: 'imports by path', passed: lines.length === 0, output: lines.join('\n') }
}

function tool(root: string, title: string, command: string, ...args: string[]): Promise<CheckResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', '.bin', command), ...args], {
      cwd: root,
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => resolve({ title, passed: false, output: error.message }))
    child.on('close', (status) => {
      resolve({ title, passed: status === 0, output: Buffer.concat(chunks).toString() })
    })
  })
}
