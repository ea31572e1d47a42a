// The gateway with a clock that can be moved, which tells how much memory it holds. Needs `--expose-gc`.
import { advanceClock } from '@gatehouse/clock/shifted-date'
import { setTimeout as pause } from 'node:timers/promises'

process.on('message', async (message: { advance?: number } | string) => {
  if (typeof message === 'object' && message.advance !== undefined) {
    advanceClock(message.advance)
    process.send?.({ advanced: true })
  }
  if (message !== 'memory') return
  // As thorough as when memory runs out: another collection keeps pages that it freed, for later.
  for (let time = 0; time < 3; time += 1) {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    // Pages are given back by another thread.
    await pause(300)
  }
  process.send?.({ memory: process.memoryUsage.rss() })
})
await import('./gateway.ts')
