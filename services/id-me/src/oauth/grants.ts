// What a client was given about a person: one grant for each code, and the tokens that came of it. Whoever uses a code
// again revokes the grant and with it every token (fact sheet 4). Digests only; a row is kept until nothing of the
// grant could be alive any more, or a second use would not be known as one.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Kysely, Selectable } from 'kysely'
import type { Attribute } from './attributes.ts'

export interface Grant {
  id: string
  accountId: string
  clientId: string
  redirectUri: string
  /** Space separated, as it was asked for. */
  scope: string
  /** The policy in it. */
  policy: string
  /** What the person allowed the client to be told. */
  attributes: Attribute[]
  nonce: string | undefined
  codeChallenge: string | undefined
  /** Whether the person gave a second factor. */
  multifactor: boolean
  /** Milliseconds. */
  codeExpiresAt: number
  codeIsUsed: boolean
  isRevoked: boolean
}

export type NewGrant = Omit<Grant, 'id' | 'codeIsUsed' | 'isRevoked'>

/** Digests with milliseconds at which they end. */
export interface IssuedTokens {
  access: { digest: string; expiresAt: number }
  refresh: { digest: string; expiresAt: number } | undefined
}

export interface Grants {
  handOff(grant: NewGrant, codeDigest: string): Promise<void>
  findByCode(codeDigest: string): Promise<Grant | undefined>
  /** Spends the code. Of two calls at most one is told true; whoever is told false has used it again. */
  redeem(codeDigest: string, tokens: IssuedTokens): Promise<boolean>
  /** The grant of a token that has not expired, and whether the token was used. Revoked grants have no tokens. */
  findByToken(kind: TokenKind, digest: string): Promise<{ grant: Grant; isUsed: boolean } | undefined>
  /** Spends an access token. Of two calls at most one is told true. */
  useAccessToken(digest: string): Promise<boolean>
  /** Spends a refresh token for new tokens. Of two calls at most one is told true. */
  refresh(grantId: string, digest: string, tokens: IssuedTokens): Promise<boolean>
  revoke(id: string): Promise<void>
}

export type TokenKind = 'access' | 'refresh'

interface Tables {
  grants: {
    id: string
    accountId: string
    clientId: string
    redirectUri: string
    scope: string
    policy: string
    attributes: string
    nonce: string | null
    codeChallenge: string | null
    multifactor: number
    codeDigest: string
    codeExpiresAt: number
    codeUsedAt: number | null
    revokedAt: number | null
    endsAt: number
  }
  tokens: { digest: string; grantId: string; kind: TokenKind; expiresAt: number; usedAt: number | null }
}

export function sqlGrants(anyDatabase: Kysely<never> | Kysely<unknown>): Grants {
  const database = anyDatabase as unknown as Kysely<Tables>

  async function keep(transaction: Kysely<Tables>, grantId: string, { access, refresh }: IssuedTokens) {
    const rows = [
      { ...access, kind: 'access' as const, grantId, usedAt: null },
      ...(refresh ? [{ ...refresh, kind: 'refresh' as const, grantId, usedAt: null }] : []),
    ]
    await transaction.insertInto('tokens').values(rows).execute()
    const endsAt = Math.max(...rows.map(({ expiresAt }) => expiresAt))
    await transaction
      .updateTable('grants')
      .set({ endsAt })
      .where('id', '=', grantId)
      .where('endsAt', '<', endsAt)
      .execute()
  }

  async function spend(on: Kysely<Tables>, kind: TokenKind, digest: string): Promise<boolean> {
    const row = await on
      .updateTable('tokens')
      .set({ usedAt: now() })
      .where('digest', '=', digest)
      .where('kind', '=', kind)
      .where('usedAt', 'is', null)
      .where('expiresAt', '>', now())
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('grants')
            .select('grants.id')
            .whereRef('grants.id', '=', 'tokens.grantId')
            .where('grants.revokedAt', 'is', null),
        ),
      )
      .returning('digest')
      .executeTakeFirst()
    return row !== undefined
  }

  return {
    async handOff({ codeChallenge = null, nonce = null, attributes, multifactor, ...grant }, codeDigest) {
      await database.deleteFrom('tokens').where('expiresAt', '<=', now()).execute()
      await database.deleteFrom('grants').where('endsAt', '<=', now()).execute()
      await database
        .insertInto('grants')
        .values({
          ...grant,
          id: randomUUID(),
          attributes: attributes.join(' '),
          codeChallenge,
          nonce,
          multifactor: multifactor ? 1 : 0,
          codeDigest,
          codeUsedAt: null,
          revokedAt: null,
          endsAt: grant.codeExpiresAt,
        })
        .execute()
    },
    async findByCode(codeDigest) {
      const row = await database
        .selectFrom('grants')
        .selectAll()
        .where('codeDigest', '=', codeDigest)
        .executeTakeFirst()
      return row && opened(row)
    },
    redeem: (codeDigest, tokens) =>
      database.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('grants')
          .set({ codeUsedAt: now() })
          .where('codeDigest', '=', codeDigest)
          .where('codeUsedAt', 'is', null)
          .where('codeExpiresAt', '>', now())
          .where('revokedAt', 'is', null)
          .returning('id')
          .executeTakeFirst()
        if (row) await keep(transaction, row.id, tokens)
        return row !== undefined
      }),
    async findByToken(kind, digest) {
      const row = await database
        .selectFrom('tokens')
        .innerJoin('grants', 'grants.id', 'tokens.grantId')
        .selectAll('grants')
        .select('tokens.usedAt')
        .where('tokens.digest', '=', digest)
        .where('tokens.kind', '=', kind)
        .where('tokens.expiresAt', '>', now())
        .where('grants.revokedAt', 'is', null)
        .executeTakeFirst()
      return row && { grant: opened(row), isUsed: row.usedAt !== null }
    },
    useAccessToken: (digest) => spend(database, 'access', digest),
    refresh: (grantId, digest, tokens) =>
      database.transaction().execute(async (transaction) => {
        const isSpent = await spend(transaction, 'refresh', digest)
        if (isSpent) await keep(transaction, grantId, tokens)
        return isSpent
      }),
    async revoke(id) {
      await database
        .updateTable('grants')
        .set({ revokedAt: now() })
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .execute()
    },
  }
}

function opened(row: Selectable<Tables['grants']>): Grant {
  return {
    id: row.id,
    accountId: row.accountId,
    clientId: row.clientId,
    redirectUri: row.redirectUri,
    scope: row.scope,
    policy: row.policy,
    attributes: row.attributes.split(' ') as Attribute[],
    nonce: row.nonce ?? undefined,
    codeChallenge: row.codeChallenge ?? undefined,
    multifactor: row.multifactor === 1,
    codeExpiresAt: row.codeExpiresAt,
    codeIsUsed: row.codeUsedAt !== null,
    isRevoked: row.revokedAt !== null,
  }
}
