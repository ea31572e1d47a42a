// A register of relying services that authenticate by secrets: only digests of them are kept, and not even those are shown.

import type { Kysely } from 'kysely'
import { type ClientRegister, sqlClientRegister } from './client-register.ts'

type Changing<Entry> = Entry & { client_secret?: string }

export interface SecretClientRegister<Entry, Client>
  extends Pick<ClientRegister<Entry, Client>, 'refresh' | 'find' | 'entry' | 'entries' | 'remove'> {
  /**
   * Registers, over what is registered under this id. Without a secret the present one stays; a new client that
   * authenticates by a secret needs one.
   */
  put(change: Changing<Entry>): Promise<'added' | 'replaced' | 'secret_missing'>
  takeFile(entries: readonly Changing<Entry>[]): Promise<void>
}

interface Parts<Entry, Client> {
  /** Turns a client secret into what is kept of it. */
  digest(secret: string): string
  /** What the provider makes of an entry. A client that authenticates by a secret has its digest. */
  clientOf(entry: Entry, secretDigest: string | undefined): Client
  /** Whether this client authenticates by a secret; by default each does. */
  needsSecret?(entry: Entry): boolean
}

export function sqlSecretClientRegister<Entry extends { client_id: string }, Client>(
  database: Kysely<never> | Kysely<unknown>,
  { digest, clientOf, needsSecret = () => true }: Parts<Entry, Client>,
): SecretClientRegister<Entry, Client> {
  type Kept = Entry & { secret_digest?: string }
  const shown = ({ secret_digest: _digest, ...entry }: Kept) => entry as unknown as Entry
  const withoutSecret = ({ client_secret: _secret, ...entry }: Changing<Entry>) => entry as unknown as Entry
  const register = sqlClientRegister<Kept, Client>(database, (kept) =>
    clientOf(shown(kept), kept.secret_digest),
  )

  return {
    refresh: register.refresh,
    find: register.find,
    remove: register.remove,
    entry(clientId) {
      const kept = register.entry(clientId)
      return kept && shown(kept)
    },
    entries: () => register.entries().map(shown),
    async put(change) {
      const { client_secret: secret } = change
      const entry = withoutSecret(change)
      const outcome = await register.put(entry.client_id, (present) => {
        if (!needsSecret(entry)) return entry
        const kept = secret === undefined ? present?.secret_digest : digest(secret)
        return kept === undefined ? undefined : { ...entry, secret_digest: kept }
      })
      return outcome === 'unchanged' ? 'secret_missing' : outcome
    },
    takeFile: (changes) =>
      register.takeFile(
        changes.map((change) => {
          const { client_secret: secret } = change
          const entry = withoutSecret(change)
          return secret === undefined ? entry : { ...entry, secret_digest: digest(secret) }
        }),
      ),
  }
}
