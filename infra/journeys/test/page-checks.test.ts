// That the look at every page sees what it is for, at both widths.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { launchChromium } from '../src/chromium.ts'
import { pageChecks } from '../src/page-checks.ts'

const chromium = await launchChromium()
after(async () => {
  if ('browser' in chromium) await chromium.browser.close()
})
const options = { skip: 'missing' in chromium ? chromium.missing : false, timeout: 180_000 }

/** Shows a page with this inside its `main`. */
async function pageWith(inside: string): Promise<Page> {
  assert.ok('browser' in chromium)
  const page = await chromium.browser.newPage()
  await page.setContent(`<!doctype html><html lang="en"><head><title>A page</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <style>@media (width < 400px) { .pale { color: #aaa } }</style></head>
    <body><main><h1>A page</h1>${inside}</main></body></html>`)
  return page
}

const faults = [
  ['a field without a label', '<input>', /axe at it at 1280 px.*label: input/s],
  [
    'text that is too pale on a phone only',
    '<p class="pale">Read me</p>',
    /axe at it at 375 px.*color-contrast: p/s,
  ],
  ['two headings of the first level', '<h1>Another</h1>', /it has one h1/],
  [
    'something wider than a phone',
    '<p style="width:500px">Wide</p>',
    /it at 375 px is wider than the screen/,
  ],
  ['a frame, which axe would not look into', '<iframe title="Inside"></iframe>', /pages without frames only/],
] as const

for (const [fault, inside, message] of faults) {
  test(`the look at a page sees ${fault}`, options, async (t) => {
    const page = await pageWith(inside)
    t.after(() => page.close())
    await assert.rejects(pageChecks({ javaScript: true })(page, 'it', 'A page'), message)
  })
}

test('the look at a page finds nothing where all is well, also the second time', options, async (t) => {
  const page = await pageWith('<p>All is well.</p>')
  t.after(() => page.close())
  const look = pageChecks({ javaScript: true })
  await look(page, 'it', 'A page')
  await look(page, 'it', 'A page')
})
