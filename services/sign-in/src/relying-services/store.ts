import type { Audit, AuditEvent } from '@gatehouse/audit/audit'
import { type OidcModelTable, sqlAdapter } from '@gatehouse/openid-provider/adapter'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import type { AdapterPayload, ClientMetadata } from 'oidc-provider'

/** A registered client as it is kept; `kept` names this very state of it. */
export interface KeptClient {
  clientId: string
  metadata: ClientMetadata
  kept: string
}

/** What changes something takes its entry in the audit trail; both are one commit. */
export interface RegisteredClients {
  /** Sorted by client id, those behind `after`. Their secrets stay sealed. */
  list(after: string | undefined, limit: number): Promise<Omit<KeptClient, 'kept'>[]>
  /** With its secret, if it has one. */
  find(clientId: string): Promise<KeptClient | undefined>
  add(metadata: ClientMetadata, entry: AuditEvent): Promise<void>
  /** Gives false, and changes nothing, unless it is still as it was: of any number at once, one gets true. */
  replace(client: KeptClient, metadata: ClientMetadata, entry: AuditEvent): Promise<boolean>
  /** Of any number at once, one gets true. */
  remove(clientId: string, entry: AuditEvent): Promise<boolean>
}

export function sqlRegisteredClients(
  database: Kysely<OidcModelTable>,
  secrets: Secrets,
  audit: Pick<Audit, 'recordIn'>,
): RegisteredClients {
  const clients = (from: Kysely<OidcModelTable>) => sqlAdapter(from, secrets)('Client')
  const rows = (from: Kysely<OidcModelTable>) =>
    from.selectFrom('oidcModels').select(['id', 'payload']).where('model', '=', 'Client')

  return {
    async list(after, limit) {
      const found = await rows(database)
        .$if(after !== undefined, (query) => query.where('id', '>', after as string))
        .orderBy('id')
        .limit(limit)
        .execute()
      return found.map(({ id, payload }) => ({ clientId: id, metadata: JSON.parse(payload) }))
    },
    async find(clientId) {
      const row = await rows(database).where('id', '=', clientId).executeTakeFirst()
      if (!row) return undefined
      const metadata: ClientMetadata = JSON.parse(row.payload)
      const sealed = metadata.client_secret
      if (sealed) metadata.client_secret = secrets.unseal('client secret', sealed)
      return { clientId, metadata, kept: row.payload }
    },
    add: (metadata, entry) =>
      database.transaction().execute(async (transaction) => {
        await clients(transaction).upsert(metadata.client_id, metadata as AdapterPayload, 0)
        await audit.recordIn(transaction, entry)
      }),
    replace: ({ clientId, kept }, metadata, entry) =>
      database.transaction().execute(async (transaction) => {
        // Writes nothing new: whoever writes the row holds it to the end of the transaction, on both engines.
        const held = await transaction
          .updateTable('oidcModels')
          .set({ payload: kept })
          .where('model', '=', 'Client')
          .where('id', '=', clientId)
          .where('payload', '=', kept)
          .returning('id')
          .executeTakeFirst()
        if (!held) return false
        await clients(transaction).upsert(clientId, metadata as AdapterPayload, 0)
        await audit.recordIn(transaction, entry)
        return true
      }),
    remove: (clientId, entry) =>
      database.transaction().execute(async (transaction) => {
        const removed = await transaction
          .deleteFrom('oidcModels')
          .where('model', '=', 'Client')
          .where('id', '=', clientId)
          .returning('id')
          .executeTakeFirst()
        if (!removed) return false
        await audit.recordIn(transaction, entry)
        return true
      }),
  }
}
