import assert from 'node:assert/strict'
import type { Gateway } from './gateway-under-test.ts'

export interface Probe {
  /** By the clock of `performance.now()`: before the request left. */
  startedAt: number
  status: number
  code: string | undefined
  retryAfter: string | null
}

export async function probe(gateway: Gateway, token: string): Promise<Probe> {
  const startedAt = performance.now()
  const response = await fetch(`${gateway.origin}/cbsv/probe`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const { code } = (await response.json()) as { code?: string }
  return { startedAt, status: response.status, code, retryAfter: response.headers.get('retry-after') }
}

/** Asks with this token again and again, until stopped; answers everything that was answered. */
export function probing(gateway: Gateway, token: string) {
  const answers: Probe[] = []
  let isOver = false
  const running = (async () => {
    while (!isOver) {
      answers.push(await probe(gateway, token))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  // Reported by `stop`.
  running.catch(() => {})
  return {
    answers,
    async stop() {
      isOver = true
      await running
    },
  }
}

/** Waits until `condition` holds; fails after twenty seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > deadline) assert.fail(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}
