import type { AdapterFactory, AdapterPayload, ClientMetadata } from 'oidc-provider'
import { describe } from './relying-services.ts'
import type { RegisteredClients } from './store.ts'
import { entryOf } from './trail.ts'

/**
 * The storage of oidc-provider, which adds a client when the operator registers one (RFC 7591), and never else: that is in
 * the audit trail like what the console does.
 */
export function withAuditedRegistration(adapter: AdapterFactory, clients: RegisteredClients): AdapterFactory {
  const upsert = async (_id: string, payload: AdapterPayload) => {
    const metadata = payload as ClientMetadata
    const after = describe(metadata, 'registered')
    await clients.add(metadata, entryOf({ event: 'registered', by: 'operator' }, { after }))
  }
  return (model) => (model === 'Client' ? { ...adapter(model), upsert } : adapter(model))
}
