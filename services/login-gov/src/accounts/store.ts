import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely, Selectable } from 'kysely'

/** What proofing has established about a person. */
export interface Profile {
  givenName: string
  familyName: string
  /** YYYY-MM-DD. */
  birthdate: string
  /** Nine digits. */
  socialSecurityNumber: string
  /** E.164; absent when the number was not verified with the identity. */
  phoneNumber?: string
  address: { street: string; locality: string; region: string; postalCode: string }
  /** Whether a photograph of the face was compared with the document. */
  faceMatched: boolean
  /** Milliseconds. */
  verifiedAt: number
}

export interface Account {
  id: string
  /** Lower case. */
  email: string
  /** E.164; where codes go. */
  phoneNumber: string
  /** Absent while the identity is not proofed. */
  profile?: Profile
}

export interface AccountStore {
  find(id: string): Promise<Account | undefined>
  findByEmail(email: string): Promise<{ account: Account; passwordHash: string } | undefined>
  hasEmail(email: string): Promise<boolean>
  /** Keeps a new account, unless there is one with this e-mail address already. */
  add(account: Account, passwordHash: string, at: number): Promise<void>
}

interface AccountsTable {
  id: string
  email: string
  passwordHash: string
  sealedPhoneNumber: string
  sealedProfile: string | null
  createdAt: number
}

/** Accounts in the service's database; phone numbers and profiles are sealed there. */
export function sqlAccountStore(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): AccountStore {
  const database = anyDatabase as unknown as Kysely<{ accounts: AccountsTable }>

  function opened(row: Selectable<AccountsTable>): Account {
    return {
      id: row.id,
      email: row.email,
      phoneNumber: secrets.unseal('phone number', row.sealedPhoneNumber),
      ...(row.sealedProfile ? { profile: JSON.parse(secrets.unseal('profile', row.sealedProfile)) } : {}),
    }
  }

  return {
    async find(id) {
      const row = await database.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
      return row && opened(row)
    },
    async findByEmail(email) {
      const row = await database
        .selectFrom('accounts')
        .selectAll()
        .where('email', '=', email)
        .executeTakeFirst()
      return row && { account: opened(row), passwordHash: row.passwordHash }
    },
    async hasEmail(email) {
      const row = await database
        .selectFrom('accounts')
        .select('id')
        .where('email', '=', email)
        .executeTakeFirst()
      return row !== undefined
    },
    async add(account, passwordHash, at) {
      await database
        .insertInto('accounts')
        .values({
          id: account.id,
          email: account.email,
          passwordHash,
          sealedPhoneNumber: secrets.seal('phone number', account.phoneNumber),
          sealedProfile: account.profile ? secrets.seal('profile', JSON.stringify(account.profile)) : null,
          createdAt: at,
        })
        .onConflict((conflict) => conflict.column('email').doNothing())
        .execute()
    },
  }
}
