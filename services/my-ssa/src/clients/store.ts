// The register of relying services, and oidc-provider's view of it.

import {
  type SecretClientRegister,
  sqlSecretClientRegister,
} from '@gatehouse/provider/clients/secret-client-register'
import type { Kysely } from 'kysely'
import type { AdapterFactory, ClientMetadata } from 'oidc-provider'
import { authenticatesBySecret, type ClientEntry, metadataOf } from './client-entry.ts'

/** A relying service as the pages and oidc-provider know it. */
export interface MySsaClient {
  name: string
  metadata: ClientMetadata
}

export type MySsaClients = SecretClientRegister<ClientEntry, MySsaClient>

/** @param digest turns a client secret into what is kept of it */
export function sqlClients(
  database: Kysely<never> | Kysely<unknown>,
  digest: (secret: string) => string,
): MySsaClients {
  return sqlSecretClientRegister<ClientEntry, MySsaClient>(database, {
    digest,
    clientOf: (entry, kept) => ({ name: entry.client_name, metadata: metadataOf(entry, kept) }),
    needsSecret: authenticatesBySecret,
  })
}

/** Lets oidc-provider find clients in the register, which is the truth; all else is where `others` keeps it. */
export function withRegister(clients: Pick<MySsaClients, 'find'>, others: AdapterFactory): AdapterFactory {
  return (model) => {
    const adapter = others(model)
    if (model !== 'Client') return adapter
    return { ...adapter, find: async (id) => clients.find(id)?.metadata }
  }
}
