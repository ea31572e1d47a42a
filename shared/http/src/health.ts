import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { Refusal } from './refusal.ts'
import type { App, Readiness } from './service.ts'

/** `GET /health/live`: the process answers. `GET /health/ready`: it can do its work. */
// biome-ignore lint/suspicious/noExplicitAny: any tables will do
export function addHealth(app: App, database: Kysely<any>, readiness: Readiness): void {
  app.get('/health/live', { logLevel: 'warn' }, async () => ({ status: 'live' }))
  app.get('/health/ready', { logLevel: 'warn' }, async (request) => {
    const checks = [
      { name: 'database', check: async () => void (await sql`select 1`.execute(database)) },
      ...readiness,
    ]
    const failing: string[] = []
    for (const { name, check } of checks) {
      try {
        await check()
      } catch (error) {
        request.log.warn({ err: error, check: name }, 'not ready')
        failing.push(name)
      }
    }
    if (failing.length > 0) {
      throw new Refusal('service_unavailable', 'not ready', { failing }, { 'retry-after': '1' })
    }
    return { status: 'ready' }
  })
}
