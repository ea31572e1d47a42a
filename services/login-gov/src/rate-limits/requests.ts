// Requests of one address within a window (fact sheet 6.3). Counted in memory: a flood must not cost a write for each
// request, and nothing is lost that matters when a restart begins a new window.

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Show } from '../browser/frame.ts'
import { languageOf } from '../browser/language.ts'
import { tooManyPage } from './pages.ts'

/** Addresses that are counted at once; beyond that the oldest window is forgotten. */
const MOST_ADDRESSES = 10_000

export interface RequestLimit {
  most: number
  windowMs: number
  /** Makes of an address what may be kept. */
  digest: (address: string) => string
}

/** Refuses what is too much with 429; static files and the health of the service are not counted. */
export function addRequestLimit(app: App, show: Show, { most, windowMs, digest }: RequestLimit): void {
  const windows = new Map<string, { endsAt: number; count: number }>()

  function count(address: string): { endsAt: number; count: number } {
    const key = digest(address)
    let current = windows.get(key)
    if (!current || current.endsAt <= now()) {
      // Taken away first, so that the map keeps the order in which windows began.
      windows.delete(key)
      current = { endsAt: now() + windowMs, count: 0 }
      windows.set(key, current)
      for (const oldest of windows.keys()) {
        if (windows.size <= MOST_ADDRESSES) break
        windows.delete(oldest)
      }
    }
    current.count += 1
    return current
  }

  app.addHook('onRequest', async (request, reply) => {
    const { url, ip } = request
    if (/^\/(assets|health|clock)\//.test(url)) return
    const window = count(ip)
    if (window.count <= most) return
    const left = window.endsAt - now()
    reply.header('retry-after', Math.ceil(left / 1000))
    const language = languageOf(url, request.headers['accept-language'])
    request.visit = { language, session: undefined, timedOut: false }
    return show(request, reply, tooManyPage({ ...language, destination: undefined, left }))
  })
}
