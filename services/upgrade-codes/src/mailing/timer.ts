import type { App } from '@gatehouse/http/service'
import type { Mailing } from './mailing.ts'

/** Milliseconds of real time between two looks for letters that are due. */
const INTERVAL = 2_000

/** Looks at the start and from then on as long as the service runs. Closing waits for what is in hand. */
export function addMailingTimer(app: App, mailing: Pick<Mailing, 'mailDue' | 'close'>): void {
  let timer: ReturnType<typeof setInterval> | undefined
  app.addHook('onReady', async () => {
    void mailing.mailDue()
    timer = setInterval(() => void mailing.mailDue(), INTERVAL)
    timer.unref()
  })
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await mailing.close()
  })
}
