// The gateway with a clock that can be moved, which tells how much memory it holds. Needs `--expose-gc`.
import { advanceClock } from '@gatehouse/clock/shifted-date'

process.on('message', (message: { advance?: number } | string) => {
  if (typeof message === 'object' && message.advance !== undefined) {
    advanceClock(message.advance)
    process.send?.({ advanced: true })
  }
  if (message !== 'memory') return
  // As thorough as when memory runs out: another collection keeps pages that it freed, for later.
  for (let time = 0; time < 2; time += 1) {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
  process.send?.({ memory: process.memoryUsage.rss() })
})
await import('./gateway.ts')
