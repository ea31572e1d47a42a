// How every journey in a browser begins: a suite of its own and a Chromium, closed when the file has ended.

import { after, type TestContext } from 'node:test'
import { type Gatehouse, type GatehouseOptions, startGatehouse } from '@gatehouse/testkit/gatehouse'
import type { Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { openVisitor, type VisitorOptions } from './visitor.ts'

export interface Journey {
  gatehouse: Gatehouse
  /** What every test of the file is given: it skips without a browser, and cannot hang. */
  options: { skip: string | false; timeout: number }
  /** A page in a browser without cookies. When the test ends, no page of that browser may have complained. */
  openVisitor(t: TestContext, options?: VisitorOptions): Promise<Page>
}

/** Milliseconds, below what the test command gives a file. Only against hanging: a loaded machine takes many times longer. */
const LIMIT = 240_000

/** To be called once in a file, outside any test; hooks of the file itself run after those of the journey. */
export async function openJourney(suite: GatehouseOptions = {}): Promise<Journey> {
  const [chromium, gatehouse] = await Promise.all([launchChromium(), startGatehouse(suite)])
  after(async () => {
    if ('browser' in chromium) await chromium.browser.close()
    await gatehouse.close()
  })
  return {
    gatehouse,
    options: { skip: 'missing' in chromium ? chromium.missing : false, timeout: LIMIT },
    openVisitor: (t, options) => openVisitor(t, chromium, options),
  }
}
