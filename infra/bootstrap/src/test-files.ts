import { globSync } from 'node:fs'

const where = '{shared,services,infra}/**/test/**/*.test.ts'

/**
 * The test files under a root, relative to it. Whole-system journeys come first: they take longest, and two run at a
 * time.
 * @param wanted only files whose path contains one of these; all where empty
 */
export function testFiles(root: string, wanted: string[]): string[] {
  const found = globSync(where, { cwd: root, exclude: (name) => name === 'node_modules' })
  return found
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort((a, b) => Number(isJourney(b)) - Number(isJourney(a)) || a.localeCompare(b))
}

function isJourney(file: string): boolean {
  return file.startsWith('infra/journeys/')
}
