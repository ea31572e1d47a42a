import type { Kysely, Selectable } from 'kysely'

/** Something to tell the person on the next page that shows it. */
export interface Notice {
  kind: string
  /** Milliseconds, where the words name an instant or what is left until then. */
  until?: number
}

/** The code that a session waits for. */
export interface SessionChallenge {
  channel: 'text' | 'call'
  challengeId: string
  /** Milliseconds. */
  expiresAt: number
  /** The phone that it was sent to. */
  authenticatorId?: string
}

/** How the person of a session has authenticated. */
export interface Authentication {
  /** The methods, in the provider's own words, such as `sms` or `webauthn`. */
  methods: string[]
  /** Milliseconds: when that was; later again when the person authenticates anew. */
  at: number
  /** The browser was known from an earlier sign-in, and no second factor was asked for. */
  isRemembered?: boolean
  /** Milliseconds: when the password was given again since, without another factor. */
  passwordAt?: number
  /** Of the certificate that was presented. */
  certificate?: { subject: string; issuer: string }
}

/** What may change about a session; `null` takes something away. */
export interface SessionChanges {
  /** Set once the password was accepted. */
  accountId?: string | null
  /** Set once the second factor was accepted; tokens hang on it, so it is never used twice. */
  signInId?: string | null
  challenge?: SessionChallenge | null
  /** What a step needs to know when its answer comes, such as the challenge given to a security key. */
  ceremony?: Record<string, unknown> | null
  authentication?: Authentication | null
  notice?: Notice | null
  /** Path, without language prefix, of a page that comes before every other one. */
  detour?: string | null
  /** The relying service's request that waits for the sign-in; its shape is for the protocol to know. */
  pending?: unknown
  /** Relying services that this sign-in has been used for. */
  visited?: string[] | null
  /** Milliseconds; the session ends here however busy it is. */
  endsAt?: number
}

export interface StoredSession {
  /** Digest of the cookie. */
  key: string
  /** Stays when the cookie is renewed. */
  id: string
  accountId: string | undefined
  signInId: string | undefined
  challenge: SessionChallenge | undefined
  ceremony: Record<string, unknown> | undefined
  authentication: Authentication | undefined
  notice: Notice | undefined
  detour: string | undefined
  pending: unknown
  visited: string[]
  /** Milliseconds: the earlier of idle time running out and the end of the session. */
  expiresAt: number
}

export interface SessionStore {
  add(
    key: string,
    id: string,
    changes: SessionChanges,
    expiresAt: number,
    endsAt: number,
  ): Promise<StoredSession>
  /** Keeps a session that is live at `at` until `expiresAt`, and gives it; a dead one stays dead. */
  extend(key: string, at: number, expiresAt: number): Promise<StoredSession | undefined>
  /** Changes a session, and its key if `newKey` is given; gives nothing if the session is gone. */
  change(key: string, changes: SessionChanges, newKey?: string): Promise<StoredSession | undefined>
  /**
   * The same, unless the session is not that of `holder` any more, or the account is suspended or has to reset its
   * password: of a sign-in and whatever shuts the account at once, the latter wins.
   *
   * @param holder account of the session as it was read; nobody's when there was none
   */
  signIn(
    key: string,
    holder: string | undefined,
    accountId: string,
    changes: SessionChanges,
    newKey: string,
  ): Promise<StoredSession | undefined>
  remove(key: string): Promise<void>
  findBySignIn(signInId: string, at: number): Promise<StoredSession | undefined>
  /** Signs the account out of every session but that with the id `exceptId`, and leaves the others a notice. */
  signOutOthers(accountId: string, exceptId: string | undefined, notice: Notice): Promise<void>
  removeExpired(at: number): Promise<void>
}

interface SessionsTable {
  key: string
  id: string
  accountId: string | null
  signInId: string | null
  expiresAt: number
  endsAt: number
  challenge: string | null
  ceremony: string | null
  authentication: string | null
  notice: string | null
  detour: string | null
  pending: string | null
  visited: string | null
}

