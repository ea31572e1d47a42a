// Whether access is ended: one question, asked of the stored revocations whenever a session is used, a code or a refresh
// token redeemed, a token issued. A revocation counts from its commit on, before any row that it ends is gone.

import { now } from '@gatehouse/clock/clock'
import type { MatchBy, RevocationKind } from '@gatehouse/contracts/revocations'
import type { ExpressionBuilder, Kysely } from 'kysely'
import type { RevocationTables } from './tables.ts'

/** A sign-in that somebody wants to use. */
export interface SignInAccess {
  accountId: string
  idp: string
  subject: string
  /** Milliseconds. */
  authenticatedAt: number
  sessionUid?: string | null
}

/** What came of it at a relying service. */
export interface GrantAccess extends SignInAccess {
  clientId: string | null
  bsoUserId: string | null
  ein: string | null
  /** When the person began to choose what it is for; without it, when they authenticated. */
  grantedAt: number | null
}

/** `once`: the person may sign in again. `lasting`: not before it ends or is reinstated. */
export type AccessEnd = 'once' | 'lasting'

/** `tied`: nothing ends it, but a token of that second would be refused for a revocation of the same second. */
export type TokenEnd = AccessEnd | 'tied'

type Target = [kind: RevocationKind | MatchBy, value: string]
type Targets = readonly (readonly [...Target, since: number])[]
type Rows = ExpressionBuilder<RevocationTables, 'revocations'>

/** What a grant is named by in rules. */
export const grantName = (clientId: string, sessionUid: string) => `${clientId} ${sessionUid}`

export const isStanding = (
  { lasting, reinstatedAt, endsAt }: { lasting: number; reinstatedAt: number | null; endsAt: number | null },
  at: number,
) => lasting === 1 && reinstatedAt === null && (endsAt === null || endsAt > at)

/** The same as a condition. */
export const standingAt = (at: number) => (row: Rows) =>
  row.and([
    row('lasting', '=', 1),
    row('reinstatedAt', 'is', null),
    row.or([row('endsAt', 'is', null), row('endsAt', '>', at)]),
  ])

export function createAccess(database: Kysely<RevocationTables>) {
  /** @param targets each with the instant from which on a revocation of it is found */
  const found = (targets: Targets, at: number) =>
    database
      .selectFrom('revocations')
      .select(['kind', 'instant', 'lasting', 'reinstatedAt', 'endsAt'])
      // Each alternative is found by the index on kind and value.
      .where((row) =>
        row.or(
          targets.map(([kind, value, since]) =>
            row.and([
              row('kind', '=', kind),
              row('value', '=', value),
              row.or([
                // A tie counts, and so does a revocation whose instant is not known yet.
                row('instant', 'is', null),
                row('instant', '>=', since),
                standingAt(at)(row),
              ]),
            ]),
          ),
        ),
      )
      .execute()

  /**
   * @param targets each with the instant from which on a revocation of it counts, one of a kind
   * @param issuedAt of a token that is to come of it, milliseconds
   */
  async function endBy(targets: Targets, issuedAt = Number.POSITIVE_INFINITY): Promise<TokenEnd | undefined> {
    const at = now()
    const rows = await found(
      targets.map(([kind, value, since]) => [kind, value, Math.min(since, issuedAt)] as const),
      at,
    )
    if (rows.some((row) => isStanding(row, at))) return 'lasting'
    const sinceOf = new Map(targets.map(([kind, , since]) => [kind, since]))
    const isEnded = rows.some(({ kind, instant }) => instant === null || instant >= (sinceOf.get(kind) ?? 0))
    if (isEnded) return 'once'
    return rows.length > 0 ? 'tied' : undefined
  }

  async function accessEndBy(targets: Targets): Promise<AccessEnd | undefined> {
    // Without a token there is nothing to be tied.
    return (await endBy(targets)) as AccessEnd | undefined
  }

  function targetsOf({ accountId, idp, subject, authenticatedAt, sessionUid }: SignInAccess) {
    return [
      ['account', accountId, authenticatedAt],
      ['credential', `${idp}:${subject}`, authenticatedAt],
      ['provider', idp, authenticatedAt],
      ['everything', '*', authenticatedAt],
      ['session', sessionUid ?? '', authenticatedAt],
    ] as const
  }

  function targetsOfGrant(grant: GrantAccess) {
    const { clientId, sessionUid, bsoUserId, ein, authenticatedAt, grantedAt } = grant
    const since = grantedAt ?? authenticatedAt
    return [
      ...targetsOf(grant),
      ['client', clientId ?? '', since],
      ['grant', grantName(clientId ?? '', sessionUid ?? ''), since],
      ['bso_user_id', bsoUserId ?? '', since],
      ['ein', ein ?? '', since],
    ] as const
  }

  async function standing(kind: RevocationKind): Promise<string[]> {
    const rows = await database
      .selectFrom('revocations')
      .select('value')
      .distinct()
      .where('kind', '=', kind)
      .where(standingAt(now()))
      .execute()
    return rows.map(({ value }) => value)
  }

  return {
    /** Whether this sign-in, or the session that came of it, is over. */
    endOfSignIn: (signIn: SignInAccess) => accessEndBy(targetsOf(signIn)),

    /**
     * Whether nothing may come of this grant any more. What it ends at a client, a User ID or a company is what was
     * chosen up to then: whoever chooses again while the sign-in counts has chosen after it.
     */
    endOfGrant: (grant: GrantAccess) => accessEndBy(targetsOfGrant(grant)),

    /**
     * Whether an access token may come of this grant. Gateways compare instants with `iat`, which counts seconds.
     *
     * @param issuedAt `iat` in milliseconds
     */
    endOfToken: (grant: GrantAccess, issuedAt: number) => endBy(targetsOfGrant(grant), issuedAt),

    /** Whether this access token was ended by itself (RFC 7009). */
    async isTokenEnded(tokenId: string): Promise<boolean> {
      return (await endBy([['token', tokenId, 0]])) !== undefined
    },

    /**
     * Whether a revocation as old as this or newer ends what a service or client got in its own name.
     *
     * @param issuedAt milliseconds
     */
    async isClientTokenEnded(clientId: string, issuedAt: number): Promise<boolean> {
      const end = await endBy([
        ['client', clientId, issuedAt],
        ['everything', '*', issuedAt],
      ])
      return end !== undefined
    },

    /** Whether the client may do nothing at present. */
    async isClientEnded(clientId: string): Promise<boolean> {
      const row = await database
        .selectFrom('revocations')
        .select('revocationId')
        .where('kind', '=', 'client')
        .where('value', '=', clientId)
        .where(standingAt(now()))
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },

    /** Those of `providers` by which people may sign in at present. */
    async withoutEnded<Provider extends { id: string }>(providers: readonly Provider[]): Promise<Provider[]> {
      const ended = new Set(await standing('provider'))
      return providers.filter(({ id }) => !ended.has(id))
    },
  }
}

export type Access = ReturnType<typeof createAccess>
