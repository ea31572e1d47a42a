// Look-up secrets (NIST SP 800-63B-4 §3.1.2): written down by the person when issued, each good for one use. Only keyed
// digests are kept, so the table alone tells nobody a secret.

import { randomInt } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { lockAccount } from '../accounts/account-lock.ts'

export type LookUpSecretKind = 'backup_code' | 'personal_key' | 'recovery_code'

export interface LookUpSecrets {
  /**
   * Makes a new set in place of the one of this kind that the account had.
   *
   * @param options how many, and of how many groups of four characters (20 bits a group)
   * @returns the secrets, to be shown once
   */
  issue(
    accountId: string,
    kind: LookUpSecretKind,
    options: { count: number; groups: number },
  ): Promise<string[]>
  /**
   * Spends a secret; of two uses at once one is the use.
   *
   * @param text as entered: case, blanks and hyphens do not matter, nor O for 0, I or L for 1
   */
  use(accountId: string, kind: LookUpSecretKind, text: string): Promise<boolean>
  /** How many are not used yet. */
  left(accountId: string, kind: LookUpSecretKind): Promise<number>
  remove(accountId: string, kind: LookUpSecretKind): Promise<void>
}

interface Tables {
  lookUpSecrets: {
    accountId: string
    kind: string
    digest: string
    madeAt: number
    usedAt: number | null
  }
}

/** Crockford's base32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUP = 4

export function sqlLookUpSecrets(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'digest'>,
): LookUpSecrets {
  const database = anyDatabase as unknown as Kysely<Tables>
  const digestOf = (accountId: string, kind: LookUpSecretKind, text: string) =>
    secrets.digest('look-up secret', `${accountId} ${kind} ${canonical(text)}`)

  return {
    async issue(accountId, kind, { count, groups }) {
      const issued = new Set<string>()
      while (issued.size < count) issued.add(newSecret(groups))
      const rows = [...issued].map((secret) => ({
        accountId,
        kind,
        digest: digestOf(accountId, kind, secret),
        madeAt: now(),
        usedAt: null,
      }))
      await database.transaction().execute(async (transaction) => {
        await lockAccount(transaction, accountId)
        await transaction
          .deleteFrom('lookUpSecrets')
          .where('accountId', '=', accountId)
          .where('kind', '=', kind)
          .execute()
        if (rows.length > 0) await transaction.insertInto('lookUpSecrets').values(rows).execute()
      })
      return [...issued]
    },
    async use(accountId, kind, text) {
      const result = await database
        .updateTable('lookUpSecrets')
        .set({ usedAt: now() })
        .where('accountId', '=', accountId)
        .where('kind', '=', kind)
        .where('digest', '=', digestOf(accountId, kind, text))
        .where('usedAt', 'is', null)
        .executeTakeFirst()
      return result.numUpdatedRows > 0n
    },
    async left(accountId, kind) {
      const { count } = await database
        .selectFrom('lookUpSecrets')
        .select((row) => row.fn.countAll<number>().as('count'))
        .where('accountId', '=', accountId)
        .where('kind', '=', kind)
        .where('usedAt', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    async remove(accountId, kind) {
      await database
        .deleteFrom('lookUpSecrets')
        .where('accountId', '=', accountId)
        .where('kind', '=', kind)
        .execute()
    },
  }
}

function newSecret(groups: number): string {
  const group = () => Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return Array.from({ length: groups }, group).join('-')
}

function canonical(text: string): string {
  return text
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
}
