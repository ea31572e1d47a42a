import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { ClientRegister } from '@gatehouse/provider/clients/client-register'
import { addClientRoutes as addRegisterRoutes } from '@gatehouse/provider/clients/client-routes'
import type { onRequestAsyncHookHandler } from 'fastify'
import type { Client } from './client.ts'
import { ClientEntry, ClientId, entryProblems } from './client-entry.ts'

export interface ClientRouteParts {
  clients: ClientRegister<ClientEntry, Client>
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

export function addClientRoutes(app: App, { clients, requireOperator, audit }: ClientRouteParts): void {
  addRegisterRoutes(app, {
    schemas: { clientId: ClientId, shown: ClientEntry, change: ClientEntry },
    entry: clients.entry,
    entries: clients.entries,
    remove: clients.remove,
    problemsOf: entryProblems,
    async put(entry) {
      return { isNew: (await clients.put(entry.client_id, () => entry)) === 'added', entry }
    },
    requireOperator,
    audit,
  })
}
