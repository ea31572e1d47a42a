import type { App } from '@gatehouse/http/service'
import type { AccountResets } from './account-resets.ts'

/** Milliseconds of real time: soon enough for somebody who has just moved the clock of a test. */
const INTERVAL = 2_000

/** Sends the letters that are due, as long as the service runs. Closing waits for those under way. */
export function addAccountResetTimer(app: App, resets: AccountResets): AccountResets {
  let timer: ReturnType<typeof setInterval> | undefined
  let running: Promise<void> = Promise.resolve()

  app.addHook('onReady', async () => {
    timer = setInterval(() => {
      running = resets.grantDue().catch((error) => app.log.warn({ err: error }, 'letters could not be sent'))
    }, INTERVAL)
    timer.unref()
  })
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await running
  })
  return resets
}
