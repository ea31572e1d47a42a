import { now } from '@gatehouse/clock/clock'
import type { Revocation, RevocationTarget } from '@gatehouse/contracts/revocations'
import { isStanding } from './access.ts'
import type { RevocationRow, RevocationStore } from './store.ts'

/** Revocations as the contract has them, with how relying services heard of them. */
export async function present(
  store: Pick<RevocationStore, 'reachOf'>,
  rows: readonly RevocationRow[],
): Promise<Revocation[]> {
  if (rows.length === 0) return []
  const reach = await store.reachOf(rows.map(({ revocationId }) => revocationId))
  const at = now()
  return rows.map((row) => ({
    revocationId: row.revocationId,
    target: { kind: row.kind, value: row.value } as RevocationTarget,
    reason: row.reason,
    ...(row.ticket === null ? {} : { ticket: row.ticket }),
    by: row.orderedBy,
    lasting: row.lasting === 1,
    ...(row.endsAt === null ? {} : { endsAt: row.endsAt }),
    orderedAt: row.orderedAt,
    ...(row.instant === null ? {} : { instant: row.instant }),
    ...(row.sequence === null ? {} : { sequence: row.sequence }),
    ended: {
      sessions: row.endedSessions,
      grants: row.endedGrants,
      refreshTokens: row.endedRefreshTokens,
    },
    standing: isStanding(row, at),
    ...(row.reinstatedAt === null
      ? {}
      : {
          reinstatedAt: row.reinstatedAt,
          reinstatedBy: row.reinstatedBy ?? '',
          reinstatementReason: row.reinstatementReason ?? '',
          ...(row.reinstatementTicket === null ? {} : { reinstatementTicket: row.reinstatementTicket }),
        }),
    enforcement: row.enforcement ? JSON.parse(row.enforcement) : [],
    reach: reach
      .filter(({ revocationId }) => revocationId === row.revocationId)
      .map(({ service, channel, state, milliseconds }) => ({ service, channel, state, milliseconds })),
  }))
}
