import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import { addClientRoutes as addRegisterRoutes } from '@gatehouse/provider/clients/client-routes'
import type { onRequestAsyncHookHandler } from 'fastify'
import { ClientChange, ClientEntry, ClientId, entryProblems } from './client-entry.ts'
import type { IdMeClients } from './store.ts'

export interface ClientRouteParts {
  clients: IdMeClients
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

export function addClientRoutes(app: App, { clients, requireOperator, audit }: ClientRouteParts): void {
  addRegisterRoutes(app, {
    schemas: { clientId: ClientId, shown: ClientEntry, change: ClientChange },
    entry: clients.entry,
    entries: clients.entries,
    remove: clients.remove,
    problemsOf: ({ client_secret: _secret, ...entry }) => entryProblems(entry),
    async put(change) {
      const outcome = await clients.put(change)
      if (outcome === 'secret_missing') return { field: 'client_secret', rule: 'is needed for a new client' }
      const { client_secret: _secret, ...entry } = change
      return { isNew: outcome === 'added', entry }
    },
    requireOperator,
    audit,
  })
}
