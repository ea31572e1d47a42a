import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { EntryProblem } from '@gatehouse/provider/clients/client-file'
import { addClientRoutes as addRegisterRoutes } from '@gatehouse/provider/clients/client-routes'
import type { onRequestAsyncHookHandler } from 'fastify'
import { ClientChange, ClientEntry, ClientId } from './client-entry.ts'
import type { MySsaClients } from './store.ts'

export const SECRET_MISSING: EntryProblem = { field: 'client_secret', rule: 'is needed for a new client' }

export interface ClientRouteParts {
  clients: MySsaClients
  problemsOf(change: ClientChange): EntryProblem[]
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

export function addClientRoutes(app: App, { clients, ...parts }: ClientRouteParts): void {
  addRegisterRoutes(app, {
    ...parts,
    schemas: { clientId: ClientId, shown: ClientEntry, change: ClientChange },
    entry: clients.entry,
    entries: clients.entries,
    remove: clients.remove,
    async put(change) {
      const outcome = await clients.put(change)
      if (outcome === 'secret_missing') return SECRET_MISSING
      const { client_secret: _secret, ...entry } = change
      return { isNew: outcome === 'added', entry }
    },
  })
}
