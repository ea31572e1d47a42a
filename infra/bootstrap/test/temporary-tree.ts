import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

/** A folder with these files, by relative path, that is gone when the test ends. */
export function temporaryTree(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-bootstrap-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** The environment without what node:test tells its children, so that a program run by a test may run tests itself. */
export function plainEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT, GATEHOUSE_REQUIRE_ALL, ...rest } = process.env
  return { ...rest, ...more }
}
