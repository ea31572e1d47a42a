// Clears away what a revocation has ended: sessions, grants, codes, refresh tokens, opaque access tokens. They refuse
// without it, so it may take its time: in batches, each after those were told whom it concerns.

import { setImmediate as giveWay } from 'node:timers/promises'
import { now } from '@gatehouse/clock/clock'
import { type Kysely, sql } from 'kysely'
import type { EndedSession } from './ended.ts'
import { endsSessions, grantsOf, LONGEST_ACCESS_MS, signInsOf, type Tables } from './selection.ts'
import type { RevocationRow } from './store.ts'

// Joins to `oidc_models` are outer joins and filtered here: SQLite takes "all sessions" for a few rows and would begin there.

const BATCH = 500

/** Sign-ins or grants with ids in this range. */
interface Range {
  after: string
  upTo: string
}

export interface ClearingBatch {
  sessions: EndedSession[]
  /** Removes the rows. */
  clear(): Promise<void>
}

const chosenAt = sql<number>`coalesce(grant_facts.granted_at, sign_ins.authenticated_at)`

/** The relying services of a session, and by which `sid` each knows it. */
function authorizationsOf(payload: string): [clientId: string, sid: string | undefined][] {
  const { authorizations = {} } = JSON.parse(payload) as {
    authorizations?: Record<string, { sid?: string } | undefined>
  }
  return Object.entries(authorizations).map(([clientId, authorization]) => [clientId, authorization?.sid])
}

