// The second factors that an account has: what NIST SP 800-63B-4 calls authenticators, but for look-up secrets.

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely, Selectable } from 'kysely'
import { lockAccount } from '../accounts/account-lock.ts'

/** What each kind of authenticator is known by; kept sealed. */
export interface AuthenticatorDetails {
  /** `number` in E.164. */
  phone: { number: string; prefers: 'text' | 'call' }
  /** `secret` in base32. */
  authenticator_app: { secret: string }
  /** A roaming authenticator. Credential and key in base64url, as WebAuthn has them in JSON. */
  security_key: WebAuthnDetails
  /** An authenticator of the person's own device: face or touch unlock, a passkey. */
  platform_authenticator: WebAuthnDetails
  /** PIV or CAC: distinguished names, and the SHA-256 of the certificate in hex. */
  certificate: { subject: string; issuer: string; fingerprint: string }
  /** The provider's own app on a phone, asked by push. */
  push_app: { number: string }
}

export interface WebAuthnDetails {
  credentialId: string
  publicKey: string
  transports: string[]
  isBackedUp: boolean
}

export type AuthenticatorKind = keyof AuthenticatorDetails

export interface Authenticator<Kind extends AuthenticatorKind = AuthenticatorKind> {
  id: string
  accountId: string
  kind: Kind
  /** What the person calls it. */
  name: string
  details: AuthenticatorDetails[Kind]
  /** Grows with each use: the last TOTP step, the signature counter. */
  counter: number
  isDefault: boolean
  createdAt: number
  lastUsedAt: number | undefined
}

export interface NewAuthenticator<Kind extends AuthenticatorKind = AuthenticatorKind> {
  accountId: string
  kind: Kind
  name: string
  details: AuthenticatorDetails[Kind]
  /** Names it across all accounts, such as a credential id; two accounts never share one. */
  identifier?: string
  counter?: number
}

export interface Authenticators {
  /** All of an account, oldest first. */
  of(accountId: string): Promise<Authenticator[]>
  /** Those of one kind, oldest first. */
  ofKind<Kind extends AuthenticatorKind>(accountId: string, kind: Kind): Promise<Authenticator<Kind>[]>
  find(accountId: string, id: string): Promise<Authenticator | undefined>
  /** The one with this identifier, whosever it is. */
  identified<Kind extends AuthenticatorKind>(
    kind: Kind,
    identifier: string,
  ): Promise<Authenticator<Kind> | undefined>
  /** Accounts that have one of this kind, `most` of them at the most, those with the newest first. */
  holders(kind: AuthenticatorKind, most: number): Promise<string[]>
  /**
   * @param most how many of the kind an account may have
   * @returns nothing when there are that many already, or the identifier is somebody's
   */
  add<Kind extends AuthenticatorKind>(
    authenticator: NewAuthenticator<Kind>,
    most?: number,
  ): Promise<Authenticator<Kind> | undefined>
  rename(accountId: string, id: string, name: string): Promise<boolean>
  makeDefault(accountId: string, id: string): Promise<boolean>
  remove(accountId: string, id: string): Promise<boolean>
  /** Takes one away unless it is the only one of the account; of two removals at once one is left. */
  removeUnlessLast(accountId: string, id: string): Promise<boolean>
  /**
   * Notes a use. With `counter` it counts only if that is more than at the last use: of two uses with one code or one
   * signature only the first is a use.
   */
  use(id: string, counter?: number): Promise<boolean>
}

interface AuthenticatorsTable {
  id: string
  accountId: string
  kind: string
  name: string
  sealedDetails: string
  identifier: string | null
  counter: number
  isDefault: number
  createdAt: number
  lastUsedAt: number | null
}

const PURPOSE = 'authenticator'

/** A credential is one credential, whether somebody calls it a security key or a passkey. */
const NAMESPACES: Partial<Record<AuthenticatorKind, string>> = {
  security_key: 'webauthn',
  platform_authenticator: 'webauthn',
}

