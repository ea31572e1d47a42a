// axe in a page that is shown. It goes in once and stays until the page is left: putting it in costs more than a look.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const OPTIONS: RunOptions = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] },
  // What passes would be listed too, element by element, and brought over from the browser.
  resultTypes: ['violations'],
}
const SOURCE = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const VIOLATIONS = `axe.run(document, ${JSON.stringify(OPTIONS)}).then(({ violations }) => violations)`

/**
 * What axe finds against WCAG 2.1 A and AA and best practice, one text for each element; empty where all is well.
 * @throws Error where the page has frames: axe would not look into them
 */
export async function axeViolations(page: Page): Promise<string[]> {
  if (page.frames().length > 1) throw new Error('axe looks at pages without frames only')
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(SOURCE)
  const violations = await page.evaluate<AxeResults['violations']>(VIOLATIONS)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  )
}