export function createClearing(database: Kysely<Tables>) {
  const since = (row: RevocationRow) => row.orderedAt - LONGEST_ACCESS_MS
  const instantOf = (row: RevocationRow) => row.instant ?? 0

  const signIns = (from: Kysely<Tables>, row: RevocationRow) =>
    signInsOf(from, row, since(row)).where('signIns.authenticatedAt', '<=', instantOf(row))

  function grants(from: Kysely<Tables>, row: RevocationRow) {
    const all = grantsOf(from, row, since(row))
    return endsSessions(row)
      ? all.where('signIns.authenticatedAt', '<=', instantOf(row))
      : all.where(chosenAt, '<=', instantOf(row))
  }

  /** Sessions are gone through by sign-in, everything else by grant. */
  function grantsIn(from: Kysely<Tables>, row: RevocationRow, { after, upTo }: Range) {
    const id = endsSessions(row) ? 'signIns.signInId' : 'grantFacts.grantId'
    return grants(from, row).where(id, '>', after).where(id, '<=', upTo)
  }

  /** Sessions that tell of nothing newer: with one cookie a person may have signed in again. */
  function sessionsIn(from: Kysely<Tables>, row: RevocationRow, { after, upTo }: Range) {
    return signIns(from, row)
      .where('signIns.signInId', '>', after)
      .where('signIns.signInId', '<=', upTo)
      .where('signIns.sessionUid', 'is not', null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('signIns as newer')
              .select('newer.signInId')
              .whereRef('newer.sessionUid', '=', 'signIns.sessionUid')
              .where('newer.authenticatedAt', '>', instantOf(row)),
          ),
        ),
      )
  }

  async function endOfBatch(row: RevocationRow, after: string): Promise<string | undefined> {
    const ids = endsSessions(row)
      ? await signIns(database, row)
          .select('signIns.signInId as id')
          .where('signIns.signInId', '>', after)
          .orderBy('signIns.signInId')
          .limit(BATCH)
          .execute()
      : await grants(database, row)
          .select('grantFacts.grantId as id')
          .where('grantFacts.grantId', '>', after)
          .orderBy('grantFacts.grantId')
          .limit(BATCH)
          .execute()
    return ids.at(-1)?.id
  }

  async function sessionsOf(row: RevocationRow, range: Range): Promise<EndedSession[]> {
    const columns = ['signIns.sessionUid', 'signIns.accountId', 'signIns.idp'] as const
    const found = new Map<string, EndedSession>()
    function session(of: { sessionUid: string | null; accountId: string; idp: string }) {
      const { accountId, idp, sessionUid: sid } = of
      if (sid === null) return undefined
      const one = found.get(sid) ?? { sid, accountId, idp, clients: [], clientSids: {} }
      found.set(sid, one)
      return one
    }
    function add(one: EndedSession | undefined, clientId: string | null, sid?: string) {
      if (!one || clientId === null) return
      if (!one.clients.includes(clientId)) one.clients.push(clientId)
      if (sid !== undefined) one.clientSids[clientId] = sid
    }

    // Whoever logged out has left no rows behind; who is still there says what a revocation that was ordered ended.
    const isGone = row.origin === 'sign-in'
    const ended = await grantsIn(database, row, range)
      .leftJoin('oidcModels', (join) =>
        join.onRef('oidcModels.id', '=', 'grantFacts.grantId').on('oidcModels.model', '=', 'Grant'),
      )
      .select([...columns, 'grantFacts.clientId', 'oidcModels.expiresAt'])
      .execute()
    for (const grant of ended) {
      if (isGone || (grant.expiresAt ?? 0) > now()) add(session(grant), grant.clientId)
    }
    if (endsSessions(row) && isGone) {
      for (const one of await sessionsIn(database, row, range).select(columns).execute()) session(one)
    }
    const sids = endsSessions(row)
      ? sessionsIn(database, row, range)
      : grantsIn(database, row, range).where('signIns.sessionUid', 'is not', null)
    const alive = await sids
      .leftJoin('oidcModels as sessions', (join) =>
        join.onRef('sessions.uid', '=', 'signIns.sessionUid').on('sessions.model', '=', 'Session'),
      )
      .select([...columns, 'sessions.payload', 'sessions.expiresAt'])
      .distinct()
      .execute()
    for (const one of alive) {
      if (one.payload === null || (one.expiresAt ?? 0) <= now()) continue
      const of = endsSessions(row) ? session(one) : found.get(one.sessionUid ?? '')
      for (const [clientId, sid] of authorizationsOf(one.payload)) {
        if (endsSessions(row) || of?.clients.includes(clientId)) add(of, clientId, sid)
      }
    }
    return [...found.values()]
  }

  async function clear(row: RevocationRow, range: Range): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      const grantIds = () => grantsIn(transaction, row, range).select('grantFacts.grantId')
      const models = (model: string) => transaction.deleteFrom('oidcModels').where('model', '=', model)
      const count = ({ numDeletedRows }: { numDeletedRows: bigint }) => Number(numDeletedRows)
      const refreshTokens = await transaction
        .deleteFrom('oidcModels')
        // Not by the index on models, of which most rows may be refresh tokens.
        .where(sql<string>`model || ''`, '=', 'RefreshToken')
        .where('grantId', 'in', grantIds())
        .where('consumedAt', 'is', null)
        .where('expiresAt', '>', now())
        .executeTakeFirst()
      const ended = await models('Grant')
        .where('id', 'in', grantIds())
        .where('expiresAt', '>', now())
        .executeTakeFirst()
      await transaction.deleteFrom('oidcModels').where('grantId', 'in', grantIds()).execute()
      const sessions = endsSessions(row)
        ? await models('Session')
            .where('uid', 'in', sessionsIn(transaction, row, range).select('signIns.sessionUid'))
            .where('expiresAt', '>', now())
            .executeTakeFirst()
        : { numDeletedRows: 0n }
      await transaction
        .updateTable('revocations')
        .set((columns) => ({
          clearedTo: range.upTo,
          endedSessions: columns('endedSessions', '+', count(sessions)),
          endedGrants: columns('endedGrants', '+', count(ended)),
          endedRefreshTokens: columns('endedRefreshTokens', '+', count(refreshTokens)),
        }))
        .where('revocationId', '=', row.revocationId)
        .execute()
    })
  }

  return {
    /** The batches of a revocation whose instant is known, from where it was left. */
    async *batches(row: RevocationRow): AsyncGenerator<ClearingBatch> {
      let after = row.clearedTo ?? ''
      for (;;) {
        const upTo = row.kind === 'token' ? undefined : await endOfBatch(row, after)
        if (upTo === undefined) break
        const range = { after, upTo }
        yield { sessions: await sessionsOf(row, range), clear: () => clear(row, range) }
        after = upTo
        await giveWay()
      }
    },

    async done(revocationId: string): Promise<void> {
      await database
        .updateTable('revocations')
        .set({ clearedAt: now() })
        .where('revocationId', '=', revocationId)
        .execute()
    },
  }
}
