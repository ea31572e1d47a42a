// The register of relying services, each of which has a secret.

import {
  type SecretClientRegister,
  sqlSecretClientRegister,
} from '@gatehouse/provider/clients/secret-client-register'
import type { Kysely } from 'kysely'
import type { Client } from './client.ts'
import { type ClientEntry, clientOf } from './client-entry.ts'

export type IdMeClients = SecretClientRegister<ClientEntry, Client>

/** @param digest turns a client secret into what is kept of it */
export function sqlClients(
  database: Kysely<never> | Kysely<unknown>,
  digest: (secret: string) => string,
): IdMeClients {
  return sqlSecretClientRegister<ClientEntry, Client>(database, {
    digest,
    clientOf(entry, secretDigest) {
      if (secretDigest === undefined) throw new Error('a relying service is registered without a secret')
      return clientOf(entry, secretDigest)
    },
  })
}