export function sqlAuthenticators(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal' | 'digest'>,
): Authenticators {
  const database = anyDatabase as unknown as Kysely<{ authenticators: AuthenticatorsTable }>
  const keyOf = (kind: AuthenticatorKind, identifier: string) =>
    secrets.digest(PURPOSE, `${NAMESPACES[kind] ?? kind} ${identifier}`)

  function opened(row: Selectable<AuthenticatorsTable>): Authenticator {
    return {
      id: row.id,
      accountId: row.accountId,
      kind: row.kind as AuthenticatorKind,
      name: row.name,
      details: JSON.parse(secrets.unseal(PURPOSE, row.sealedDetails)),
      counter: row.counter,
      isDefault: row.isDefault === 1,
      createdAt: row.createdAt,
      lastUsedAt: row.lastUsedAt ?? undefined,
    }
  }

  async function rowsOf(accountId: string): Promise<Authenticator[]> {
    const rows = await database
      .selectFrom('authenticators')
      .selectAll()
      .where('accountId', '=', accountId)
      .orderBy('createdAt')
      .orderBy('id')
      .execute()
    return rows.map(opened)
  }

  return {
    of: rowsOf,
    async ofKind<Kind extends AuthenticatorKind>(accountId: string, kind: Kind) {
      const all = await rowsOf(accountId)
      return all.filter((one) => one.kind === kind) as Authenticator<Kind>[]
    },
    async find(accountId, id) {
      return (await rowsOf(accountId)).find((one) => one.id === id)
    },
    async identified<Kind extends AuthenticatorKind>(kind: Kind, identifier: string) {
      const row = await database
        .selectFrom('authenticators')
        .selectAll()
        .where('identifier', '=', keyOf(kind, identifier))
        .where('kind', '=', kind)
        .executeTakeFirst()
      return row && (opened(row) as Authenticator<Kind>)
    },
    async holders(kind, most) {
      const rows = await database
        .selectFrom('authenticators')
        .select('accountId')
        .where('kind', '=', kind)
        .groupBy('accountId')
        .orderBy((row) => row.fn.max('createdAt'), 'desc')
        .limit(most)
        .execute()
      return rows.map(({ accountId }) => accountId)
    },
    async add<Kind extends AuthenticatorKind>(given: NewAuthenticator<Kind>, most = Number.MAX_SAFE_INTEGER) {
      const { accountId, kind, name, details, identifier, counter = 0 } = given
      const row: AuthenticatorsTable = {
        id: randomUUID(),
        accountId,
        kind,
        name,
        sealedDetails: secrets.seal(PURPOSE, JSON.stringify(details)),
        identifier: identifier === undefined ? null : keyOf(kind, identifier),
        counter,
        isDefault: 0,
        createdAt: now(),
        lastUsedAt: null,
      }
      const added = await database.transaction().execute(async (transaction) => {
        // Or of two added at once neither would be in the other's count.
        await lockAccount(transaction, accountId)
        const inserted = await transaction
          .insertInto('authenticators')
          .values(row)
          .onConflict((conflict) => conflict.column('identifier').doNothing())
          .executeTakeFirst()
        if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
        const { count } = await transaction
          .selectFrom('authenticators')
          .select((row) => row.fn.countAll<number>().as('count'))
          .where('accountId', '=', accountId)
          .where('kind', '=', kind)
          .executeTakeFirstOrThrow()
        if (Number(count) <= most) return true
        await transaction.deleteFrom('authenticators').where('id', '=', row.id).execute()
        return false
      })
      return added ? (opened(row) as Authenticator<Kind>) : undefined
    },
    async rename(accountId, id, name) {
      const result = await database
        .updateTable('authenticators')
        .set({ name })
        .where('accountId', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirst()
      return result.numUpdatedRows > 0n
    },
    async makeDefault(accountId, id) {
      const result = await database
        .updateTable('authenticators')
        .set((row) => ({ isDefault: row.case().when('id', '=', id).then(1).else(0).end() }))
        .where('accountId', '=', accountId)
        .where((row) =>
          row.exists(
            row
              .selectFrom('authenticators as mine')
              .select('mine.id')
              .where('mine.id', '=', id)
              .where('mine.accountId', '=', accountId),
          ),
        )
        .executeTakeFirst()
      return result.numUpdatedRows > 0n
    },
    async remove(accountId, id) {
      const result = await database
        .deleteFrom('authenticators')
        .where('accountId', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirst()
      return result.numDeletedRows > 0n
    },
    async removeUnlessLast(accountId, id) {
      return database.transaction().execute(async (transaction) => {
        await lockAccount(transaction, accountId)
        const result = await transaction
          .deleteFrom('authenticators')
          .where('accountId', '=', accountId)
          .where('id', '=', id)
          .where((row) =>
            row.exists(
              row
                .selectFrom('authenticators as other')
                .select('other.id')
                .where('other.accountId', '=', accountId)
                .where('other.id', '!=', id),
            ),
          )
          .executeTakeFirst()
        return result.numDeletedRows > 0n
      })
    },
    async use(id, counter) {
      let update = database.updateTable('authenticators').where('id', '=', id)
      update =
        counter === undefined
          ? update.set({ lastUsedAt: now() })
          : update.set({ lastUsedAt: now(), counter }).where('counter', '<', counter)
      const result = await update.executeTakeFirst()
      return result.numUpdatedRows > 0n
    },
  }
}
