// Credentials by the provider's own names: under those codes and letters are sent. Providers of the test profile tell them; a
// real one tells nobody.

import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import {
  type AskedProvider,
  type CredentialHolder,
  credentialHolders,
} from '@gatehouse/contracts/credential-holders'
import type { PersonCredential } from '@gatehouse/contracts/people'
import type { ServiceName } from '@gatehouse/contracts/services'

/** The provider's name in tokens, beside the service that it is here. */
const OURS: Record<string, AskedProvider> = { 'login.gov': 'login-gov', 'id.me': 'id-me', 'my-ssa': 'my-ssa' }

/** Those that there are, by their names in tokens. */
export function askedProviders(services: readonly ServiceName[]): ReadonlyMap<string, AskedProvider> {
  return new Map(Object.entries(OURS).filter(([, service]) => services.includes(service)))
}

/** A credential, and what its provider says of it: `undefined` where it said nothing. */
export interface Held {
  idp: string
  subject: string
  /** The provider as a service of the suite; of a real one its name in tokens. */
  provider: string
  holder: CredentialHolder | 'unknown' | undefined
}

export function createHeldCredentials(calls: ServiceCalls, providers: ReadonlyMap<string, AskedProvider>) {
  async function held({ idp, subject }: PersonCredential): Promise<Held> {
    const service = providers.get(idp)
    if (!service) return { idp, subject, provider: idp, holder: undefined }
    try {
      const holder = await credentialHolders(calls, service).bySubject(subject)
      return { idp, subject, provider: service, holder: holder ?? 'unknown' }
    } catch (error) {
      if (!(error instanceof CallFailed || error instanceof CallRefused)) throw error
      return { idp, subject, provider: service, holder: undefined }
    }
  }
  return (credentials: readonly PersonCredential[]) => Promise.all(credentials.map(held))
}
