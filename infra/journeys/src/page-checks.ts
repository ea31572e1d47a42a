// What every page of the suite must hold, looked at in a real browser; and pictures of it for people to look at.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { axeViolations } from './axe.ts'

const WIDE = { width: 1280, height: 900 }
const NARROW = { width: 375, height: 800 }
const PICTURES = process.env.GATEHOUSE_SCREENSHOTS

/**
 * Looks at a page that is shown now: its title, axe with WCAG 2.1 AA and best practice where scripts run, nothing wider
 * than a phone. With `GATEHOUSE_SCREENSHOTS=<folder>` a picture of it is kept at both widths.
 */
export type Look = (page: Page, name: string, title: string) => Promise<void>

/** @param options.javaScript whether scripts run in the pages: axe is one, so without them it cannot look */
export function pageChecks(options: { javaScript: boolean }): Look {
  return async (page, name, title) => {
    assert.equal(await page.title(), title, `the title of ${name}`)
    assert.equal(await page.locator('h1').count(), 1, `${name} has one h1`)
    for (const size of [WIDE, NARROW]) {
      await page.setViewportSize(size)
      if (options.javaScript)
        assert.deepEqual(await axeViolations(page), [], `axe at ${name} at ${size.width} px`)
      const overflow = await page.evaluate<string[]>(TOO_WIDE)
      assert.deepEqual(overflow, [], `${name} at ${size.width} px is wider than the screen`)
      await picture(page, `${name}-${size.width}${options.javaScript ? '' : '-without-scripts'}`)
    }
    await page.setViewportSize(WIDE)
  }
}

/** The elements that make the page scroll sideways; empty where it does not. */
const TOO_WIDE = `document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120)).slice(0, 5)
    .concat(\`\${document.documentElement.scrollWidth} px\`)`

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}

/** What the main part of the page says. */
export async function textOf(page: Page): Promise<string> {
  return (await page.locator('main').textContent()) ?? ''
}

/**
 * Collects what a page complains about from now on: errors on the console, exceptions, and resources that could not be
 * had. A page that is itself an answer with an error status is no complaint.
 */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    const isOwnStatus = /^Failed to load resource: the server responded with a status of 4/.test(
      message.text(),
    )
    if (message.type() === 'error' && !isOwnStatus) complaints.push(`console: ${message.text()}`)
  })
  page.on('response', (response) => {
    const isPage = response.request().isNavigationRequest()
    if (response.status() >= (isPage ? 500 : 400))
      complaints.push(`${response.status()} ${pathOf(response.url())}`)
  })
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    // Leaving a page ends what it was still waiting for, such as a stream of events.
    if (why !== 'net::ERR_ABORTED') complaints.push(`${why} ${pathOf(request.url())}`)
  })
  return complaints
}

/** Without the query, which may hold a code or a state. */
function pathOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
