// Whose credential it is: a provider's own name for an account, beside the subject that sign-in knows it by. Under the
// first codes and letters are sent, the second is in every sign-in.

import { type Static, Type } from 'typebox'
import type { ServiceCalls } from './calls.ts'

export const CredentialHolder = Type.Object({
  subject: Type.String({ description: 'as the provider tells it to sign-in' }),
  owner: Type.String({ description: 'the account at the provider: the owner of codes and letters' }),
  codeOwners: Type.Array(Type.String(), {
    description: 'every owner that codes are sent under for this account; the account itself comes first',
  }),
  phoneNumberEndings: Type.Array(Type.String({ pattern: '^[0-9]{4}$' }), {
    description: 'the last four digits of each phone that gets codes',
  }),
})
export type CredentialHolder = Static<typeof CredentialHolder>
export const CredentialHolders = Type.Object({ holders: Type.Array(CredentialHolder) })

/** One of three. In a body: the ending of a phone number stands in no URL. */
export const HolderSearch = Type.Union([
  Type.Object({ subject: Type.String({ minLength: 1, maxLength: 255 }) }, { additionalProperties: false }),
  Type.Object({ owner: Type.String({ minLength: 1, maxLength: 128 }) }, { additionalProperties: false }),
  Type.Object({ phoneNumberEnding: Type.String({ pattern: '^[0-9]{4}$' }) }, { additionalProperties: false }),
])
export type HolderSearch = Static<typeof HolderSearch>

/** The providers that are ours, and so can be asked. A real one tells nobody. */
export type AskedProvider = 'login-gov' | 'id-me' | 'my-ssa'

/** For the administrators' console (scope `credentials.read`). Sign-in must be a client of the provider. */
export function credentialHolders(calls: ServiceCalls, provider: AskedProvider) {
  const search = async (body: HolderSearch): Promise<CredentialHolder[]> => {
    const { holders } = await calls.call(provider, {
      scope: 'credentials.read',
      method: 'POST',
      path: '/credential-holders/searches',
      body,
      response: CredentialHolders,
    })
    return holders
  }
  return {
    /** The holder of the credential with this subject, if there is one. */
    bySubject: async (subject: string) => (await search({ subject }))[0],
    /** The holder by the provider's own name, which may be any of its `codeOwners`. */
    byOwner: async (owner: string) => (await search({ owner }))[0],
    /** Whoever gets codes on a phone with these last four digits, 50 at the most. */
    byPhoneNumberEnding: (phoneNumberEnding: string) => search({ phoneNumberEnding }),
  }
}