interface Tables {
  sessions: SessionsTable
  accounts: { id: string; suspended: number; resetRequiredAt: number | null }
}

export function sqlSessionStore(anyDatabase: Kysely<never> | Kysely<unknown>): SessionStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async add(key, id, changes, expiresAt, endsAt) {
      const row = await database
        .insertInto('sessions')
        .values({ key, id, expiresAt, endsAt, ...columnsOf(changes) })
        .returningAll()
        .executeTakeFirstOrThrow()
      return opened(row)
    },
    async extend(key, at, expiresAt) {
      const row = await database
        .updateTable('sessions')
        .set({ expiresAt })
        .where('key', '=', key)
        .where('expiresAt', '>', at)
        .where('endsAt', '>', at)
        .returningAll()
        .executeTakeFirst()
      return row && opened(row)
    },
    async change(key, changes, newKey) {
      const row = await database
        .updateTable('sessions')
        .set({ ...columnsOf(changes), key: newKey ?? key })
        .where('key', '=', key)
        .returningAll()
        .executeTakeFirst()
      return row && opened(row)
    },
    async signIn(key, holder, accountId, changes, newKey) {
      const row = await database
        .updateTable('sessions')
        .set({ ...columnsOf(changes), accountId, key: newKey })
        .where('key', '=', key)
        .where('accountId', holder === undefined ? 'is' : '=', holder ?? null)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('accounts')
                .select('accounts.id')
                .where('accounts.id', '=', accountId)
                .where((row) =>
                  row.or([
                    row('accounts.suspended', '=', 1),
                    row('accounts.resetRequiredAt', 'is not', null),
                  ]),
                ),
            ),
          ),
        )
        .returningAll()
        .executeTakeFirst()
      return row && opened(row)
    },
    async remove(key) {
      await database.deleteFrom('sessions').where('key', '=', key).execute()
    },
    async findBySignIn(signInId, at) {
      const row = await database
        .selectFrom('sessions')
        .selectAll()
        .where('signInId', '=', signInId)
        .where('expiresAt', '>', at)
        .where('endsAt', '>', at)
        .executeTakeFirst()
      return row && opened(row)
    },
    async signOutOthers(accountId, exceptId, notice) {
      await database
        .updateTable('sessions')
        .set({
          accountId: null,
          signInId: null,
          challenge: null,
          ceremony: null,
          authentication: null,
          detour: null,
          visited: null,
          notice: JSON.stringify(notice),
        })
        .where('accountId', '=', accountId)
        .where('id', '!=', exceptId ?? '')
        .execute()
    },
    async removeExpired(at) {
      await database
        .deleteFrom('sessions')
        .where((row) => row.or([row('expiresAt', '<=', at), row('endsAt', '<=', at)]))
        .execute()
    },
  }
}

function columnsOf({
  challenge,
  ceremony,
  authentication,
  notice,
  pending,
  visited,
  ...plain
}: SessionChanges): Partial<SessionsTable> {
  const texts = Object.entries({ challenge, ceremony, authentication, notice, pending, visited })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, value === null ? null : JSON.stringify(value)])
  return { ...plain, ...Object.fromEntries(texts) }
}

function opened(row: Selectable<SessionsTable>): StoredSession {
  const parsed = (text: string | null) => (text === null ? undefined : JSON.parse(text))
  return {
    key: row.key,
    id: row.id,
    accountId: row.accountId ?? undefined,
    signInId: row.signInId ?? undefined,
    challenge: parsed(row.challenge),
    ceremony: parsed(row.ceremony),
    authentication: parsed(row.authentication),
    notice: parsed(row.notice),
    detour: row.detour ?? undefined,
    pending: parsed(row.pending),
    visited: parsed(row.visited) ?? [],
    expiresAt: Math.min(row.expiresAt, row.endsAt),
  }
}
