import { now } from '@gatehouse/clock/clock'
import type { Reach } from '@gatehouse/contracts/revocations'
import type { Kysely } from 'kysely'
import type { RevocationTables } from '../revocations/tables.ts'

/** How many of the messages about one revocation to one relying service are still on their way, and how many failed. */
export interface Standing {
  waiting: number
  failed: number
}

/**
 * Reports to the administrators how long it took until a relying service had heard all that there was about a revocation.
 *
 * @param recordReach of the revocations
 */
export function createReachReports(
  database: Kysely<RevocationTables>,
  recordReach: (revocationId: string, reach: Reach) => Promise<void>,
) {
  async function record(
    revocationId: string,
    service: string,
    channel: Reach['channel'],
    { waiting, failed }: Standing,
  ): Promise<void> {
    const revocation = await database
      .selectFrom('revocations')
      .select('instant')
      .where('revocationId', '=', revocationId)
      .executeTakeFirst()
    if (!revocation) return
    const isOver = waiting === 0
    await recordReach(revocationId, {
      service,
      channel,
      state: isOver ? (failed > 0 ? 'failed' : 'reached') : 'pending',
      // The instant of the rule is when it was published.
      milliseconds: isOver ? Math.max(0, now() - (revocation.instant ?? now())) : null,
    })
  }

  return {
    /** Messages were stored, to be sent. `standing` is asked again, as another process may send them meanwhile. */
    async begun(
      revocationId: string,
      service: string,
      channel: Reach['channel'],
      standing: () => Promise<Standing>,
    ): Promise<void> {
      const before = await standing()
      // Told of again after a restart, with nothing left to do.
      if (before.waiting === 0) return
      await record(revocationId, service, channel, before)
      const after = await standing()
      if (after.waiting === 0) await record(revocationId, service, channel, after)
    },
    /** A message was taken or given up. */
    settled: record,
  }
}

export type ReachReports = ReturnType<typeof createReachReports>
