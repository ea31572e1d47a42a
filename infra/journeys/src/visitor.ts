import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { PATIENCE } from './browser-steps.ts'
import type { Chromium } from './chromium.ts'
import { complaintsOf } from './page-checks.ts'

export interface VisitorOptions {
  /** Default `true`. */
  javaScriptEnabled?: boolean
}

/** A page in a browser without cookies. When the test ends, no page of that browser may have complained. */
export async function openVisitor(
  t: TestContext,
  chromium: Chromium,
  options: VisitorOptions = {},
): Promise<Page> {
  assert.ok('browser' in chromium)
  const context = await chromium.browser.newContext(options)
  context.setDefaultTimeout(PATIENCE)
  const complaints: string[][] = []
  context.on('page', (page) => complaints.push(complaintsOf(page)))
  t.after(async () => {
    await context.close()
    assert.deepEqual(complaints.flat(), [])
  })
  return context.newPage()
}
