// What gateways acknowledged at other processes of sign-in, by way of the database: so that the administrator's answer
// counts them when there is nothing faster between the processes, or it hangs.

import { now } from '@gatehouse/clock/clock'
import type { Acknowledgement } from '@gatehouse/contracts/revocations'
import type { FastifyBaseLogger } from 'fastify'
import { type Kysely, PostgresAdapter } from 'kysely'
import { FORGOTTEN_AFTER_MS, type Gateways } from './gateways.ts'
import type { RevocationStreamTables } from './tables.ts'

/** Milliseconds between two records of a gateway that has nothing new to say. */
const RECORDED_EVERY_MS = 500
/** Milliseconds between two looks while somebody waits. */
const LOOK_EVERY_MS = 100

export interface GatewayRecords {
  /** Records in the background, if there is news. */
  keep(acknowledgement: Acknowledgement): void
  /** Tells what is recorded now and from then on, until stopped. `first` settles when all was told once. */
  follow(heard: Gateways['heard']): { first: Promise<void>; stop(): void }
}

const nothing: GatewayRecords = { keep() {}, follow: () => ({ first: Promise.resolve(), stop() {} }) }

export function createGatewayRecords(
  database: Kysely<RevocationStreamTables>,
  log: FastifyBaseLogger,
): GatewayRecords {
  // SQLite serves one process, which hears of every gateway itself.
  if (!(database.getExecutor().adapter instanceof PostgresAdapter)) return nothing
  const recorded = new Map<string, { epoch: string; sequence: number; at: number }>()

  async function record({ gateway, name, epoch, sequence }: Acknowledgement): Promise<void> {
    const heardAt = now()
    await database
      .insertInto('revocationGateways')
      .values({ gateway, name, epoch, sequence, heardAt })
      .onConflict((conflict) =>
        conflict
          .column('gateway')
          .doUpdateSet({ name, epoch, sequence, heardAt })
          // Two acknowledgements may overtake each other.
          .where('revocationGateways.heardAt', '<=', heardAt),
      )
      .execute()
  }

  async function forget(): Promise<void> {
    for (const [gateway, { at }] of recorded) {
      if (performance.now() - at > FORGOTTEN_AFTER_MS) recorded.delete(gateway)
    }
    await database
      .deleteFrom('revocationGateways')
      .where('heardAt', '<', now() - FORGOTTEN_AFTER_MS)
      .execute()
  }

  async function tell(heard: Gateways['heard']): Promise<void> {
    const rows = await database
      .selectFrom('revocationGateways')
      .selectAll()
      .where('heardAt', '>', now() - FORGOTTEN_AFTER_MS)
      .execute()
    for (const { heardAt, ...acknowledgement } of rows) {
      heard(acknowledgement, performance.now() - Math.max(0, now() - heardAt))
    }
  }

  const failed = (error: unknown) => log.warn({ err: error }, 'records of gateways')

  return {
    keep(acknowledgement) {
      const { gateway, epoch, sequence } = acknowledgement
      const last = recorded.get(gateway)
      const isOld = !last || performance.now() - last.at > RECORDED_EVERY_MS
      if (!isOld && last.epoch === epoch && last.sequence === sequence) return
      recorded.set(gateway, { epoch, sequence, at: performance.now() })
      record(acknowledgement)
        .then(() => (last ? undefined : forget()))
        .catch(failed)
    },
    follow(heard) {
      const look = () => tell(heard).catch(failed)
      const timer = setInterval(look, LOOK_EVERY_MS)
      return { first: look(), stop: () => clearInterval(timer) }
    },
  }
}
