// The register of relying services, and oidc-provider's view of it. Of client secrets only digests are kept, and not even
// those are shown.

import { type ClientRegister, sqlClientRegister } from '@gatehouse/provider/clients/client-register'
import type { Kysely } from 'kysely'
import type { AdapterFactory, ClientMetadata } from 'oidc-provider'
import { authenticatesBySecret, type ClientChange, type ClientEntry, metadataOf } from './client-entry.ts'

interface KeptEntry extends ClientEntry {
  secret_digest?: string
}

/** A relying service as the pages and oidc-provider know it. */
export interface MySsaClient {
  name: string
  metadata: ClientMetadata
}

export interface MySsaClients
  extends Pick<
    ClientRegister<ClientEntry, MySsaClient>,
    'refresh' | 'find' | 'entry' | 'entries' | 'remove'
  > {
  /** Registers, over what is registered under this id. */
  put(change: ClientChange): Promise<'added' | 'replaced' | 'secret_missing'>
  takeFile(entries: readonly ClientChange[]): Promise<void>
}

/** @param digest turns a client secret into what is kept of it */
export function sqlClients(
  database: Kysely<never> | Kysely<unknown>,
  digest: (secret: string) => string,
): MySsaClients {
  const register = sqlClientRegister<KeptEntry, MySsaClient>(
    database,
    ({ secret_digest: kept, ...entry }) => ({ name: entry.client_name, metadata: metadataOf(entry, kept) }),
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
        if (!authenticatesBySecret(entry)) return entry
        const kept = secret === undefined ? present?.secret_digest : digest(secret)
        return kept === undefined ? undefined : { ...entry, secret_digest: kept }
      })
      return outcome === 'unchanged' ? 'secret_missing' : outcome
    },
    takeFile: (entries) =>
      register.takeFile(
        entries.map(({ client_secret: secret, ...entry }) => ({
          ...entry,
          ...(secret === undefined ? {} : { secret_digest: digest(secret) }),
        })),
      ),
  }
}

/** Lets oidc-provider find clients in the register, which is the truth; all else is where `others` keeps it. */
export function withRegister(clients: Pick<MySsaClients, 'find'>, others: AdapterFactory): AdapterFactory {
  return (model) => {
    const adapter = others(model)
    if (model !== 'Client') return adapter
    return { ...adapter, find: async (id) => clients.find(id)?.metadata }
  }
}
