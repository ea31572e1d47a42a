// What a client was last given about a person. One row for each person and client, so there is only ever one live code
// and one live access token; a new authorization takes the place of both (fact sheet 0). Digests only.

import type { Kysely, Selectable } from 'kysely'

export interface Grant {
  accountId: string
  clientId: string
  /** The sign-in it hangs on: with that session it ends. */
  signInId: string
  nonce: string
  /** Space separated. */
  scope: string
  acrValues: string
  codeChallenge: string | undefined
  locale: string
  /** What the person presented then; the session may know nothing of it any more when somebody asks. */
  certificate: { subject: string; issuer: string } | undefined
  /** Seconds: when the person last authenticated in full. */
  authenticatedAt: number | undefined
  /** Milliseconds; the code was given out then. */
  handedOffAt: number
}

export interface Grants {
  /** Gives out a code; the code and the access token that the client had for this person are void. */
  handOff(grant: Grant, codeDigest: string): Promise<void>
  findByCode(codeDigest: string): Promise<Grant | undefined>
  /** Exchanges the code for an access token. Of two concurrent calls at most one is told true. */
  redeem(codeDigest: string, tokenDigest: string): Promise<boolean>
  findByToken(tokenDigest: string): Promise<Grant | undefined>
  has(accountId: string, clientId: string): Promise<boolean>
  /** Makes a code worthless that was not exchanged yet. */
  voidCode(accountId: string, clientId: string): Promise<void>
}

interface GrantsTable {
  accountId: string
  clientId: string
  signInId: string
  codeDigest: string | null
  tokenDigest: string | null
  nonce: string
  scope: string
  acrValues: string
  codeChallenge: string | null
  locale: string
  certificate: string | null
  authenticatedAt: number | null
  handedOffAt: number
}

export function sqlGrants(anyDatabase: Kysely<never> | Kysely<unknown>): Grants {
  const database = anyDatabase as unknown as Kysely<{ grants: GrantsTable }>
  return {
    async handOff(
      { accountId, clientId, codeChallenge, certificate, authenticatedAt, ...grant },
      codeDigest,
    ) {
      const row = {
        ...grant,
        codeChallenge: codeChallenge ?? null,
        certificate: certificate ? JSON.stringify(certificate) : null,
        authenticatedAt: authenticatedAt ?? null,
        codeDigest,
        tokenDigest: null,
      }
      await database
        .insertInto('grants')
        .values({ accountId, clientId, ...row })
        .onConflict((conflict) => conflict.columns(['accountId', 'clientId']).doUpdateSet(row))
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
    async redeem(codeDigest, tokenDigest) {
      const row = await database
        .updateTable('grants')
        .set({ codeDigest: null, tokenDigest })
        .where('codeDigest', '=', codeDigest)
        .returning('accountId')
        .executeTakeFirst()
      return row !== undefined
    },
    async findByToken(tokenDigest) {
      const row = await database
        .selectFrom('grants')
        .selectAll()
        .where('tokenDigest', '=', tokenDigest)
        .executeTakeFirst()
      return row && opened(row)
    },
    async has(accountId, clientId) {
      const row = await database
        .selectFrom('grants')
        .select('clientId')
        .where('accountId', '=', accountId)
        .where('clientId', '=', clientId)
        .executeTakeFirst()
      return row !== undefined
    },
    async voidCode(accountId, clientId) {
      await database
        .updateTable('grants')
        .set({ codeDigest: null })
        .where('accountId', '=', accountId)
        .where('clientId', '=', clientId)
        .execute()
    },
  }
}

function opened({
  codeDigest: _code,
  tokenDigest: _token,
  codeChallenge,
  certificate,
  authenticatedAt,
  ...row
}: Selectable<GrantsTable>): Grant {
  return {
    ...row,
    codeChallenge: codeChallenge ?? undefined,
    certificate: certificate ? JSON.parse(certificate) : undefined,
    authenticatedAt: authenticatedAt ?? undefined,
  }
}
