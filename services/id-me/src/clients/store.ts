// Client secrets in the register of relying services: only digests of them are kept, and not even those are shown.

import { type ClientRegister, sqlClientRegister } from '@gatehouse/provider/clients/client-register'
import type { Kysely } from 'kysely'
import type { Client } from './client.ts'
import { type ClientChange, type ClientEntry, clientOf, type NewClientEntry } from './client-entry.ts'

interface KeptEntry extends ClientEntry {
  secret_digest: string
}

export interface SecretClientRegister
  extends Pick<ClientRegister<ClientEntry, Client>, 'refresh' | 'find' | 'entry' | 'entries' | 'remove'> {
  /** Registers, over what is registered under this id. Without a secret the present one stays; a new client needs one. */
  put(change: ClientChange): Promise<'added' | 'replaced' | 'secret_missing'>
  takeFile(entries: readonly NewClientEntry[]): Promise<void>
}

/** @param digest turns a client secret into what is kept of it */
export function sqlClients(
  database: Kysely<never> | Kysely<unknown>,
  digest: (secret: string) => string,
): SecretClientRegister {
  const register = sqlClientRegister(database, ({ secret_digest: kept, ...entry }: KeptEntry) =>
    clientOf(entry, kept),
  )
  const shown = ({ secret_digest: _kept, ...entry }: KeptEntry): ClientEntry => entry
  return {
    refresh: register.refresh,
    find: register.find,
    remove: register.remove,
    entry(clientId) {
      const entry = register.entry(clientId)
      return entry && shown(entry)
    },
    entries: () => register.entries().map(shown),
    async put({ client_secret: secret, ...entry }) {
      const outcome = await register.put(entry.client_id, (present) => {
        const kept = secret === undefined ? present?.secret_digest : digest(secret)
        return kept === undefined ? undefined : { ...entry, secret_digest: kept }
      })
      return outcome === 'unchanged' ? 'secret_missing' : outcome
    },
    takeFile: (entries) =>
      register.takeFile(
        entries.map(({ client_secret: secret, ...entry }) => ({ ...entry, secret_digest: digest(secret) })),
      ),
  }
}
