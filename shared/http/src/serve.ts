import closeWithGrace from 'close-with-grace'
import type { TProperties } from 'typebox'
import type { ServiceDefinition } from './service.ts'

/**
 * The main program of a service that runs in its own process: configuration from the environment, SIGTERM and SIGINT
 * end it gracefully.
 *
 * @param load imports the service; a function, because the movable clock of the test profile must be in place first
 */
export async function serve<Own extends TProperties>(
  load: () => Promise<{ service: ServiceDefinition<Own> }>,
): Promise<void> {
  if (process.env.PROFILE === 'test') await import('@gatehouse/clock/shifted-date')
  const [{ startService }, { service }] = await Promise.all([import('./running-service.ts'), load()])
  const running = await startService(service, process.env)
  closeWithGrace({ delay: 10_000 }, async ({ err }) => {
    if (err) running.app.log.fatal({ err }, 'ended by an error')
    await running.close()
  })
}
