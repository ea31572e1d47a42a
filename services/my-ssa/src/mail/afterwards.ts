// What is done once a page has been answered, so that neither the answer nor the time it takes tells whether there was
// anything to do. What fails is noted in the log: the page has told the person to try again when nothing comes.

import type { App } from '@gatehouse/http/service'

export interface Afterwards {
  /** @param what named in the log when it fails, such as `username by e-mail` */
  run(what: string, work: () => Promise<void>): void
}

/** The app is not closed before all of it is done. */
export function createAfterwards(app: Pick<App, 'log' | 'addHook'>): Afterwards {
  const running = new Set<Promise<void>>()
  app.addHook('onClose', async () => {
    await Promise.all(running)
  })
  return {
    run(what, work) {
      // Not in this turn: the answer goes first.
      const done: Promise<void> = new Promise((resolve) => setImmediate(resolve))
        .then(work)
        .catch((error) => app.log.error({ err: error, what }, 'what was to be done after an answer failed'))
        .finally(() => running.delete(done))
      running.add(done)
    },
  }
}
